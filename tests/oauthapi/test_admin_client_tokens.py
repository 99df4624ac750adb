"""A client's page: its tokens revoked at once, its legacy grants told with their end, and where else to look."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activity.models import SecurityEvent
from oauthapi.models import TokenFamily
from tests.admin_client import admin_of, messages_of
from tests.cast import alter, by_password, get, is_alive, post_token, refreshed

CLIENTS = "/admin/oauthapi/apiclient/"


def test_revoking_asks_with_the_number_and_ends_every_token(root, desk, alice, bob):
    answers = [by_password(desk, alice), by_password(desk, bob)]
    own = post_token(desk, grant_type="client_credentials").json()["access_token"]
    browser, url = admin_of(root), f"{CLIENTS}{desk.pk}/do/revoke_tokens/"
    asked = browser.get(url).content.decode()
    assert "sign-ins of users: 2; tokens that the clients hold for themselves: 1." in asked
    assert is_alive(answers[0]["access_token"])
    browser.post(url, {"confirmed": "yes", "reason": "stolen laptop"})
    for answer in answers:
        assert get("/auth/v3/userinfo", answer["access_token"]).status_code == 401
        assert refreshed(desk, answer["refresh_token"]).status_code == 400
    assert not is_alive(own)
    event = SecurityEvent.objects.get(name="tokens-revoked")
    assert (event.client_id, event.detail) == ("desk", {"ended": 3, "reason": "stolen laptop"})
    assert "sign-ins of users: 0" in browser.get(url).content.decode()


def test_revoking_from_the_list_counts_all_that_are_chosen(root, desk, spa, alice):
    by_password(desk, alice)
    browser = admin_of(root)
    sent = {"action": "revoke_tokens", "_selected_action": [desk.pk, spa.pk], "index": 0}
    page = browser.post(CLIENTS, sent).content.decode()
    assert "2 API clients" in page
    assert "sign-ins of users: 1;" in page
    assert TokenFamily.objects.filter(revoked_at=None).exists()
    answer = browser.post(CLIENTS, sent | {"confirmed": "yes", "reason": "audit"})
    assert "2 API clients signed out of all tokens." in messages_of(answer, browser)
    assert not TokenFamily.objects.filter(revoked_at=None).exists()


def test_ended_tokens_are_not_counted(root, desk, alice):
    by_password(desk, alice)
    TokenFamily.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert "sign-ins of users: 0" in admin_of(root).get(f"{CLIENTS}{desk.pk}/do/revoke_tokens/").content.decode()


@pytest.mark.parametrize(
    ("days", "words"),
    [(None, "legacy"), (40, "legacy, until {end}"), (0, "legacy, until {end}"), (-1, "legacy, ended")],
)
def test_legacy_grants_are_told_with_their_end_in_list_and_form(root, desk, days, words):
    end = None if days is None else timezone.now().date() + timedelta(days=days)
    alter(desk, legacy_grants_until=end)
    browser, badge = admin_of(root), f'<span class="dg-badge dg-warn">{words.format(end=end)}</span>'
    assert browser.get(CLIENTS).content.decode().count(badge) == 2
    form = browser.get(f"{CLIENTS}{desk.pk}/change/").content.decode()
    assert form.count(badge) == 4
    assert "RFC 9700 §2.4 forbids the password grant" in form
    assert "RFC 9700 §2.1.2 advises against the implicit grant" in form


def test_a_client_without_legacy_grants_is_not_warned_of(root, partner):
    assert "RFC 9700" not in admin_of(root).get(f"{CLIENTS}{partner.pk}/change/").content.decode()


def test_the_list_finds_who_has_legacy_grants(root, desk, spa, make_client):
    make_client("old", grants=["password"], legacy_grants_until=timezone.now().date() - timedelta(days=1))
    browser = admin_of(root)

    def found(value: str) -> list[str]:
        return [row.client_id for row in browser.get(CLIENTS, {"legacy": value}).context["cl"].queryset]

    assert (found("on"), found("ended"), found("none")) == (["desk"], ["old"], ["spa"])
    assert len(found("nonsense")) == 3


def test_the_page_leads_to_what_else_is_known_of_it(root, alice, desk, bob):
    by_password(desk, bob)
    browser = admin_of(root)
    links = dict(browser.get(f"{CLIENTS}{desk.pk}/change/").context["object_links"])
    assert list(links) == ["Sign-in URL", "Security events", "Token families", "Access tokens", "Lockouts"]
    assert browser.get(links["Token families"]).context["cl"].queryset.count() == 1
    assert browser.get(links["Security events"]).context["cl"].queryset.filter(name="token").count() == 1
