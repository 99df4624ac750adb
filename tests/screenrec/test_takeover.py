"""The same agent logs in again, and cookies that were planted or left by another."""

from __future__ import annotations

import pytest

from accounts.models import User
from screenrec import selectors
from screenrec.flows import desk
from screenrec.models import RecorderSession
from tests.screenrec.desktop import LOGOUT, ME, SEAT, Desktop, held, refused

pytestmark = pytest.mark.usefixtures("places")


def test_the_same_agent_takes_his_session_over_and_the_old_cookie_is_dead(bob: User) -> None:
    first, second = Desktop(bob), Desktop(bob)
    first.log_in(SEAT)
    answer = second.log_in(SEAT)
    assert answer.status_code == 200
    assert RecorderSession.objects.count() == 1
    assert held(bob) == ["7001", "7002"]
    for method, path, body in (("GET", "/ping", None), ("GET", ME, None), ("POST", ME, LOGOUT)):
        refused(first.ask(method, path, body), 401, 20)
    assert second.ping().status_code == 200


def test_another_spelling_of_his_name_is_the_same_agent(bob: User) -> None:
    for name in ("t100\\bob", "T100\\BOB", "one.example.com\\bob", "bob"):
        assert Desktop(name).log_in().status_code == 200
    assert RecorderSession.objects.count() == 1


def test_a_cookie_that_was_planted_is_never_taken(desktop: Desktop) -> None:
    planted = "A" * 43
    desktop.http.cookies["deskgate_recorder"] = planted
    given = desktop.log_in().cookies["deskgate_recorder"].value
    assert given != planted
    assert len(given) == 43
    thief = Desktop()
    thief.http.cookies["deskgate_recorder"] = planted
    refused(thief.ping(), 401, 20)


def test_a_login_with_the_cookie_of_another_leaves_his_session_alone(logged_in: Desktop, bob: User, carl: User) -> None:
    carls = Desktop(carl)
    carls.http.cookies = logged_in.http.cookies.__class__(logged_in.http.cookies.output(header=""))
    answer = carls.log_in()
    assert answer.json()["user"]["userName"] == "t100\\carl"
    assert RecorderSession.objects.filter(ended_at=None).count() == 2
    assert logged_in.ping().status_code == 200


def test_every_login_gives_a_new_key_of_which_only_the_hash_is_kept(desktop: Desktop) -> None:
    keys = {desktop.log_in().cookies["deskgate_recorder"].value for _ in range(3)}
    assert len(keys) == 3
    row = RecorderSession.objects.values().get()
    assert not any(key in str(row) for key in keys)
    assert row["key_hash"] in {selectors.key_hash(key) for key in keys}


def test_a_logout_of_the_old_cookie_that_comes_after_the_takeover_ends_nothing(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Desktop(bob), Desktop(bob)
    old.log_in()
    end = desk.session_end

    def taken_over_first(session: RecorderSession, because: RecorderSession.End) -> bool:
        new.log_in()
        return end(session, because)

    monkeypatch.setattr(desk, "session_end", taken_over_first)
    refused(old.log_out(), 401, 20)
    assert new.ping().status_code == 200
