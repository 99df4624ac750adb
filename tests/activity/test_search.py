"""Finding what happened: by whole words, by outcome, by time, by contact center; and the way from one row to others."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import BasicCredential, FailureCounter, Role, Session
from accounts.services.lockout import client_limit, failure_count, lockout_release
from activity.models import Change, SecurityEvent
from activity.services import change_record, event_record
from config.admin import searching
from config.context import RequestContext, entered
from config.principal import COMMAND
from environment.models import Place
from tests.admin_client import admin_of, messages_of, sign_in
from tests.cast import basic, by_password, post_token

EVENTS, CHANGES = "/admin/activity/securityevent/", "/admin/activity/change/"
SESSIONS, LOCKOUTS, FAMILIES = (
    "/admin/accounts/session/",
    "/admin/accounts/failurecounter/",
    "/admin/oauthapi/tokenfamily/",
)


@pytest.fixture
def found(root):
    """Search a list as root; how many rows it shows."""
    browser = admin_of(root)
    return lambda address, text, **more: browser.get(address, {"q": text, **more}).context["cl"].result_count


def test_a_refusal_is_found_by_client_address_and_request(found, desk):
    answer = post_token(desk, secret="wrong", grant_type="client_credentials")
    event = SecurityEvent.objects.get(name="client-authentication")
    assert event.request_id == answer["X-Request-ID"]
    for text in ("desk", answer["X-Request-ID"], f"  {answer['X-Request-ID']} "):
        assert found(EVENTS, text) == 1
    assert found(EVENTS, "127.0.0.1") == SecurityEvent.objects.count()
    for part in ("des", "DESK", "127.0.0", answer["X-Request-ID"][:-1], "wrong"):
        assert found(EVENTS, part) == 0


def test_a_users_events_are_found_by_his_whole_name(found, desk, bob):
    by_password(desk, bob)
    assert found(EVENTS, "t100\\bob") == 1
    assert found(EVENTS, "t100\\bob", outcome__exact="refused") == 0
    assert found(EVENTS, "t100\\bob", outcome__exact="ok") == 1


def test_the_owner_of_a_client_finds_its_wrong_secrets_and_no_other_does(alice, eve, make_client, t100):
    client = make_client("of-one", owner=t100)
    post_token(client, secret="wrong", grant_type="client_credentials")
    assert admin_of(alice).get(EVENTS, {"q": "of-one"}).context["cl"].result_count == 1
    assert admin_of(eve).get(EVENTS, {"q": "of-one"}).context["cl"].result_count == 0


@pytest.mark.parametrize("address", [EVENTS, CHANGES])
def test_a_contact_centers_filter_and_time_narrow_a_list(address, root, t100, t200):
    now = timezone.now()
    for center, days in ((t100, 0), (t100, 5), (t100, 20), (t200, 100)):
        event_record(name="x", contact_center_id=center.pk)
        event = SecurityEvent.objects.latest("id")
        SecurityEvent.objects.filter(pk=event.pk).update(at=now - timedelta(days=days), address="10.9.9.9")
        words = {"actor_kind": "user", "actor_name": "x", "action": "update", "object_type": "places"}
        row = Change.objects.create(**words, object_id="1", object_name="y", contact_center_id=center.pk)
        Change.objects.filter(pk=row.pk).update(at=now - timedelta(days=days), address="10.9.9.9")
    browser = admin_of(root)

    def count(**asked):
        return browser.get(address, {"q": "10.9.9.9"} | asked).context["cl"].result_count

    assert [count(within=span) for span in ("today", "7", "30", "nonsense")] == [1, 2, 3, 4]
    assert (count(contact_center=str(t100.pk)), count(contact_center=str(t200.pk))) == (3, 1)
    assert count(contact_center=str(t100.pk), within="7") == 2
    assert count(contact_center="nonsense") == 0
    assert str(t100.pk) not in browser.get(address).content.decode()  # chosen by typing, no link for each


def test_changes_are_found_by_who_whom_from_where_and_in_which_request(found, root, t100):
    with entered(RequestContext(request_id="req-7", address="10.1.2.3", principal=COMMAND)):
        place = Place.objects.create(name="Place_9", contact_center=t100)
        change_record(action="create", obj=place, before={}, after={"name": "Place_9"})
    for text in ("req-7", "10.1.2.3", COMMAND.name, "Place_9"):
        assert found(CHANGES, text) >= 1, text
    assert found(CHANGES, "Place_") == 0


def test_sessions_are_found_by_user_with_or_without_tenant_and_by_address(found, bob, alice):
    now = timezone.now()
    for number, user in enumerate((bob, bob, alice)):
        Session.objects.create(
            key_hash=f"{number:064}", kind="desk", user=user, address="10.0.0.8", last_seen_at=now, ends_at=now
        )
    assert [found(SESSIONS, text) for text in ("t100\\bob", "BOB", "t100\\alice", "10.0.0.8", "bo")] == [2, 2, 1, 3, 0]
    assert found(SESSIONS, "10.0.0.8", within="today") == 3


def test_token_families_are_found_by_user_and_by_client(found, desk, bob):
    by_password(desk, bob)
    assert [found(FAMILIES, text) for text in ("t100\\bob", "bob", "desk", "t200\\bob", "des")] == [1, 1, 1, 0, 0]


def test_lockouts_are_found_by_user_client_and_address(found, desk, bob):
    post_token(desk, grant_type="password", username="t100\\bob", password="wrong")
    post_token(desk, secret="wrong", grant_type="client_credentials")
    kinds = FailureCounter.objects.filter(failures__gt=0).values_list("kind", "name", "address")
    assert set(kinds) == {
        ("pair", "t100\\bob", "127.0.0.1"),
        ("account", "t100\\bob", ""),
        ("address", "", "127.0.0.1"),
        ("client", "desk", "127.0.0.1"),
    }
    assert [found(LOCKOUTS, text) for text in ("t100\\bob", "bob", "desk", "DESK", "127.0.0.1", "t100")] == [
        2,
        2,
        1,
        1,
        3,
        0,
    ]


@pytest.mark.parametrize(
    ("kind", "subject", "parts"),
    [
        ("pair", "t100\\one from two from ::1", ("t100\\one from two", "::1")),
        ("account", "t100\\one from two", ("t100\\one from two", "")),
        ("address", "::1", ("", "::1")),
        ("address", "clients from ::1", ("", "::1")),
        ("credential", "script from 10.0.0.1", ("script", "10.0.0.1")),
    ],
)
def test_a_counters_subject_is_told_apart(kind, subject, parts):
    assert FailureCounter.parts_of(kind, subject) == parts


@pytest.mark.django_db
def test_locks_and_releases_are_events_of_their_client():
    limit = client_limit("desk", "10.0.0.1")
    for _ in range(limit.limit):
        failure_count(limit)
    lockout_release(FailureCounter.objects.get())
    assert list(SecurityEvent.objects.order_by("id").values_list("name", "client_id")) == [
        ("locked", "desk"),
        ("lockout-released", "desk"),
    ]


def test_a_lockout_leads_to_the_events_of_names_with_capitals(found, root, make_client, make_user, t100, t200):
    make_client("Kiosk-One")
    make_user("Carol.King", t100)
    BasicCredential.objects.create(name="Night-Job", password="!")
    for _ in range(50):
        post_token("Kiosk-One", secret="wrong", grant_type="client_credentials")
        Client().get("/environment/v3/contact-centers", headers={"Authorization": basic("night-JOB", "wrong")})
    for _ in range(10):
        assert sign_in("T100\\carol.king", "wrong")[1].status_code == 200
    browser = admin_of(root)
    for kind, name in (("client", "Kiosk-One"), ("credential", "Night-Job"), ("pair", "t100\\Carol.King")):
        counter = FailureCounter.objects.get(kind=kind, locked_until__isnull=False)
        links = dict(browser.get(f"{LOCKOUTS}{counter.pk}/change/").context["object_links"])
        events = [event.name for event in browser.get(links["Security events"]).context["cl"].queryset]
        assert events.count("locked") == 1, kind
        assert len(events) == counter.failures + 1, kind
        assert found(LOCKOUTS, name) == (2 if kind == "pair" else 1)
        lockout_release(counter)
        assert found(EVENTS, name) == counter.failures + 2


def test_a_lock_of_a_name_that_nobody_has_leads_to_its_events_in_any_spelling(root, t100, t200):
    for name in ("t100\\No.Body", "T100\\no.body") * 5:
        sign_in(name, "wrong")
    counter = FailureCounter.objects.get(kind="pair", locked_until__isnull=False)
    browser = admin_of(root)
    links = dict(browser.get(f"{LOCKOUTS}{counter.pk}/change/").context["object_links"])
    assert browser.get(links["Security events"]).context["cl"].result_count == 11


def test_a_search_takes_the_newest_of_each_column(found, monkeypatch, root):
    monkeypatch.setattr(searching, "NEWEST", 2)
    for number in range(4):
        event_record(name=f"n{number}", client_id="desk")
    assert found(EVENTS, "desk") == 2
    browser = admin_of(root)
    names = [row.name for row in browser.get(EVENTS, {"q": "desk"}).context["cl"].queryset]
    assert names == ["n3", "n2"]


def test_a_change_leads_to_the_events_of_its_request_and_back(root, bob):
    browser = admin_of(root)
    answer = browser.post(f"/admin/accounts/user/{bob.pk}/do/sign_out/", {"confirmed": "yes", "reason": "lost"})
    assert "signed out" in messages_of(answer, browser)
    event = SecurityEvent.objects.get(name="sign-out")
    change = Change.objects.create(
        actor_kind="user", actor_name="root", action="update", object_type="users", object_id="1", object_name="x",
        request_id=event.request_id,
    )  # fmt: skip
    links = dict(browser.get(f"{CHANGES}{change.pk}/change/").context["object_links"])
    assert event in browser.get(links["Security events of this request"]).context["cl"].queryset
    links = dict(browser.get(f"{EVENTS}{event.pk}/change/").context["object_links"])
    assert change in browser.get(links["Changes of this request"]).context["cl"].queryset
    assert event in browser.get(links["Events of t100\\bob"]).context["cl"].queryset


def test_a_users_page_leads_to_his_events_sessions_and_tokens(root, alice, bob, desk):
    by_password(desk, bob)
    browser, url = admin_of(root), f"/admin/accounts/user/{bob.pk}/change/"
    links = dict(browser.get(url).context["object_links"])
    assert list(links) == ["Security events", "Sessions", "Token families", "Lockouts", "Changes made"]
    assert browser.get(links["Token families"]).context["cl"].result_count == 1
    assert browser.get(links["Security events"]).context["cl"].result_count == 1


def test_links_to_what_one_may_not_see_are_left_out(make_user, t100, bob):
    role = Role.objects.create(name="USERS", contact_center=t100, privileges=["users:read", "sessions:read"])
    carol = make_user("carol", t100, roles=[role])
    page = admin_of(carol).get(f"/admin/accounts/user/{bob.pk}/change/")
    assert [label for label, _url in page.context["object_links"]] == ["Sessions"]


def test_an_event_names_its_contact_center_and_the_second(root, t100):
    event_record(name="x", contact_center_id=t100.pk)
    event = SecurityEvent.objects.get(name="x")
    page = admin_of(root).get(f"{EVENTS}{event.pk}/change/").content.decode()
    assert str(t100) in page
    assert f"{event.at:%Y-%m-%d %H:%M:%S}" in page
