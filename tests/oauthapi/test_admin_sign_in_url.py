"""A client's sign-in URL in the admin: ready-made, tried, and judged by the endpoint's own rules."""

from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from activity.models import Change, SecurityEvent
from environment.services import option_set
from oauthapi.models import AuthorizationRequest
from tests.admin_client import admin_of
from tests.cast import CALLBACK, alter


def url_of(client):
    return f"/admin/oauthapi/apiclient/{client.pk}/sign-in-url/"


@pytest.fixture
def ask(root):
    """Ask the page as root; what it says."""
    browser = admin_of(root)

    def ask(client, **asked):
        return browser.get(url_of(client), asked)

    return ask


@pytest.fixture
def test_of(ask):
    """Press "Test": the rehearsal."""
    first = {"redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "test": "Test"}
    return lambda client, **asked: ask(client, **(first | asked)).context["tested"]


def test_the_ready_made_url_shows_the_sign_in_page(ask, desk, spa):
    for client in (desk, spa):
        page = ask(client)
        assert page.context["tested"] is None
        made = page.context["made"]
        parts = urlsplit(made.url)
        asked = dict(parse_qsl(parts.query))
        assert (asked["client_id"], asked["redirect_uri"], asked["response_type"]) == (
            client.client_id,
            CALLBACK,
            "code",
        )
        assert ("code_challenge" in asked) == client.is_public == bool(made.verifier)
        answer = Client().get(f"{parts.path}?{parts.query}")
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/auth/v3/sign-in")


def test_testing_writes_nothing(test_of, desk):
    kinds = (AuthorizationRequest, Change, SecurityEvent)
    before = [kind.objects.count() for kind in kinds]
    assert test_of(desk).error == ""
    assert test_of(desk, scope="nope").error
    assert [kind.objects.count() for kind in kinds] == before


def test_a_good_url_tells_of_consent_too(ask, test_of, desk, partner):
    assert (test_of(desk).error, test_of(desk).consent) == ("", False)
    assert test_of(partner).consent
    sent = {"redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "test": "Test"}
    assert "Would show the sign-in page, then ask the user's consent" in ask(partner, **sent).content.decode()


@pytest.mark.parametrize(
    ("fields", "asked", "error", "because"),
    [
        ({"enabled": False}, {}, "400", "The client is disabled."),
        ({"grants": ["password"]}, {}, "unauthorized_client", "The client does not have the grant authorization_code."),
        ({}, {"scope": "openid nope"}, "invalid_scope", "Not among the client's scopes: nope."),
        ({}, {"scope": "configuration"}, "invalid_scope", "Not among the client's scopes: configuration."),
        (
            {"scopes": ["*", "configuration"]},
            {"scope": "configuration", "response_type": "token"},
            "invalid_scope",
            "The scope configuration is given by the code flow only.",
        ),
    ],
)
def test_a_refusal_is_told_with_its_inner_reason(test_of, ask, desk, fields, asked, error, because):
    alter(desk, **fields)
    said = test_of(desk, **asked)
    assert (said.error, said.because) == (error, because)
    sent = {"redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "test": "Test"}
    page = ask(desk, **(sent | asked))
    assert error in page.content.decode()


def test_an_ended_legacy_grant_and_the_strict_profile_are_named(test_of, desk):
    yesterday = timezone.now().date() - timedelta(days=1)
    alter(desk, legacy_grants_until=yesterday)
    assert test_of(desk, response_type="token").because == f"The client's legacy grants ended on {yesterday}."
    option_set(holder=None, section="oauth", name="strict", value="true")
    alter(desk, legacy_grants_until=None)
    assert test_of(desk, response_type="token").because == "The strict profile turns the implicit grant off."


def test_a_disabled_contact_center_is_named(test_of, desk, t100):
    desk.contact_centers.set([t100])
    alter(t100, enabled=False)
    assert test_of(desk).because == "Every contact center that it is for is disabled."
    alter(desk, owner=t100)
    assert "that owns it" in test_of(desk).because


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        (CALLBACK, "Allowed, by the rule: exact."),
        ("http://127.0.0.1:9/callback", "Allowed, by the rule: loopback port."),
        (f"{CALLBACK}/", f"Path or query differ from the registered {CALLBACK}"),
        ("https://evil.example/callback", "None of the client's redirect URIs has this scheme, host and port."),
        ("http://desk.example.com/callback", "http only to this machine"),
        (f"{CALLBACK}#x", "has a fragment"),
        (f"{CALLBACK}\\x", "backslash"),
    ],
)
def test_a_redirect_uri_is_judged_by_the_rule_that_allows_it(ask, spa, uri, words):
    assert words in unescape(ask(spa, uri=uri).content.decode())


def test_a_client_that_matches_by_origin_is_told_so(ask, make_client):
    client = make_client("by-origin", redirect_uris=["https://wwe.example.com"], redirect_match="origin")
    assert "by the rule: origin." in ask(client, uri="https://wwe.example.com/any/path").content.decode()
    option_set(holder=None, section="oauth", name="strict", value="true")
    assert "strict profile" in ask(client, uri="https://wwe.example.com/any/path").content.decode()


def test_an_origin_is_judged_by_the_list_that_has_it(ask, desk, t100, t200):
    alter(desk, allowed_origins=["https://*.example.com"])
    option_set(holder=t100, section="settings", name="cors-origins", value="https://one.example.org")
    option_set(holder=t200, section="settings", name="cors-origins", value="https://two.example.org")
    desk.contact_centers.set([t100])

    def said(origin):
        return ask(desk, origin=origin).context["origin_verdict"]

    assert said("https://desk.example.com").rule == "the client's allowed origins: https://*.example.com"
    assert said("https://one.example.org").rule == (
        "settings/cors-origins of contact center One: https://one.example.org"
    )
    assert not said("https://two.example.org").rule  # the client is not for that contact center
    for odd in ("null", "*", "https://*.example.com", "https://desk.example.com/path"):
        assert "no origin" in said(odd).why_not
    assert "stands neither" in said("https://desk.example.net").why_not


def test_a_contact_centers_administrator_is_not_told_the_origins_of_others(alice, make_client, t100, t200):
    option_set(holder=t200, section="settings", name="cors-origins", value="https://two.example.org")
    shared = make_client("shared", owner=t100)
    page = admin_of(alice).get(url_of(shared), {"origin": "https://two.example.org"})
    assert not page.context["origin_verdict"].rule


def test_the_page_is_refused_to_others_and_to_the_signed_out(alice, eve, root, make_client, t100):
    client = make_client("of-one", owner=t100)
    client.contact_centers.set([t100])
    assert admin_of(alice).get(url_of(client)).status_code == 200
    assert admin_of(eve).get(url_of(client)).status_code == 403
    assert Client().get(url_of(client)).status_code == 302
    assert admin_of(root).get("/admin/oauthapi/apiclient/999999/sign-in-url/").status_code == 403


def test_a_client_without_redirect_uris_says_so(ask, make_client):
    client = make_client("service", grants=["client_credentials"], redirect_uris=[])
    assert "has no redirect URI" in ask(client).content.decode()


def test_a_redirect_uri_that_is_not_the_clients_is_refused_by_the_form(ask, desk):
    page = ask(desk, redirect_uri="https://evil.example/", response_type="code", test="Test")
    assert page.context["tested"] is None
    assert "valid choice" in page.content.decode()
