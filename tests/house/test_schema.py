"""``/schema/`` tells the truth: it is valid, every call exists, answers are of the shape and status declared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from xml.etree.ElementTree import fromstring

import jsonschema
import pytest
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework.views import APIView

from accounts.models import BasicCredential, Role, User
from accounts.services.credentials import credential_create
from config.http.dialects import dialect_of_path
from environment.models import ContactCenter
from environment.services import application_create, contact_center_create, environment_create, option_set
from history.urls import ALIASES
from oauthapi.models import ApiClient
from tests.accounts.configuring import bearer, register, temporary_token
from tests.cast import PASSWORD, basic, by_password
from tests.history.asking import PAIR, server
from tests.history.visiting import ADA, CART, HOME, SESSION, VISIT, populate
from tests.twofactor.customer_cast import EMAIL, PHONE, a_customer, enrolled
from tests.twofactor.services_cast import FORM, WHOLE, WORD, bound, customer, two_factor
from twofactor.services.outbox import outbox_add

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")
# Described by the schema it is about, not in it.
NOT_DESCRIBED = {"schema", "docs"}


@cache
def schema() -> dict[str, Any]:
    """It is of the code alone: asked for once."""
    return json.loads(Client().get("/schema/").content)


@cache
def operations() -> list[tuple[str, str]]:
    """Every path and method, without a request: parameters of tests are listed before there is a database."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return sorted((path, method) for path, item in found.items() for method in item if method in METHODS)


# A value for each path parameter; what it names is there in the tests that need more than a refusal.
PARAMETERS = {
    "account": "A-1001",
    "id": "9350e2fc-a1dd-4c65-8d40-1f75a2e080dd",
    "client_id": "desk",
    "credential_id": "4711",
    "name": "desk-app",
    "section": "some",
    "option": "word",
    "application": "web-engagement",
    "identity_id": ADA,
    "visit_id": VISIT,
    "session_id": SESSION,
    "page_id": HOME,
    "event_id": CART,
    "delivery": "0" * 32,
}


def call(path: str, method: str, body: Any = None, **headers: str) -> Any:
    client = Client(raise_request_exception=False)
    sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, method)(path.format_map(PARAMETERS), headers=headers, **sent)


def assert_shape(answer: Any, path: str, method: str) -> None:
    """The answer is of the shape that the schema declares for its status."""
    whole = schema()
    declared = whole["paths"][path][method]["responses"][str(answer.status_code)]
    if "content" in declared:
        # A page may be declared beside the JSON; what was answered is judged.
        content = declared["content"][answer["Content-Type"].split(";")[0]]
        if dialect_of_path(path) == "xml":
            assert fromstring(answer.content).findtext("code")
            return
        jsonschema.validate(answer.json(), content["schema"] | {"components": whole["components"]})


def test_it_is_valid_openapi() -> None:
    validate_schema(schema())


