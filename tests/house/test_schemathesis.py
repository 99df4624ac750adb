"""Schemathesis asks every operation of ``/schema/``: whatever is sent, the answer is one that the schema declares.

Each example's writes are rolled back, so that a sign-out or a delete leaves the cast for the next one.

Checks that are left out, and why:

- ``negative_data_rejection``, ``missing_required_header``: the vendor's habits want unknown members, parameters and
  headers ignored, and JSON whatever ``Accept`` and ``Content-Type`` say;
- ``positive_data_acceptance``: OAuth's rules stand in RFCs, not in a schema; a random code or client is refused;
- ``ignored_auth``, ``object_level_authorization``: the callers below are asked instead, and the rooms' own tests tell
  whose objects are whose;
- ``unsupported_method``, ``allow_header_conformance``: 405 and ``Allow`` are asked of every path in test_schema.py;
- ``use_after_free``, ``ensure_resource_availability``: nothing outlives an example here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator

from accounts.models import BasicCredential, Role, User
from environment.models import ContactCenter, Environment, Place
from environment.services import application_create, option_set
from history.services.strategy_versions import strategy_deploy, strategy_regenerate
from oauthapi.models import ApiClient
from tests.accounts.configuring import register, temporary_token
from tests.cast import CALLBACK, CHALLENGE, PASSWORD, SECRET, basic, by_code, by_password, new_code
from tests.history.asking import PAIR, server
from tests.history.strategy_cast import a_strategy
from tests.history.visiting import ADA, CART, HOME, SESSION, VISIT, populate
from tests.history.visiting import get as history_get
from tests.oauthapi.ops import ops_asker
from tests.twofactor.customer_cast import EMAIL, PHONE, a_customer
from tests.twofactor.services_cast import WORD, bound, customer, two_factor
from twofactor.flow.engine import method_choose, session_start

schemathesis = pytest.importorskip("schemathesis", reason="pip install -r requirements-dev.txt")

from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from schemathesis import GenerationMode, checks  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLES = 16
"""Per operation and caller, half of them after the schema and half against it."""
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FORM = "application/x-www-form-urlencoded"
ABSENT = object()
OF_CONFIGURATION = ("a temporary token", "a Basic credential")
CUSTOMERS = "/twofactor/v1/customers"
CODE = "918273"
STRATEGIES = "/history/{application}/strategies/"
CALLERS = ("nobody", "a user", "an administrator", "the ops credential", "a client")
HISTORY = "/server/data/"
"""There whoever has the pair of the door asks."""
CALLS = ("/twofactor/services/", "/twofactor/v1/sessions", "/twofactor/vxml/")
"""There a bound credential asks."""
OUTBOX = "/demo/outbox"
"""It is in the demo only."""
RECORDER = ("/api/v2/", "/ping", "/version")
"""There agents ask, by their own pair."""
QUIET = settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@cache
def described() -> dict[str, Any]:
    """The schema, without a request: parameters of tests are listed before there is a database."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(document, default=str))


def cases() -> Iterator[tuple[str, str, str]]:
    """Every caller at every operation; a client's own pair is for the forms at which clients prove themselves."""
    for path, item in sorted(described()["paths"].items()):
        for method in (each for each in METHODS if each in item):
            if path.startswith(RECORDER):
                yield from ((caller, method, path) for caller in ("nobody", "a user", "an agent"))
                continue
            if path.startswith(HISTORY):
                yield from ((caller, method, path) for caller in ("nobody", "a History client"))
                continue
            if path.startswith(CALLS):
                yield from ((caller, method, path) for caller in ("nobody", "a user", "a bound credential"))
                continue
            takes_form = FORM in item[method].get("requestBody", {}).get("content", {})
            others: tuple[str, ...] = OF_CONFIGURATION if path.startswith("/configuration") else ()
            others = OF_CONFIGURATION[1:] if path.startswith((STRATEGIES, CUSTOMERS)) else others
            for caller in (*(CALLERS if takes_form else CALLERS[:-1]), *others):
                yield caller, method, path


