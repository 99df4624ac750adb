"""Browser sessions as rows: what they keep, and what ends them on the very next request."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Session
from accounts.principals import principal_of_session
from accounts.selectors import Login
from accounts.services.passwords import password_change
from accounts.services.proofs import password_prove
from accounts.services.sessions import (
    session_begin,
    session_end,
    session_restamp,
    session_revoke,
    sign_out_everywhere,
)
from accounts.services.users import user_update
from accounts.session_store import SessionStore, key_hash
from environment.services import contact_center_update, installation_new_epoch
from environment.services.options import option_set
from tests.cast import PASSWORD


def request_with(key: str | None = None, kind: str = "desk"):
    request = RequestFactory().get("/")
    request.session = SessionStore(key)
    request.session.kind = kind
    return request


def sign_in(name: str = "t100\\bob", key: str | None = None, kind: str = "desk") -> str:
    """Sign in on a browser; the cookie's value."""
    request = request_with(key, kind)
    session_begin(request, password_prove(login=Login.parse(name), password=PASSWORD, via="test"), via="test")
    return request.session.session_key


def is_live(key: str, kind: str = "desk") -> bool:
    """Whether the key opens a session with a user, as the next request would find."""
    store = SessionStore(key)
    store.kind = kind
    return "_auth_user_id" in store.load()


def row_of(key: str) -> Session:
    row = Session.objects.get(pk=key_hash(key))
    assert row is not None
    return row


def test_a_sign_in_makes_a_row_with_the_proven_epochs(bob):
    row = row_of(sign_in())
    bob.refresh_from_db()
    assert (row.user, row.user_epoch, row.kind) == (bob, bob.epoch, "desk")
    assert row.installation_epoch
    assert row.proved_at


def test_only_the_hash_of_the_key_is_stored(bob):
    key = sign_in()
    assert len(key) >= 43
    assert key not in str(Session.objects.values())
    assert row_of(key).pk == key_hash(key)
    assert not is_live(row_of(key).pk)


def test_it_ends_twelve_hours_after_sign_in_whatever_happens(bob):
    row = row_of(sign_in())
    assert timedelta(hours=11, minutes=59) < row.ends_at - timezone.now() <= timedelta(hours=12)


def test_the_absolute_end_is_the_contact_centers(bob, t100):
    option_set(holder=t100, section="sessions", name="absolute-hours", value="2")
    assert row_of(sign_in()).ends_at - timezone.now() <= timedelta(hours=2)


def test_past_its_end_it_is_dead(bob):
    key = sign_in()
    Session.objects.update(ends_at=timezone.now())
    assert not is_live(key)


@pytest.mark.parametrize(("minutes", "alive"), [(29, True), (31, False)])
def test_it_ends_after_thirty_idle_minutes(bob, minutes, alive):
    key = sign_in()
    Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=minutes))
    assert is_live(key) == alive


def test_a_request_refreshes_the_idle_time(bob):
    key = sign_in()
    Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=20))
    is_live(key)
    assert timezone.now() - row_of(key).last_seen_at < timedelta(seconds=5)


def test_a_short_idle_time_is_refreshed_often_enough(bob, t100):
    option_set(holder=t100, section="sessions", name="idle-minutes", value="1")
    key = sign_in()
    Session.objects.update(last_seen_at=timezone.now() - timedelta(seconds=50))
    assert is_live(key)
    assert timezone.now() - row_of(key).last_seen_at < timedelta(seconds=5)


def test_the_key_changes_at_sign_in(bob):
    before = SessionStore()
    before["next"] = "kept"
    before.create()
    fixed = before.session_key
    after = sign_in(key=fixed)
    assert after != fixed
    assert not Session.objects.filter(pk=key_hash(fixed)).exists()


def test_a_chosen_key_is_never_taken_over(bob):
    assert sign_in(key="chosen-by-an-attacker-000") != "chosen-by-an-attacker-000"


def test_a_key_of_one_kind_opens_nothing_as_the_other(alice):
    assert not is_live(sign_in("t100\\alice", kind="desk"), kind="admin")
    assert not is_live(sign_in("t100\\alice", kind="admin"), kind="desk")


def test_another_users_session_is_emptied_at_sign_in(bob, alice):
    key = sign_in()
    request = request_with(key)
    request.session["private"] = "bob's"
    request.session.save()
    other = SessionStore(sign_in("t100\\alice", key=key))
    assert "private" not in other.load()


@pytest.mark.parametrize(
    "case", ["disabled", "password", "everywhere", "contact center", "installation", "revoked", "ended"]
)
def test_what_ends_a_session_holds_on_the_next_request(bob, t100, case):
    key = sign_in()
    assert is_live(key)
    bob.refresh_from_db()
    if case == "disabled":
        bob.enabled = False
        user_update(bob)
    elif case == "password":
        password_change(user=bob, old_password=PASSWORD, new_password="another-word-77")
    elif case == "everywhere":
        sign_out_everywhere(bob)
    elif case == "contact center":
        contact_center_update(t100, enabled=False)
    elif case == "installation":
        installation_new_epoch()
    elif case == "revoked":
        session_revoke(row_of(key))
    else:
        session_end(request_with(key))
    assert not is_live(key)


def test_the_session_that_changed_the_password_lives_on_under_a_new_key(bob):
    key, other = sign_in(), sign_in()
    ends_at = row_of(key).ends_at
    bob.refresh_from_db()
    epoch = password_change(user=bob, old_password=PASSWORD, new_password="another-word-77")
    request = request_with(key)
    request.session._session_cache = request.session.decode(row_of(key).data)
    session_restamp(request, user_epoch=epoch)
    fresh = request.session.session_key
    assert fresh != key
    assert (is_live(fresh), is_live(key), is_live(other)) == (True, False, False)
    assert abs(row_of(fresh).ends_at - ends_at) < timedelta(minutes=1)


def test_the_principal_of_a_session_is_its_user(alice, t100):
    from accounts.models import User

    request = request_with(sign_in("t100\\alice"))
    request.user = User.objects.select_related("contact_center").get(pk=alice.pk)
    principal = principal_of_session(request)
    assert (principal.kind, principal.name, principal.proof) == ("user", "t100\\alice", "session")
    assert principal.contact_center_ids == {t100.pk}
    assert principal.proved_at is not None


def test_djangos_own_way_to_prove_a_user_opens_nothing(root):
    """Only ``password_prove`` counts failures: no other door takes a password."""
    from django.contrib.auth import authenticate

    assert authenticate(request_with(kind="admin"), username="root", password=PASSWORD) is None


@pytest.mark.parametrize("key", ["", "short", "x" * 100, "x" * 43])
def test_an_unknown_key_opens_nothing(db, key):
    assert not is_live(key)
