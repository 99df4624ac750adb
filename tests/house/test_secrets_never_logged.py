"""Secrets reach no log, change row, security event, error body, redirect or column in clear.

Every secret-carrying call is driven, well and badly, with logging at DEBUG; then all output and the whole database are
searched for what was sent and what was given. The calls are listed from the OpenAPI schema: a new one without a driver
fails here, and so does a secret option.
"""

from __future__ import annotations

import io
import json
import logging.config
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from twilio.request_validator import RequestValidator

from accounts.models import BasicCredential, Role, User
from accounts.privileges import CONTACT_CENTER_PRIVILEGES
from accounts.services.credentials import credential_create, credential_rotate
from accounts.services.passwords import password_reset
from accounts.services.users import user_create
from activity.models import Change
from activity.services import event_record
from config.http.errors import Refusal
from config.logs import is_secret_name, logging_config
from environment.declarations import (
    CONTACT_CENTER,
    INSTALLATION,
    OptionDeclaration,
    TextOption,
    registry,
    unregister,
)
from environment.findings import findings
from environment.models import Application, ContactCenter
from environment.services import application_create, option_delete, option_set
from history.services.strategies import strategy_credentials_set
from history.services.strategy_versions import strategy_deploy, strategy_regenerate
from history.services.strategy_workflows import strategy_upload_workflow
from oauthapi.models import ApiClient
from oauthapi.services.clients import client_create, client_secret_rotate
from tests.accounts.configuring import SEED, ask, bearer, register, temporary_token
from tests.admin_client import admin_of
from tests.cast import CALLBACK, CHALLENGE, PASSWORD, SECRET, VERIFIER, alter, basic, new_code
from tests.history.asking import put, server
from tests.history.strategy_cast import a_strategy
from tests.history.test_workflow import FILE as FILE_OF_COMPOSER
from tests.twofactor import services_cast
from tests.twofactor.customer_cast import EMAIL as CUSTOMER_EMAIL
from tests.twofactor.customer_cast import PHONE as CUSTOMER_PHONE
from tests.twofactor.customer_cast import SEED as OTP_SEED
from tests.twofactor.customer_cast import a_customer
from tests.twofactor.sending import two_factor
from tests.twofactor.settings_form import save
from tests.twofactor.vxml_driving import PATHS as VXML_PATHS
from tests.twofactor.vxml_driving import drive_vxml
from twofactor.models import Delivery
from twofactor.seeds import seed_text
from twofactor.services.customers import customer_create
from twofactor.services.outbox import outbox_add
from twofactor.services.recovery_codes import recovery_codes_renew

API = "/auth/v3"
FORM = "application/x-www-form-urlencoded"
WRONG = "wrong-secret-71f0c2"
NEW = "amber-kettle-9931"


@dataclass
class Watch:
    """What must not be found, and where it could be."""

    log: io.StringIO
    secrets: set[str] = field(default_factory=lambda: {PASSWORD, SECRET, WRONG, NEW})
    refusals: list[str] = field(default_factory=list)

    def knows(self, *secrets: str) -> None:
        self.secrets.update(secret for secret in secrets if secret)

    def saw(self, answer: Any) -> Any:
        """Keep the tokens that an answer gives; of a refusal keep everything it says, headers too."""
        if answer.status_code >= 400 or "error=" in answer.get("Location", ""):
            self.refusals.append(f"{answer.content.decode()} {dict(answer.headers)}")
            return answer
        self.knows(answer.get("X-GWS-User", ""))
        self.knows(*re.findall(r"(?:code|access_token)=([^&#]+)", answer.get("Location", "")))
        if answer.get("Content-Type", "").startswith("application/json"):
            told = json.loads(answer.content or b"{}")
            told = told.items() if isinstance(told, dict) else ()
            self.knows(*(value for name, value in told if isinstance(value, str) and name.endswith("_token")))
        for cookie in answer.cookies.values():
            self.knows(cookie.value if len(cookie.value) > 15 else "")
        return answer

    def found(self) -> list[str]:
        """Where a secret stands in clear."""
        places = {"log": self.log.getvalue(), "refusals": "\n".join(self.refusals)} | dict(tables())
        return [
            f"{secret[:8]}… in {name}" for name, text in places.items() for secret in self.secrets if secret in text
        ]


def tables() -> Iterator[tuple[str, str]]:
    """Every row of every table as text."""
    for name in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            yield name, "\n".join(repr(row) for row in cursor.fetchall())


@pytest.fixture(params=["json", "console"])
def watch(request: pytest.FixtureRequest, db: None) -> Iterator[Watch]:
    """The real logging configuration at DEBUG, written where the test can read it."""
    config = logging_config(level="DEBUG", format=request.param)
    log = io.StringIO()
    config["handlers"]["stderr"]["stream"] = log
    logging.config.dictConfig(config)
    yield Watch(log)
    logging.config.dictConfig(settings.LOGGING)