@pytest.fixture
def authorizations(
    make_client: Callable[..., ApiClient],
    desk: ApiClient,
    bob: User,
    root: User,
    t100: ContactCenter,
    configuration_keys: object,
) -> dict[str, str]:
    """Who asks, as an Authorization header; nobody sends none."""
    register(t100, Role.objects.get(name="Administrator"), "machine", password=SECRET)
    tool = make_client("tool", scopes=["*", "configuration"], trusted=True)
    token = by_code(tool, new_code(tool, root, scope="* configuration")).json()["access_token"]
    return {
        "a user": f"Bearer {by_password(desk, bob, scope='openid *')['access_token']}",
        "an administrator": f"Bearer {token}",
        "the ops credential": ops_asker().headers["Authorization"],
        "a temporary token": f"Bearer {temporary_token(root, t100)}",
        "a Basic credential": basic("machine"),
        "a client": basic("desk"),
        "an agent": basic(str(bob), PASSWORD),
        "a History client": basic(*PAIR),
        "a bound credential": basic("ivr", WORD),
    }


def calls_that_wait(contact_center: ContactCenter) -> list[str]:
    """Two test calls of a bound credential: one selects its method, one has its code."""
    application = two_factor(contact_center, test_destinations=f"{PHONE}={CODE}, {EMAIL}={CODE}")
    opener = f"credential:{bound(application).pk}"
    customer(contact_center, email=EMAIL, phone=PHONE)
    told: dict[str, Any] = {"opener": opener, "application": application, "account": "4711"}
    begun = [session_start(face="rest", test_call=True, **told).id for _each in range(2)]
    method_choose(begun[1], opener=opener, choice="1")
    return begun


@pytest.fixture
def known(
    t100: ContactCenter, desk: ApiClient, partner: ApiClient, bob: User, authorizations: object
) -> dict[str, list[Any]]:
    """Values that lead somewhere, by the name of the parameter or field; tried beside random ones."""
    tokens = by_password(desk, bob)
    application = application_create(name="Desk App", contact_center=t100)
    option_set(holder=application, section="a", name="one", value="1")
    option_set(holder=t100, section="settings", name="cors-origins", value="https://desk.example.com")
    option_set(holder=None, section="crossOriginSettings", name="allowedOrigins", value="https://desk.example.com")
    Place.objects.create(contact_center=t100, name="Place_1")
    environment = Environment.objects.create(tenant="Environment")
    server("GWE", t100, PAIR)
    option_set(holder=None, section="history", name="default-application", value="GWE")
    populate()
    cursor = history_get(f"/visits/{VISIT}/events", page_size=2)["Paging-Next"]
    strategy = a_strategy(t100, "Web")
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    a_customer(t100)
    calls = calls_that_wait(t100)
    return {
        "account": ["A-1001", "a b/c", "4711"],
        "AccountNumber": ["4711"],
        "authCode_nbest1": [CODE],
        "choice": ["1"],
        "application": ["Web", "Bank"],
        "client_id": ["partner", "desk", ABSENT],
        "client_secret": [ABSENT, ABSENT, SECRET],
        "code": [new_code(desk, bob, code_challenge=""), CODE],
        "code_challenge": [ABSENT, CHALLENGE],
        "code_verifier": [ABSENT],
        "contactCenter": ["100", "t100"],
        "contactCenterId": [str(t100.pk)],
        "context": ["ContactCenter"],
        "contextId": ["100"],
        "credential_id": [BasicCredential.objects.get(name="machine").pk],
        "dateExpiry": [ABSENT, "2030-05-19T12:20:57.310Z"],
        "email": [ABSENT, EMAIL],
        "environmentId": [str(t100.environment_id)],
        "data": [{"name": "New"}, {"tenant": "New"}, {"client_id": "new", "redirectURIs": [CALLBACK]}, {"value": "2"}],
        "event_id": [CART],
        "id": [str(t100.pk), str(environment.pk)],
        "identity_id": [ADA, "a/b"],
        "limit": [ABSENT, 10],
        "max_age": [ABSENT, 1000],
        "method": ["sms", "email"],
        "name": ["cors-origins", application.name, "place", "devices", strategy.name],
        "operationName": ["StartContactCenterSession", "EndContactCenterSession"],
        "option": ["one"],
        "oldPassword": [PASSWORD],
        "origin": ["https://desk.example.com"],
        "page_id": [HOME],
        "page_start": [ABSENT, cursor],
        "phone": [ABSENT, PHONE],
        "place": ["Place_1"],
        "password": [PASSWORD],
        "post_logout_redirect_uri": [CALLBACK],
        "prompt": [ABSENT, "none"],
        "redirect_uri": [CALLBACK, CALLBACK],
        "refresh_token": [tokens["refresh_token"]],
        "scope": [ABSENT, "*"],
        "section": ["a"],
        "session_id": [SESSION, *calls],
        "step": ["1", "2"],
        "token": [tokens["access_token"], tokens["refresh_token"]],
        "userName": ["t100\\bob"],
        "userRole": ["Administrator"],
        "username": ["t100\\bob"],
        "visit_id": [VISIT],
    }