def test_no_operation_id_stands_twice() -> None:
    ids = [operation["operationId"] for item in schema()["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("path", "method"), operations())
def test_a_call_without_anything_answers_with_a_declared_status(path: str, method: str, signing_keys: object) -> None:
    answer = call(path, method)
    declared = schema()["paths"][path][method]["responses"]
    assert str(answer.status_code) in declared
    if dialect_of_path(path) == "xml":
        assert fromstring(answer.content).findtext("code")
    elif answer.status_code >= 400:
        body = answer.json()
        told = {
            "recorder": lambda: body["statusCode"],
            "configuration": lambda: body["errors"],
            "oauth": lambda: body["status"]["code"],
            "history": lambda: body["code"],
        }
        assert told[dialect_of_path(path) or "oauth"]()
        assert answer["X-Request-ID"]


@pytest.mark.parametrize(("path", "method"), [each for each in operations() if "oauth/" not in each[0]])
def test_what_a_bearer_gets_is_of_the_shape_declared(path: str, method: str, desk: ApiClient, bob: User) -> None:
    token = by_password(desk, bob, scope="openid *")["access_token"]
    assert_shape(call(path, method, Authorization=f"Bearer {token}"), path, method)


# Bodies that an operation of /environment/v3 takes, by method and the end of its path.
BODIES: dict[tuple[str, str], Any] = {
    ("post", "/environments"): {"data": {"tenant": "T", "configServers": [{"primaryAddress": "a", "primaryPort": 1}]}},
    ("put", "/environments/{id}"): {"data": {"localTimeout": 60}},
    ("post", "/contact-centers"): {"data": {"domains": ["t900"]}},
    ("put", "/contact-centers/{id}"): {"data": {"name": "Named"}},
    ("post", "/contact-centers/{id}/settings"): {"data": {"name": "a", "value": "b", "shared": "true"}},
    ("put", "/contact-centers/{id}/settings/{name}"): {"data": {"value": "b"}},
    ("post", "/cors"): {"data": {"contactCenterId": PARAMETERS["id"], "origin": "https://new.example.com"}},
    ("delete", "/cors"): {"data": {"contactCenterId": PARAMETERS["id"], "origin": "https://desk.example.com"}},
    ("put", "/applications/{name}/options/{section}/{option}"): {"data": {"value": "2"}},
    ("patch", "/applications/{name}/options"): {"data": [{"name": "a/b", "value": "1"}]},
}


@pytest.fixture
def configured(db: None) -> str:
    """What PARAMETERS name, and the ops credential's header."""
    credential_create(BasicCredential(name="ops"), password=PASSWORD)
    key = UUID(PARAMETERS["id"])
    elsewhere = environment_create(tenant="Another").pk
    contact_center = contact_center_create(id=key, name="One", domains=["t100"], environment_id=elsewhere)
    environment_create(id=key, tenant="Environment")
    application = application_create(name=PARAMETERS["name"], contact_center=contact_center)
    option_set(holder=application, section=PARAMETERS["section"], name=PARAMETERS["option"], value="1")
    option_set(holder=contact_center, section="settings", name=PARAMETERS["name"], value="1")
    option_set(holder=contact_center, section="settings", name="cors-origins", value="https://desk.example.com")
    return basic("ops", PASSWORD)


@pytest.mark.parametrize(("path", "method"), [each for each in operations() if each[0].startswith("/environment/v3")])
def test_what_the_ops_credential_gets_is_of_the_shape_declared(path: str, method: str, configured: str) -> None:
    body = BODIES.get((method, path.removeprefix("/environment/v3")))
    answer = call(path, method, body, Authorization=configured)
    in_use = (method, path) == ("delete", "/environment/v3/contact-centers/{id}")
    assert answer.status_code == (409 if in_use else 200), answer.content
    assert_shape(answer, path, method)


REGISTERED: dict[tuple[str, str], Any] = {
    ("post", "/basicauth"): {
        "username": "new",
        "password": PASSWORD,
        "context": "ContactCenter",
        "contextId": "100",
        "userRole": "Agent",
    },
    ("put", "/basicauth/{credential_id}/password"): {"password": PASSWORD},
}
EXCHANGE = "/configuration/token"


@pytest.mark.parametrize(("path", "method"), [each for each in operations() if each[0].startswith("/configuration")])
def test_what_an_administrators_temporary_token_gets_is_of_the_shape_declared(
    path: str, method: str, alice: User, t100: ContactCenter, configuration_keys: object
) -> None:
    register(t100, Role.objects.get(name="Agent"), id=int(PARAMETERS["credential_id"]), password=PASSWORD)
    asker = basic("script", PASSWORD) if path == EXCHANGE else bearer(temporary_token(alice, t100))
    answer = call(path, method, REGISTERED.get((method, path.removeprefix("/configuration"))), Authorization=asker)
    assert answer.status_code == {"post": 200 if path == EXCHANGE else 201, "delete": 204}.get(method, 200)
    assert_shape(answer, path, method)


CUSTOMERS = "/twofactor/v1/customers"
SENT_OF_CUSTOMERS: dict[tuple[str, str], Any] = {
    ("post", ""): {"account": "A-1002", "phone": "+14155550142"},
    ("put", "/{account}"): {"email": "new@example.org"},
    ("patch", "/{account}"): {"enabled": False},
}


@pytest.mark.parametrize(("path", "method"), [each for each in operations() if each[0].startswith(CUSTOMERS)])
def test_what_a_credential_gets_of_customers_is_of_the_shape_declared(
    path: str, method: str, administrators: Role, t100: ContactCenter
) -> None:
    register(t100, administrators, password=PASSWORD)
    enrolled(a_customer(t100, PARAMETERS["account"]))
    body = SENT_OF_CUSTOMERS.get((method, path.removeprefix(CUSTOMERS)))
    answer = call(path, method, body, Authorization=basic("script", PASSWORD))
    assert answer.status_code == {"post": 201, "delete": 204}.get(method, 200), answer.content
    assert_shape(answer, path, method)


SESSIONS = "/twofactor/v1/sessions"
SENT_OF_SESSIONS: dict[tuple[str, str], Any] = {
    ("post", ""): {"application": "Bank", "account": "4711", "testCall": True},
    ("post", "/{session_id}/method"): {"method": "sms"},
    ("post", "/{session_id}/code"): {"code": "000000"},
    ("post", "/{session_id}/resend"): {"method": "sms"},
    ("post", "/{session_id}/hangup"): {},
}


@pytest.fixture
def bank(t100: ContactCenter) -> str:
    """A two-factor application, its customer, and the header of the credential that may use it."""
    application = two_factor(t100, resend_cool_down="0", test_destinations=f"{PHONE}=918273, {EMAIL}=443322")
    bound(application)
    customer(t100, phone=PHONE, email=EMAIL)
    return basic("ivr", WORD)


@pytest.mark.parametrize(("path", "method"), [each for each in operations() if each[0].startswith(SESSIONS)])
def test_what_a_bound_credential_gets_of_sessions_is_of_the_shape_declared(path: str, method: str, bank: str) -> None:
    begun = call(SESSIONS, "post", SENT_OF_SESSIONS["post", ""], Authorization=bank).json()
    where = path.replace("{session_id}", begun["id"])
    if where.endswith(("/code", "/resend")):
        call(f"{SESSIONS}/{begun['id']}/method", "post", {"choice": "1"}, Authorization=bank)
    body = SENT_OF_SESSIONS.get((method, path.removeprefix(SESSIONS)))
    answer = call(where, method, body, Authorization=bank)
    assert answer.status_code == (201 if path == SESSIONS else 200), answer.content
    assert_shape(answer, path, method)


SERVICES, VOICEXML = "/twofactor/services/", "/twofactor/vxml/"


@pytest.mark.parametrize(
    ("path", "method"), [each for each in operations() if each[0].startswith((SERVICES, VOICEXML))]
)
def test_what_a_bound_credential_gets_of_a_call_is_xml_as_declared(path: str, method: str, bank: str) -> None:
    begun = call(SESSIONS, "post", SENT_OF_SESSIONS["post", ""], Authorization=bank).json()
    named = {"application": "Bank", "session_id": begun["id"]}
    sent = WHOLE | {"account": "4711", "testCall": "true", "step": "1", "choice": "1"}
    headers = {"Authorization": bank}
    answer = Client().post(path.format_map(named), urlencode(sent), content_type=FORM, headers=headers)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].split(";")[0] in schema()["paths"][path][method]["responses"]["200"]["content"]
    root = fromstring(answer.content).tag
    assert root == (path.rpartition("/")[2] if path.startswith(SERVICES) else "{http://www.w3.org/2001/vxml}vxml")


def test_what_the_ops_credential_gets_of_the_outbox_is_of_the_shape_declared(configured: str, settings: Any) -> None:
    settings.DESKGATE_MODE = "demo"
    outbox_add(application=two_factor(ContactCenter.objects.get()), channel="sms", to=PHONE, text="x", code="1")
    answer = call("/demo/outbox", "get", Authorization=configured)
    assert [each["to"] for each in answer.json()] == [PHONE]
    assert_shape(answer, "/demo/outbox", "get")


SENT_TO_HISTORY: dict[tuple[str, str], Any] = {
    ("post", "/visits"): {"startDate": 1},
    ("post", "/visits/{visit_id}/sessions"): {"identityId": "new"},
    ("post", "/visits/{visit_id}/events"): [{"eventName": "Look"}, {"eventName": "SignIn", "data": {"userID": "new"}}],
    ("post", "/sessions/{session_id}/pages"): {"url": "https://shop.example.com/"},
}


@pytest.mark.parametrize(("path", "method"), [each for each in operations() if each[0].startswith("/server/data")])
def test_what_the_pair_of_a_door_gets_is_of_the_shape_declared(path: str, method: str, t100: ContactCenter) -> None:
    server("GWE", t100, PAIR)
    populate()
    body = SENT_TO_HISTORY.get((method, path.removeprefix("/server/data")))
    answer = call(path, method, body, Authorization=basic(*PAIR))
    assert answer.status_code == (201 if method == "post" else 200), answer.content
    assert_shape(answer, path, method)
    if method == "get":
        names = [each["name"] for each in schema()["paths"][path][method]["parameters"]]
        lists = {name: "true" for name in names if name.startswith("include_")}
        whole = Client().get(path.format_map(PARAMETERS), lists, headers={"Authorization": basic(*PAIR)})
        assert whole.status_code == 200, whole.content
        assert_shape(whole, path, method)


@pytest.mark.parametrize(("path", "method"), operations())
def test_another_method_is_405_with_allow(path: str, method: str) -> None:
    offered = {offered for each, offered in operations() if each == path}
    answer = call(path, next(other for other in reversed(METHODS) if other not in offered))
    assert answer.status_code == 405
    assert method.upper() in answer["Allow"]


def views() -> Iterator[tuple[str, type[APIView]]]:
    def below(patterns: Any, prefix: str = "") -> Iterator[tuple[str, type[APIView]]]:
        for each in patterns:
            if hasattr(each, "url_patterns"):
                yield from below(each.url_patterns, f"{prefix}{each.pattern}")
            elif prefix.startswith(ALIASES):
                continue  # a resource of the History API answers at four places, of which one is described
            elif isinstance(getattr(each.callback, "cls", None), type) and issubclass(each.callback.cls, APIView):
                yield each.name or "", each.callback.cls

    return below(get_resolver().url_patterns)


def test_every_api_view_is_described() -> None:
    described = len({path for path, _ in operations()})
    # The services by key are those by credential at another place.
    named = [name for name, _view in views() if name not in NOT_DESCRIBED and not name.endswith("-by-key")]
    assert len(named) == described, named