@dataclass
class Cast:
    client: ApiClient
    user: User
    watch: Watch
    http: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def token(self, *, secret: str = SECRET, by_form: bool = False, query: str = "", **form: str) -> Any:
        headers = {} if by_form else {"Authorization": basic("desk", secret)}
        if by_form:
            form = {"client_id": "desk", "client_secret": secret} | form
        answer = self.http.post(f"{API}/oauth/token{query}", urlencode(form), content_type=FORM, headers=headers)
        return self.watch.saw(answer)

    def bearer(self) -> dict[str, str]:
        given = self.token(grant_type="password", username=str(self.user), password=PASSWORD, scope="openid *").json()
        return {"Authorization": f"Bearer {given['access_token']}"}

    def get(self, path: str, **headers: str) -> Any:
        return self.watch.saw(self.http.get(f"{API}{path}", headers=headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.watch.saw(self.http.post(f"{API}{path}", body, content_type="application/json", headers=headers))


def drive_token(cast: Cast) -> None:
    user = str(cast.user)
    given = cast.token(grant_type="password", username=user, password=PASSWORD, scope="openid *").json()
    cast.token(grant_type="refresh_token", refresh_token=given["refresh_token"])
    cast.token(grant_type="refresh_token", refresh_token=given["refresh_token"] + WRONG)
    cast.token(grant_type="password", username=user, password=WRONG)
    cast.token(grant_type="password", username="nobody", password=PASSWORD)
    cast.token(grant_type=WRONG, password=PASSWORD)
    cast.token(grant_type="client_credentials", secret=WRONG)
    cast.token(grant_type="client_credentials", by_form=True)
    cast.token(grant_type="client_credentials", by_form=True, secret=WRONG)
    cast.token(grant_type="client_credentials", query=f"?client_secret={SECRET}")
    cast.token(grant_type="client_credentials", scope=f"{SECRET} *")
    code = new_code(cast.client, cast.user)
    cast.watch.knows(code, VERIFIER)
    for verifier in (VERIFIER, VERIFIER):
        cast.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=verifier)
    cast.token(grant_type="authorization_code", code=WRONG, redirect_uri=CALLBACK, code_verifier=WRONG + "v" * 40)
    cast.watch.saw(cast.http.post(f"{API}/oauth/token", f'{{"password": "{PASSWORD}"', content_type="application/json"))


def drive_authorize(cast: Cast) -> None:
    for response_type in ("code", "token"):
        query = f"?response_type={response_type}&client_id=desk&redirect_uri={CALLBACK}&code_challenge={CHALLENGE}"
        path = f"/oauth/authorize{query}&code_challenge_method=S256"
        cast.get(path, Authorization=basic(str(cast.user), PASSWORD))
        cast.get(path, Authorization=basic(str(cast.user), WRONG))
        cast.get(path + f"&password={PASSWORD}&client_secret={SECRET}")
    cast.get("/oauth/authorize", Authorization=basic(str(cast.user), PASSWORD))


def drive_post_authorize(cast: Cast) -> None:
    form = {"response_type": "code", "client_id": "desk", "redirect_uri": CALLBACK, "client_secret": SECRET}
    for password in (PASSWORD, WRONG):
        headers = {"Authorization": basic(str(cast.user), password)}
        cast.watch.saw(cast.http.post(f"{API}/oauth/authorize", urlencode(form), content_type=FORM, headers=headers))


def drive_reading(path: str) -> Callable[[Cast], None]:
    def drive(cast: Cast) -> None:
        good = cast.bearer()
        cast.get(path, **good)
        cast.get(path, Authorization=f"Bearer {WRONG}")
        cast.get(f"{path}?access_token={good['Authorization'].removeprefix('Bearer ')}")

    return drive


def drive_posting(path: str) -> Callable[[Cast], None]:
    def drive(cast: Cast) -> None:
        cast.post(path, **cast.bearer())
        cast.post(path, Authorization=f"Bearer {WRONG}")

    return drive


def drive_change_password(cast: Cast) -> None:
    good = cast.bearer()

    def change(old: str, new: str, **more: str) -> Any:
        return {"data": {"oldPassword": old, "newPassword": new} | more, "operationId": "x"}

    cast.post("/change-password", change(WRONG, NEW), **good)
    cast.post("/change-password", change(PASSWORD, PASSWORD), **good)
    cast.watch.knows("shortA7")
    cast.post("/change-password", change(PASSWORD, "shortA7"), **good)
    cast.post("/change-password", {"data": {"oldPassword": [PASSWORD], "newPassword": {"x": NEW}}}, **good)
    cast.post("/change-password", change(WRONG, NEW, userName=str(cast.user)))
    assert cast.post("/change-password", change(PASSWORD, NEW, userName=str(cast.user))).status_code == 200


def drive_token_state(path: str) -> Callable[[Cast], None]:
    def drive(cast: Cast) -> None:
        token = cast.bearer()["Authorization"].removeprefix("Bearer ")
        body = urlencode({"token": token, "client_id": "desk", "client_secret": SECRET})
        for form in (body, body.replace(SECRET, WRONG), f"{body}&token={token}"):
            cast.watch.saw(cast.http.post(f"{API}{path}?token={token}", form, content_type=FORM))
        headers = {"Authorization": basic("desk", WRONG)}
        cast.watch.saw(cast.http.post(f"{API}{path}", urlencode({"token": token}), content_type=FORM, headers=headers))

    return drive


def askers_of_ops(cast: Cast) -> list[dict[str, str]]:
    """The ops credential, a wrong pair, a bearer without the scope."""
    if not BasicCredential.objects.filter(name="ops").exists():
        credential_create(BasicCredential(name="ops"), password=PASSWORD)
    return [{"Authorization": basic("ops", PASSWORD)}, {"Authorization": basic("ops", WRONG)}, cast.bearer()]


CREATES: list[dict[str, Any]] = [
    {},
    {"client_id": "given", "client_secret": ""},
    {"clientType": "PUBLIC"},
    {"client_secret": [SECRET]},
    {"client_secret": SECRET * 30},
    {"redirectURIs": []},
]
CHANGES: list[dict[str, Any]] = [
    {"client_secret": NEW},
    {"client_secret": [NEW]},
    {"client_secret": NEW * 40},
    {"client_secret": NEW, "clientType": "PUBLIC"},
    {"client_secret": NEW, "redirectURIs": []},
]


def drive_ops_create(cast: Cast) -> None:
    record = {"client_id": "scripted", "redirectURIs": [CALLBACK], "client_secret": SECRET}
    for headers in askers_of_ops(cast):
        for more in CREATES:
            answer = cast.post("/ops/clients", {"data": record | more}, **headers)
            if answer.status_code == 200:
                cast.watch.knows(answer.json()["data"]["client_secret"])


def drive_ops_change(cast: Cast) -> None:
    for headers in askers_of_ops(cast):
        for data in CHANGES:
            answer = cast.http.put(
                f"{API}/ops/clients/desk", {"data": data}, content_type="application/json", headers=headers
            )
            cast.watch.saw(answer)


def drive_ops(method: str, path: str) -> Callable[[Cast], None]:
    def drive(cast: Cast) -> None:
        for headers in askers_of_ops(cast):
            cast.watch.saw(getattr(cast.http, method)(f"{API}{path}?client_secret={SECRET}", headers=headers))

    return drive


ENVIRONMENT = "/environment/v3"
KEY = "9350e2fc-a1dd-4c65-8d40-1f75a2e080dd"


def drive_environment(method: str, path: str) -> Callable[[Cast], None]:
    """Well and badly, with secrets wherever one could be: as password, setting and option of a secret name."""
    where = path.replace("{id}", KEY).replace("{name}", "desk-app" if "applications" in path else "crm-password")
    where = where.replace("{section}", "crm").replace("{option}", "password")
    center = {"id": KEY, "domains": ["t900"]}
    origin = {"contactCenterId": KEY, "origin": "https://a.example"}
    fields = {"password": NEW, "tenant": "T", "name": "crm-password"} | origin
    several = [{"name": "crm/password", "value": NEW}, {"name": "crm/token", "value": SECRET}]

    def drive(cast: Cast) -> None:
        credential_create(BasicCredential(name="machine"), password=PASSWORD)

        def ask(verb: str, url: str, data: Any, password: str = PASSWORD) -> Any:
            headers = {"Authorization": basic("machine", password)}
            body = data if isinstance(data, str) else json.dumps({"data": data})
            sent = cast.http.generic(verb, url, body, content_type="application/json", headers=headers)
            return cast.watch.saw(sent)

        made = ask("POST", f"{ENVIRONMENT}/environments", fields | {"id": KEY})
        assert made.status_code == 200
        if (method, path) != ("post", "/environments"):
            assert ask("POST", f"{ENVIRONMENT}/contact-centers", center).status_code == 200
            option_set(holder=application_create(name="desk-app"), section="crm", name="password", value=NEW)
        right = several if method == "patch" else fields | {"value": NEW}
        ask(method.upper(), f"{ENVIRONMENT}{where}", right)
        ask(method.upper(), f"{ENVIRONMENT}{where}", right, WRONG)
        ask(method.upper(), f"{ENVIRONMENT}{where}", f'{{"data": {{"value": "{NEW}"')
        wrong = {"password": [NEW], "value": [NEW], "name": [SECRET], "tenant": [SECRET]}
        ask(method.upper(), f"{ENVIRONMENT}{where}", [wrong] if method == "patch" else wrong)
        told = ask("GET", f"{ENVIRONMENT}/environments", "").content.decode()
        assert NEW not in told

    return drive


CONFIGURATION = "/configuration"


def drive_configuration(method: str, path: str) -> Callable[[Cast], None]:
    """Well and badly: by a temporary token and by a pair, with the password wherever it could be typed."""

    def drive(cast: Cast) -> None:
        center = cast.user.contact_center
        assert center
        role = Role.objects.create(name="ALL", contact_center=center, privileges=sorted(CONTACT_CENTER_PRIVILEGES))
        user = user_create(user_name="carol", contact_center=center, password=PASSWORD, roles=[role])
        made = register(center, role, "machine", password=PASSWORD)
        token = temporary_token(user, center)
        cast.watch.knows(token, token.rpartition(".")[2])
        body = SEED | {"password": NEW, "userRole": "Agent"}
        if "password" in path:
            body = {"password": NEW}
        typed = json.dumps(body)
        curly = typed.replace('"', "“")
        sendings = ({"password": [NEW]}, {"password": NEW * 20}, body | {"more": NEW}, curly, f"{{{NEW}")
        where = path.replace("{credential_id}", str(made.pk))
        bearers = (bearer(WRONG), bearer(f"{token}x"), bearer(token))
        for authorization in (*bearers, basic("machine", WRONG), basic("machine", PASSWORD)):
            for sent in (*sendings, body):
                answer = ask(method.upper(), f"{CONFIGURATION}{where}?password={NEW}", authorization, sent)
                cast.watch.saw(answer)

    return drive


def drive_recorder(method: str, path: str) -> Callable[[Cast], None]:
    """A desktop's day, with a token asked for, and every proof and place for one wrong once."""
    page = {"Origin": "https://desk.example.com", "X-Support-CSRFP": "true"}
    logout = {"operationName": "EndContactCenterSession"}

    def ask(cast: Cast, verb: str, where: str, body: Any = None, **headers: str) -> Any:
        sent = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
        media = "application/json"
        answer = cast.http.generic(verb, where, sent, content_type=media, headers=page | headers)
        cast.watch.knows(answer.get("X-CSRF-TOKEN", ""))
        return cast.watch.saw(answer)

    def drive(cast: Cast) -> None:
        option_set(holder=None, section="crossOriginSettings", name="allowedOrigins", value=page["Origin"])
        right = {"Authorization": basic(str(cast.user), PASSWORD)}
        token = ask(cast, "GET", "/api/v2/me", **right)["X-CSRF-TOKEN"]
        for headers in (right, {"Authorization": basic(str(cast.user), WRONG)}, {"Authorization": f"Bearer {SECRET}"}):
            ask(cast, method.upper(), path, [] if method == "post" else None, **headers)
        ask(cast, method.upper(), f"{path}?password={PASSWORD}&X-CSRF-TOKEN={token}")
        for wrong in ([{"name": "password", "value": NEW}, {"name": "place", "value": [NEW]}], f'[{{"name": "{NEW}"'):
            ask(cast, "POST", "/api/v2/me", wrong, **right)
        server = [{"name": "server", "value": f"https://somebody:{NEW}@rws.example.com"}]
        ask(cast, "POST", "/api/v2/me", server, **right)
        ask(cast, "POST", "/api/v2/me", logout, **{"X-CSRF-TOKEN": WRONG})
        ask(cast, "GET", "/ping")
        token = ask(cast, "GET", "/api/v2/me")["X-CSRF-TOKEN"]
        assert ask(cast, "POST", "/api/v2/me", logout, **{"X-CSRF-TOKEN": token}).status_code == 200

    return drive


HISTORY = "/server/data"


def drive_tracker(cast: Cast) -> None:
    """Events are kept as visitors made them; what is refused reaches no log: a bad event, and one under another key."""
    application = server("GWE", cast.user.contact_center, ("apiuserid", NEW))
    put(application, "site-key", "shop-key", section="tracker")
    put(application, "origins", "https://shop.example.com", section="tracker")
    event = {"visitID": KEY, "eventName": "Typed", "data": {"words": "hello"}}
    typed = {"timestamp": NEW, "data": {"password": NEW}}
    for site, body in (("shop-key", event), ("shop-key", event | typed), (WRONG, event | typed)):
        cast.watch.saw(
            cast.http.post(
                f"/server/tracker/events?site={site}",
                json.dumps(body),
                content_type="text/plain",
                headers={"Origin": "https://shop.example.com"},
            )
        )


def drive_history(method: str, path: str) -> Callable[[Cast], None]:
    """Well and badly, the pair in every place where it does not belong; a set of which a part is gone; from afar."""
    where = f"{HISTORY}{re.sub(r'{[a-z_]+}', KEY, path)}"

    def drive(cast: Cast) -> None:
        application = server("GWE", cast.user.contact_center, ("apiuserid", NEW))
        right = basic("apiuserid", NEW)

        def ask(authorization: str, body: Any = "", **more: Any) -> int:
            sent = body if isinstance(body, str) else json.dumps(body)
            answer = cast.http.generic(
                method.upper(), f"{where}?password={NEW}", sent, content_type="application/json",
                headers={"Authorization": authorization}, **more,
            )  # fmt: skip
            return int(cast.watch.saw(answer).status_code)

        wrong = (basic("apiuserid", WRONG), basic("nobody", NEW), f"Bearer {NEW}", f"Basic {NEW}", right[:-4])
        assert {ask(each) for each in wrong} == {401}
        for body in ("", {"visitId": [WRONG], "password": NEW}, f'{{"{NEW}"'):
            assert ask(right, body) != 401
        option_delete(holder=application, section="security", name="user-id")
        assert ask(right) == 401
        option_set(holder=application, section="security", name="auth-scheme", value="none")
        assert ask(right, REMOTE_ADDR="203.0.113.7") == 403
        cast.watch.refusals.extend(found.words for found in findings())

    return drive


def drive_published_strategy(cast: Cast) -> None:
    """By a credential that may read it, one that may not, and wrong ones; the document itself holds the password."""
    center = cast.user.contact_center
    assert center
    strategy = a_strategy(center, "Web", user="apiuserid", password=NEW)
    strategy_upload_workflow(strategy, data=FILE_OF_COMPOSER.replace("'old&amp;&#x20;1'", f"'{SECRET}'").encode())
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    for name, privileges in (("reader", ["strategies:read", "option-secrets:read"]), ("other", ["strategies:read"])):
        role = Role.objects.create(name=name, contact_center=center, privileges=privileges)
        credential_create(BasicCredential(name=name, contact_center=center, role=role), password=PASSWORD)
    path = "/history/Web/strategies/default.scxml"
    for sent in (basic("reader", PASSWORD), basic("other", PASSWORD), basic("reader", WRONG), f"Bearer {SECRET}"):
        answer = cast.watch.saw(cast.http.get(f"{path}?password={NEW}", headers={"Authorization": sent}))
        assert (NEW in answer.content.decode()) == (answer.status_code == 200)
    for name in ("nobody", NEW):
        asked = f"/history/{name}/strategies/{SECRET}.scxml"
        cast.watch.saw(cast.http.get(asked, headers={"Authorization": basic("reader", PASSWORD)}))


def drive_outbox(cast: Cast) -> None:
    """In the demo and outside it, by the ops credential, wrong pairs and a bearer."""
    center = cast.user.contact_center
    assert center
    cast.watch.knows("+4915112345678", "a-code-8675309")
    words = {"to": "+4915112345678", "text": "a-code-8675309", "code": "a-code-8675309"}
    outbox_add(application=two_factor(center), channel="sms", **words)
    for mode in ("demo", "development"):
        with override_settings(DESKGATE_MODE=mode):
            for headers in askers_of_ops(cast):
                cast.watch.saw(cast.http.get(f"/demo/outbox?limit={WRONG}&password={PASSWORD}", headers=headers))
                cast.watch.saw(cast.http.get("/demo/outbox", headers=headers))


def drive_services(path: str) -> Callable[[Cast], None]:
    """By a credential and by a key, well and badly: the code, the key, and what a customer is reached by."""
    service = path.rpartition("/")[2]

    def drive(cast: Cast) -> None:
        center = cast.user.contact_center
        assert center
        application = services_cast.two_factor(center, reveal_values="true", test_destinations=f"{PHONE}=918273")
        services_cast.bound(application)
        services_cast.customer(center, phone=PHONE)
        _key, plain = services_cast.key_of(application)
        cast.watch.knows(plain, "918273", "555666", services_cast.WORD)
        for where, who in (("Bank", "ivr"), (f"key/{plain}", ""), (f"key/{plain}x", ""), ("Bank", "nobody")):
            for method, code in (("SMS", "918273"), ("SMS", "555666"), (SECRET, "555666" * 20)):
                sent = services_cast.WHOLE | {"TwoFactorAuthSelectedMethod": method, "authCode_nbest1": code}
                for media in (FORM, "text/plain"):
                    answer = services_cast.ask(
                        f"{service}?authCode_nbest1={code}", where, sent=sent, who=who, media=media
                    )
                    cast.watch.saw(answer)
                cast.watch.saw(services_cast.ask(service, where, sent=sent, who=who, method="GET"))
            cast.watch.saw(services_cast.ask(service, where, sent=f"authCode_nbest1=%ff{NEW}", who=who))

    return drive


PHONE = "+14155550199"


def drive_callback(cast: Cast) -> None:
    """Of a delivery and of none, with a secret in every field and as signature."""
    center = cast.user.contact_center
    assert center
    application = two_factor(center)
    option_set(holder=application, section="server-settings", name="SMS.Twilio.AuthToken", value=NEW)
    row = Delivery.objects.create(
        application=application, channel="sms", gateway="twilio", outcome="accepted", made_at=timezone.now()
    )
    form = {"MessageSid": SECRET, "MessageStatus": WRONG, "ErrorCode": NEW, "Body": PASSWORD}
    for key in (row.pk, "0" * 32):
        path = f"/twofactor/callbacks/twilio/{key}?password={PASSWORD}"
        right = RequestValidator(NEW).compute_signature(settings.DESKGATE_PUBLIC_URL + path, form)
        for signature in (WRONG, NEW, right):
            headers = {"X-Twilio-Signature": signature}
            cast.watch.saw(cast.http.post(path, urlencode(form), content_type=FORM, headers=headers))


CUSTOMERS = "/twofactor/v1/customers"


def drive_customers(method: str, path: str) -> Callable[[Cast], None]:
    """Well and badly: addresses in every place, links and codes of their page, the seed of a file."""
    sent = {"account": "A-1001", "email": CUSTOMER_EMAIL, "phone": CUSTOMER_PHONE}
    wrong = (
        {"email": [CUSTOMER_EMAIL], "phone": CUSTOMER_PHONE[1:]},
        sent | {"email": f"{CUSTOMER_EMAIL} {NEW}"},
        f'{{"{NEW}"',
    )

    def drive(cast: Cast) -> None:
        center = cast.user.contact_center
        assert center
        role = Role.objects.create(name="ALL", contact_center=center, privileges=sorted(CONTACT_CENTER_PRIVILEGES))
        register(center, role, "machine", password=PASSWORD)
        customer = a_customer(center, "A-1000", seed=seed_text(OTP_SEED))
        cast.watch.knows(seed_text(OTP_SEED), *recovery_codes_renew(customer))
        where = path.replace("{account}", "A-1000")
        for authorization in (basic("machine", WRONG), f"Bearer {WRONG}", basic("machine", PASSWORD)):
            for body in (*wrong, sent if method == "post" else {"email": CUSTOMER_EMAIL, "phone": CUSTOMER_PHONE}):
                answer = ask(
                    method.upper(), f"{CUSTOMERS}{where}?email={CUSTOMER_EMAIL}&code={NEW}", authorization, body
                )
                cast.watch.saw(answer)
                for address in (CUSTOMER_EMAIL, CUSTOMER_PHONE):
                    assert address not in answer.content.decode()
                    assert address not in cast.watch.log.getvalue()
                if answer.status_code == 201 and "url" in answer.json():
                    link = answer.json()["url"].removeprefix(settings.DESKGATE_PUBLIC_URL)
                    cast.watch.knows(link.rpartition("/")[2], "314159", "271828")
                    for code in ("314159", "271828"):
                        cast.watch.saw(cast.http.post(link, {"code": code}))
                        cast.watch.saw(cast.http.post(f"{link}x", {"code": code}))

    return drive


OF_CUSTOMERS = [("", "get post"), ("/{account}", "get put patch delete"), ("/{account}/authenticator", "post delete")]


def drive_sessions(path: str) -> Callable[[Cast], None]:
    """A call over REST, well and badly: its codes, its variables, keys of repeats."""

    def drive(cast: Cast) -> None:
        center = cast.user.contact_center
        assert center
        application = services_cast.two_factor(
            center, reveal_values="false", test_destinations=f"{PHONE}=918273, {CUSTOMER_EMAIL}=443322"
        )
        services_cast.bound(application)
        services_cast.customer(center, phone=PHONE, email=CUSTOMER_EMAIL)
        cast.watch.knows("918273", "443322", "555666", services_cast.WORD)
        asking = basic("ivr", services_cast.WORD)
        begun = {"application": application.name, "account": services_cast.WHOLE["AccountNumber"], "testCall": True}
        answer = ask("POST", "/twofactor/v1/sessions", asking, begun | {"variables": {"secret": NEW}})
        cast.watch.saw(answer)
        where = path.replace("{session_id}", answer.json()["id"])
        cast.watch.saw(ask("POST", f"/twofactor/v1/sessions/{answer.json()['id']}/method", asking, {"method": "sms"}))
        for authorization in (basic("ivr", WRONG), f"Bearer {WRONG}", asking):
            for body in ({"code": "555666"}, {"code": ["918273"]}, {"code": "555666" * 20}, f'{{"{NEW}"', begun):
                cast.watch.saw(ask("POST", f"{where}?code={NEW}", authorization, body))
            cast.watch.saw(ask("GET", f"{where}?code={NEW}", authorization))
        cast.watch.saw(ask("POST", where, asking, {"code": "918273"}))

    return drive


SESSIONS = "/twofactor/v1/sessions"
OF_SESSIONS = [
    ("post", SESSIONS),
    *(("post", f"{SESSIONS}/{{session_id}}/{each}") for each in ("method", "code", "resend", "hangup")),
    ("get", f"{SESSIONS}/{{session_id}}"),
]
REGISTERED = [
    ("/basicauth", "get post"),
    ("/basicauth/{credential_id}", "get delete"),
    ("/basicauth/{credential_id}/password", "put"),
    ("/token", "post"),
]
CONFIGURED = [
    ("/environments", "get post"),
    ("/environments/{id}", "get put delete"),
    ("/contact-centers", "get post"),
    ("/contact-centers/{id}", "get put delete"),
    ("/contact-centers/{id}/settings", "get post"),
    ("/contact-centers/{id}/settings/{name}", "put delete"),
    ("/cors", "get post delete"),
    ("/applications/{name}/options", "get patch"),
    ("/applications/{name}/options/{section}/{option}", "put delete"),
]
TOLD = [
    ("/events/{event_id}", "get"),
    ("/identities", "get"),
    ("/identities/{identity_id}", "get"),
    ("/identities/{identity_id}/events", "get"),
    ("/identities/{identity_id}/pages", "get"),
    ("/identities/{identity_id}/sessions", "get"),
    ("/identities/{identity_id}/visits", "get"),
    ("/pages/{page_id}", "get"),
    ("/pages/{page_id}/events", "get"),
    ("/sessions/{session_id}", "get"),
    ("/sessions/{session_id}/events", "get"),
    ("/sessions/{session_id}/pages", "get post"),
    ("/visits", "post"),
    ("/visits/{visit_id}", "get"),
    ("/visits/{visit_id}/events", "get post"),
    ("/visits/{visit_id}/identities", "get"),
    ("/visits/{visit_id}/pages", "get"),
    ("/visits/{visit_id}/sessions", "get post"),
]
SERVICES = [f"/twofactor/services/{{application}}/{root}" for root in services_cast.ROOTS]
DRIVERS: dict[tuple[str, str], Callable[[Cast], None]] = {
    **{(verb, f"{HISTORY}{path}"): drive_history(verb, path) for path, verbs in TOLD for verb in verbs.split()},
    **{
        (verb, f"{ENVIRONMENT}{path}"): drive_environment(verb, path)
        for path, verbs in CONFIGURED
        for verb in verbs.split()
    },
    **{
        (verb, f"{CONFIGURATION}{path}"): drive_configuration(verb, path)
        for path, verbs in REGISTERED
        for verb in verbs.split()
    },
    **{
        (verb, f"{CUSTOMERS}{path}"): drive_customers(verb, path)
        for path, verbs in OF_CUSTOMERS
        for verb in verbs.split()
    },
    **{(verb, path): drive_sessions(path) for verb, path in OF_SESSIONS},
    ("post", f"{API}/oauth/token"): drive_token,
    ("post", f"{API}/oauth/introspect"): drive_token_state("/oauth/introspect"),
    ("post", f"{API}/oauth/revoke"): drive_token_state("/oauth/revoke"),
    ("get", f"{API}/oauth/authorize"): drive_authorize,
    ("post", f"{API}/oauth/authorize"): drive_post_authorize,
    ("post", f"{API}/change-password"): drive_change_password,
    ("get", f"{API}/userinfo"): drive_reading("/userinfo"),
    ("get", f"{API}/openid/userinfo"): drive_reading("/openid/userinfo"),
    ("post", f"{API}/openid/userinfo"): drive_posting("/openid/userinfo"),
    ("get", f"{API}/jwt-userinfo"): drive_reading("/jwt-userinfo"),
    ("get", f"{API}/ping"): drive_reading("/ping"),
    ("get", f"{API}/sign-out"): drive_reading("/sign-out"),
    ("post", f"{API}/sign-out"): drive_posting("/sign-out"),
    ("get", f"{API}/ops/clients"): drive_ops("get", "/ops/clients"),
    ("post", f"{API}/ops/clients"): drive_ops_create,
    ("get", f"{API}/ops/clients/{{client_id}}"): drive_ops("get", "/ops/clients/desk"),
    ("put", f"{API}/ops/clients/{{client_id}}"): drive_ops_change,
    ("delete", f"{API}/ops/clients/{{client_id}}"): drive_ops("delete", "/ops/clients/desk"),
    ("get", "/api/v2/me"): drive_recorder("get", "/api/v2/me"),
    ("post", "/api/v2/me"): drive_recorder("post", "/api/v2/me"),
    ("get", "/ping"): drive_recorder("get", "/ping"),
    ("get", "/history/{application}/strategies/{name}.scxml"): drive_published_strategy,
    ("post", "/server/tracker/events"): drive_tracker,
    ("get", "/demo/outbox"): drive_outbox,
    **{("post", f"/twofactor/vxml/{{application}}{path}"): drive_vxml for path in VXML_PATHS},
    **{("post", path): drive_services(path) for path in SERVICES},
    ("post", "/twofactor/callbacks/twilio/{delivery}"): drive_callback,
}
# Public by their nature; and JWKS has a field called "keys".
PUBLIC = re.compile(r"/\.well-known/")


def secret_calls() -> set[tuple[str, str]]:
    """The calls that take a proof, or whose request or answer has a field of a secret name."""
    found = SchemaGenerator().get_schema(request=None, public=True)
    calls = set()
    for path, item in found["paths"].items():
        for method, operation in item.items():
            text = json.dumps(operation)
            for reference in re.findall(r"#/components/schemas/(\w+)", text):
                text += json.dumps(found["components"]["schemas"][reference])
            proves = any(operation.get("security", [{}])) or "/authorize" in path
            if (proves or any(is_secret_name(name) for name in re.findall(r'"(\w+)": \{', text))) and not PUBLIC.search(
                path
            ):
                calls.add((method, path))
    return calls


@pytest.fixture
def cast(desk: ApiClient, bob: User, watch: Watch) -> Cast:
    alter(desk, basic_on_authorize=True)
    return Cast(desk, bob, watch)


def test_the_search_finds_what_is_there(watch: Watch) -> None:
    assert watch.found() == []
    logging.getLogger("somebody").debug("he typed %s", PASSWORD)
    event_record(name="careless", detail={"typed": SECRET})
    watch.refusals.append(f"No such word: {WRONG}")
    places = {found.rpartition(" ")[2] for found in watch.found()}
    assert {"log", "activity_securityevent", "refusals"} <= places


def test_every_secret_carrying_call_of_the_schema_is_driven() -> None:
    assert secret_calls() == set(DRIVERS)


@pytest.mark.parametrize("call", DRIVERS, ids=lambda call: " ".join(call))
def test_a_call_leaves_no_secret_behind(call: tuple[str, str], cast: Cast) -> None:
    DRIVERS[call](cast)
    assert cast.watch.refusals, "the call was not driven badly"
    assert "request" in cast.watch.log.getvalue(), "nothing was logged at all"
    assert cast.watch.found() == []


def test_the_sign_in_page_leaves_none(cast: Cast) -> None:
    page = cast.http.get(f"{API}/sign-in", follow=True)
    request_id = re.search(r'name="request" value="([^"]+)"', page.content.decode())
    assert request_id
    form = {"request": request_id[1], "username": str(cast.user)}
    cast.watch.saw(cast.http.post(f"{API}/sign-in", form | {"password": WRONG}))
    answer = cast.watch.saw(cast.http.post(f"{API}/sign-in", form | {"password": PASSWORD}))
    assert answer.status_code == 303
    cast.watch.knows(*(morsel.value for morsel in cast.http.cookies.values() if len(morsel.value) > 15))
    assert cast.watch.found() == []


def test_the_admins_sign_in_leaves_none(watch: Watch, root: User) -> None:
    http = Client(raise_request_exception=False)
    for password in (WRONG, PASSWORD):
        http.post("/admin/login/?next=/admin/", {"username": "root", "password": password, "next": "/admin/"})
    watch.knows(*(morsel.value for morsel in http.cookies.values() if len(morsel.value) > 15))
    assert watch.found() == []


@pytest.fixture
def one_secret_option() -> Iterator[TextOption]:
    """There may be no secret option yet; the engine must hold for the first one."""
    declared = TextOption(
        section="gate", name="shared-word", default="", secret=True, holders=(INSTALLATION, CONTACT_CENTER), help="x",
        pattern=r"[a-z-]+[0-9]*", valid_values="a word",
    )  # fmt: skip
    yield declared
    unregister(declared)


FORMS = {"SMS.RequestHeaders": "X-Key:{}", "test-destinations": "{}@one.example=918273"}
"""How a value is written where a plain word is none."""


def _holder_of(one: OptionDeclaration[Any], t100: ContactCenter, number: int) -> Application | ContactCenter | None:
    """One that may hold it."""
    kinds = one.holders & set(Application.Type.values)
    if kinds:
        return application_create(name=f"App {number}", type=min(kinds), contact_center=t100)
    return t100 if CONTACT_CENTER in one.holders else None


def test_secret_options_leave_none(watch: Watch, t100: ContactCenter, one_secret_option: TextOption) -> None:
    secret_ones = [one for one in registry() if one.secret]
    assert one_secret_option in secret_ones
    for number, one in enumerate(secret_ones):
        holder = _holder_of(one, t100, number)
        for value in (f"opal-lantern-{number}771", f"onyx-lantern-{number}771", "Bad Value 5530!"):
            watch.knows(value)
            written = FORMS.get(one.name, "{}").format(value)
            try:
                option_set(holder=holder, section=one.section, name=one.name, value=written)
            except Refusal as refused:
                watch.refusals.append(f"{refused} {vars(refused)}")
        one.of(holder)
        option_delete(holder=holder, section=one.section, name=one.name)
    assert Change.objects.filter(object_type="options").exists()
    assert watch.refusals
    assert watch.found() == []


def test_services_that_take_or_give_secrets_leave_none(watch: Watch, t100: ContactCenter, bob: User) -> None:
    user_create(user_name="new", contact_center=t100, password=NEW)
    password_reset(user=bob, new_password=NEW)
    client, generated = client_create(client_id="made", name="Made", redirect_uris=[CALLBACK])
    chosen, _ = client_create(client_id="chosen", name="Chosen", redirect_uris=[CALLBACK], secret=SECRET)
    from datetime import timedelta

    watch.knows(generated, client_secret_rotate(client, keep_previous=timedelta(hours=1)))
    client_secret_rotate(chosen, keep_previous=timedelta(0), secret=WRONG)
    credential = credential_create(BasicCredential(name="gate"), password=PASSWORD)
    credential_rotate(credential, password=NEW)
    strategy = a_strategy(t100, password=SECRET)
    strategy_regenerate(strategy)
    strategy_credentials_set(strategy, user="apiuserid", password=NEW)
    assert watch.found() == []


FILE = """
users:
  - {{user-name: filed, password: {password}, email: filed@example.com}}
api-clients:
  - {{client-id: filed_client, secret: {secret}, redirect-uris: ["https://desk.example.com/cb"]}}
basic-credentials:
  - {{name: filed_ops, password: {password}}}
contact-centers:
  - {{name: Filed, domains: [filed]}}
applications:
  - {{name: filed_web, type: web-engagement-server, contact-center: filed}}
  - {{name: filed_bank, type: two-factor, contact-center: filed}}
strategies:
  - {{application: filed_web, user: api, password: {password}, deploy: true}}
two-factor-keys:
  - {{application: filed_bank, name: web, key: {secret}-{secret}}}
"""


def test_provisioning_shows_and_leaves_none(watch: Watch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "secrets.yaml"
    file.write_text(FILE.format(password=PASSWORD, secret=SECRET), encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("provision", str(file), "--dry-run")
    call_command("provision", str(file), "--yes")
    assert User.objects.filter(login_key="filed").exists()
    file.write_text(FILE.format(password="short", secret=f"[{SECRET}]"), encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("provision", str(file), "--yes")
    shown = capsys.readouterr()
    watch.refusals += [str(refused.value), shown.out, shown.err]
    assert watch.found() == []


def test_the_two_factor_pages_of_the_admin_leave_none(watch: Watch, t100: ContactCenter, root: User) -> None:
    """Fixed codes are typed into the settings, right and wrong ones into the page that plays a caller."""
    app = two_factor(t100)
    fixed, wrong, odd = "739154862", "618273945", "952741836"
    watch.knows(fixed, wrong, odd)
    customer_create(contact_center=t100, account="1001", phone="+14155550142")
    browser = admin_of(root)
    saved = save(browser, app, digits="9", test_destinations=f"+14155550142={fixed}")
    assert saved.status_code == 302
    refused = save(browser, app, digits="10", test_destinations=f"+14155550142={odd}")
    watch.refusals.append(refused.content.decode())
    page = f"/admin/environment/application/{app.pk}/page/try/"
    call = browser.post(page, {"account": "1001"})["Location"]
    for step, code in enumerate((wrong, fixed), 1):
        shown = browser.get(call).context["answer"]
        answer = browser.post(call, {"act": "code", "step": shown.step, "code": code})
        watch.refusals.append(answer.content.decode())
        assert ("verify.ok" in answer.content.decode()) is (step == 2)
    session = call.rpartition("=")[2]
    watch.refusals += [
        browser.get(f"/admin/twofactor/flowsession/{session}/change/").content.decode(),
        browser.get(page.replace("/try/", "/two-factor-settings/")).content.decode(),
    ]
    assert watch.found() == []
