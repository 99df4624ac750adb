"""Browsers of other origins at /auth/v3: the whole stack, origins of contact centers and clients as rows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.context import RequestContext, entered
from config.principal import Principal
from environment.models import Option
from environment.services import option_set
from oauthapi.cors import principal_allows
from tests.cast import TOKEN, alter, basic, by_password, get

ONE = "https://one.example.com"
TWO = "https://two.example.com"
APP = "https://app.example.com"
FOREIGN = "https://evil.example"


@pytest.fixture(autouse=True)
def registered(desk, t100, t200):
    option_set(holder=t100, section="settings", name="cors-origins", value=f"https://other.example.com, {ONE}")
    option_set(holder=t200, section="settings", name="cors-origins", value=TWO)
    alter(desk, allowed_origins=[APP])


@pytest.fixture
def token(desk, bob):
    return by_password(desk, bob)["access_token"]


def preflight(path, origin, method="GET"):
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x"}
    return Client().options(path, headers=headers)


def cors_headers(answer):
    return [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("origin", [ONE, TWO, APP])
def test_a_preflight_is_answered_for_the_origins_of_all(origin):
    answer = preflight("/auth/v3/userinfo", origin)
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, origin)
    assert "Authorization" in answer["Access-Control-Allow-Headers"]
    assert "GET" in answer["Access-Control-Allow-Methods"]
    assert answer["Access-Control-Max-Age"] == "600"


@pytest.mark.parametrize(("origin", "is_readable"), [(ONE, True), (APP, True), (TWO, False), (FOREIGN, False)])
def test_the_answer_itself_is_for_the_callers_origins_only(token, origin, is_readable):
    answer = get("/auth/v3/userinfo", token, Origin=origin)
    assert answer.status_code == 200
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if is_readable else None)
    assert "Origin" in answer["Vary"].title()


@pytest.mark.parametrize("origin", [FOREIGN, "null", "https://one.example.com.evil.example"])
@pytest.mark.parametrize(
    "path", ["/auth/v3/userinfo", "/auth/v3/ping", "/auth/v3/.well-known/openid-configuration", "/auth/v3/nothing"]
)
def test_a_foreign_origin_gets_no_header(token, path, origin):
    for answer in (preflight(path, origin), get(path, token, Origin=origin), get(path, Origin=origin)):
        assert not cors_headers(answer), answer.headers


def test_an_options_request_that_is_no_preflight_reads_nothing(db):
    assert not cors_headers(Client().options("/auth/v3/userinfo", headers={"Origin": ONE}))


def test_a_page_reads_the_error_of_a_caller_nobody_knows(db):
    assert get("/auth/v3/userinfo", Origin=TWO)["Access-Control-Allow-Origin"] == TWO


def test_a_public_answer_is_readable_by_every_registered_page(signing_keys):
    assert get("/auth/v3/.well-known/openid-configuration", Origin=TWO)["Access-Control-Allow-Origin"] == TWO


@pytest.mark.parametrize(("origin", "is_readable"), [(APP, True), (TWO, False)])
def test_a_token_answer_is_for_the_clients_pages(desk, origin, is_readable):
    form = "application/x-www-form-urlencoded"
    headers = {"Origin": origin, "Authorization": basic("desk")}
    answer = Client().post(TOKEN, "grant_type=client_credentials", content_type=form, headers=headers)
    assert answer.status_code == 200
    assert ("Access-Control-Allow-Origin" in answer) is is_readable


@pytest.mark.parametrize(
    ("path", "method", "with_cookie"),
    [
        ("/auth/v3/ping", "GET", True),
        ("/auth/v3/sign-out", "POST", True),
        ("/auth/v3/sign-out", "GET", False),
        ("/auth/v3/userinfo", "GET", False),
        ("/auth/v3/oauth/token", "POST", False),
        ("/auth/v3/change-password", "POST", False),
    ],
)
def test_cookies_count_for_ping_and_posted_sign_out_alone(token, path, method, with_cookie):
    asked = preflight(path, ONE, method)
    headers = {"Origin": ONE, "Authorization": f"Bearer {token}"}
    answered = Client(raise_request_exception=False).generic(method, path, headers=headers)
    assert ("Access-Control-Allow-Credentials" in asked) is with_cookie
    assert ("Access-Control-Allow-Credentials" in answered) is with_cookie


@pytest.mark.parametrize("path", ["/auth/v3/oauth/authorize", "/auth/v3/sign-in", "/auth/v3/consent"])
def test_the_pages_are_read_by_no_other_origin(path):
    assert not cors_headers(preflight(path, ONE))
    assert not cors_headers(get(path, Origin=ONE))


@pytest.mark.parametrize("path", ["/auth/v3/ops/clients", "/auth/v3/ops/clients/desk", "/environment/v3/environments"])
def test_what_configures_is_read_by_no_other_origin(token, path):
    asked = [preflight(path, ONE), preflight(path, ONE, "PUT"), get(path, token, Origin=ONE), get(path, Origin=ONE)]
    assert [answer.status_code for answer in asked[2:]] == [403, 401]
    assert not [answer.headers for answer in asked if cors_headers(answer)]


def test_a_disabled_contact_center_or_client_lets_nobody_in(desk, t200):
    alter(desk, enabled=False)
    type(t200).objects.filter(pk=t200.pk).update(enabled=False)
    assert not cors_headers(preflight("/auth/v3/userinfo", APP))
    assert not cors_headers(preflight("/auth/v3/userinfo", TWO))


def test_a_stored_value_that_is_no_list_of_origins_counts_as_none(t100, token):
    option = Option.objects.get(contact_center=t100, section="settings", name="cors-origins")
    Option.objects.filter(pk=option.pk).update(value=f"{ONE}, http://*.two.example.com")
    assert not cors_headers(preflight("/auth/v3/userinfo", ONE))


def test_a_clients_contact_centers_are_asked_in_one_statement(desk, t100, t200):
    everywhere = frozenset({t100.pk, t200.pk})
    principal = Principal(kind="client", name="desk", client_id="desk", contact_center_ids=everywhere)
    with entered(RequestContext()), CaptureQueriesContext(connection) as captured:
        assert principal_allows(TWO, principal)
        assert not principal_allows(FOREIGN, principal)
    assert len([each for each in captured.captured_queries if "environment_option" in each["sql"]]) == 2
    assert not [each for each in captured.captured_queries if "FROM environment_installation" in each["sql"]]