@pytest.fixture
def application() -> Iterator[WSGIHandler]:
    """The application on this test's connection, which a request would close at its ends."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield WSGIHandler()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def mode_set(settings: Any) -> Callable[[str], None]:
    """Change the mode; pytest's settings have the name of Hypothesis's."""
    return lambda name: setattr(settings, "DESKGATE_MODE", name)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside never was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def meant(values: Any, known: dict[str, list[Any]], data: Any, *, whole: bool = False) -> Any:
    """The object with some of its members made to lead somewhere, or taken away; ``whole`` loses none."""
    if isinstance(values, list):
        return [meant(value, known, data, whole=whole) for value in values]
    if not isinstance(values, dict):
        return values
    made = {name: meant(value, known, data) for name, value in values.items()}
    for name in sorted(set(made) & set(known)):
        made[name] = data.draw(st.sampled_from([made[name], *known[name]]), label=name)
    return {
        name: value if value is not ABSENT else values[name]
        for name, value in made.items()
        if whole or value is not ABSENT
    }


@pytest.mark.parametrize(("caller", "method", "path"), list(cases()))
def test_every_answer_is_one_that_the_schema_declares(
    caller: str,
    method: str,
    path: str,
    authorizations: dict[str, str],
    known: dict[str, list[Any]],
    application: WSGIHandler,
    mode_set: Callable[[str], None],
) -> None:
    if path == OUTBOX:
        mode_set("demo")
    schema = schemathesis.openapi.from_dict(described())
    schema.app = application
    operation = schema[path][method.upper()]
    headers = {"Authorization": authorizations[caller]} if caller in authorizations else {}

    def ask(case: Any, data: Any) -> None:
        case.path_parameters = meant(case.path_parameters, known, data, whole=True)
        case.query = meant(case.query, known, data)
        case.body = meant(case.body, known, data)
        case.headers = {name: value for name, value in case.headers.items() if name.lower() != "authorization"}
        case.headers |= headers
        if operation.path.startswith(RECORDER):
            case.headers |= {"Origin": data.draw(st.sampled_from(["https://desk.example.com", "https://evil.com"]))}
        with undone():
            response = case.call()
        case.validate_response(response, checks=CHECKS)

    if not (operation.body or list(operation.iter_parameters())):
        # There is nothing to vary or to get wrong.
        settings(QUIET, max_examples=1)(given(case=operation.as_strategy(), data=st.data())(ask))()
        return
    # An optional header of any text has no wrong value, nor has an id that is any text.
    free = path in ("/version", "/server/data/events/{event_id}")
    for mode in (GenerationMode.POSITIVE,) if free else (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        QUIET(given(case=operation.as_strategy(generation_mode=mode), data=st.data())(ask))()
