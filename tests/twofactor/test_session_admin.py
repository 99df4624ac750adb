"""Sessions and waiting accounts in the admin: what each call did, and never a code or a whole destination."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from activity.models import SecurityEvent
from config.context import RequestContext, entered
from config.http.errors import Forbidden
from config.principal import Principal
from environment.models import Application, ContactCenter
from environment.services import option_set
from tests.admin_client import admin_of, do, messages_of
from tests.twofactor.plans import scans
from tests.twofactor.session_rows import make_code, make_delivery, make_guard, make_session, make_step
from tests.twofactor.settings_form import an_application
from twofactor.admin.telling import masked_text
from twofactor.models import FlowSession, Guard
from twofactor.selectors.session_told import MOST
from twofactor.services.guards import guard_clear

pytestmark = pytest.mark.django_db
SESSIONS = "/admin/twofactor/flowsession/"
GUARDS = "/admin/twofactor/guard/"
NUMBER = "+14155550142"


@pytest.fixture
def app(t100: ContactCenter) -> Application:
    return an_application(t100)


def listed(browser: Any, url: str = SESSIONS, **asked: str) -> list[Any]:
    page = browser.get(url, asked)
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


def page_of(browser: Any, session: FlowSession) -> str:
    page = browser.get(f"{SESSIONS}{session.pk}/change/")
    assert page.status_code == 200
    return str(page.content.decode())


def test_the_list_is_newest_first_and_tells_state_or_path(app: Application, alice: User) -> None:
    old = make_session(app, ago=timedelta(days=2), state="ended", path="success", sends_used=2)
    new = make_session(app, test_call=True)
    browser = admin_of(alice)
    assert listed(browser) == [new, old]
    text = browser.get(SESSIONS).content.decode()
    assert "success" in text
    assert "entering the code" in text


def test_sessions_are_found_by_whole_account_call_or_session_id(app: Application, alice: User) -> None:
    one = make_session(app, account="A-17", call_id="call-1")
    make_session(app, account="A-170", call_id="call-10")
    browser = admin_of(alice)
    for word in ("A-17", "call-1", one.pk):
        assert listed(browser, q=word) == [one]
    assert listed(browser, q="A-1") == []


def test_sessions_are_narrowed_by_day_path_face_test_call_and_application(
    app: Application, alice: User, t100: ContactCenter, t200: ContactCenter, root: User
) -> None:
    old = make_session(app, ago=timedelta(days=3), state="ended", path="success", face="vxml")
    new = make_session(app, test_call=True)
    other = make_session(an_application(t200, "Theirs"))
    browser = admin_of(alice)
    assert listed(browser, within="today") == [new]
    assert listed(browser, within="7") == [new, old]
    assert listed(browser, path="success") == [old]
    assert listed(browser, path="-") == [new]
    assert listed(browser, face__exact="vxml") == [old]
    assert listed(browser, test_call__exact="1") == [new]
    whole = admin_of(root)
    assert listed(whole, application=str(other.application_id)) == [other]
    assert set(listed(whole, contact_center=str(t100.pk))) == {old, new}
    assert listed(whole, contact_center="nonsense") == []


def test_a_path_of_the_applications_own_can_be_chosen(app: Application, alice: User) -> None:
    option_set(holder=app, section="two-factor", name="paths", value="queue 7")
    make_session(app)
    assert "queue 7" in admin_of(alice).get(SESSIONS).content.decode()


def test_a_page_has_the_timeline_the_codes_and_what_was_sent(app: Application, alice: User) -> None:
    session = make_session(app, ago=timedelta(minutes=1), state="ended", path="success")
    make_step(session, "session.started", request_id="req-1")
    make_step(session, "code.sent", outcome="accepted", method="sms", ordinal=2, ms=120, detail={"gateway": "http"})
    first = make_code(session, 1, superseded_at=timezone.now())
    second = make_code(session, 2, attempts=1, consumed_at=session.started_at + timedelta(seconds=42))
    make_delivery(first, outcome="transient", http_status=503, detail="failed for now")
    make_delivery(second, attempt=2, status="delivered")
    text = page_of(admin_of(alice), session)
    for words in ("session.started", "req-1", "code.sent", "120 ms", "gateway: http"):
        assert words in text
    for words in ("replaced by a newer one", "used after 42 s", "1 of 3", "…42"):
        assert words in text
    for words in ("failed for now", "503", "delivered"):
        assert words in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"attempts": 3}, "all attempts used"),
        ({"burnt_at": timezone.now()}, "ended unused"),
        ({"undelivered": True}, "waits, reported undelivered"),
        ({"expires_at": timezone.now() - timedelta(hours=1)}, "expired"),
    ],
)
def test_what_became_of_a_code_is_told_in_words(words: Any, told: str, app: Application, alice: User) -> None:
    session = make_session(app)
    make_code(session, **words)
    assert told in page_of(admin_of(alice), session)


def test_no_page_tells_a_code_or_a_whole_destination(app: Application, alice: User) -> None:
    session = make_session(app, account="1001", cli=NUMBER, dnis="+14155550199", private="sealed")
    detail = {"to": "jane.doe@example.com", "number": "+1 415 555 0142", "code": "424242", "authCode_nbest1": "1234"}
    make_step(session, "code.entered", detail=detail)
    make_code(session, code_mac="mac-of-it")
    make_guard(app, kind="pair", cli=NUMBER)
    browser = admin_of(alice)
    for text in (
        page_of(browser, session),
        browser.get(SESSIONS).content.decode(),
        browser.get(GUARDS).content.decode(),
        browser.get(f"{GUARDS}{Guard.objects.get().pk}/change/").content.decode(),
        browser.get(f"{GUARDS}{Guard.objects.get().pk}/do/clear/").content.decode(),
    ):
        for secret in ("jane.doe@", "5550142", "555 0142", "5550199", "424242", "1234<", "mac-of-it", "sealed"):
            assert secret not in text
    assert "j…@e….com" in page_of(browser, session)


def test_whatever_looks_like_a_destination_is_masked() -> None:
    assert masked_text("mail to bob.b@mail.one.example.com now") == "mail to b…@m….com now"
    assert masked_text("call +49 (30) 901820-14!") == "call …14!"
    assert masked_text("status success, 503 after 1200 ms") == "status success, 503 after 1200 ms"


def test_a_session_with_very_many_steps_is_shown_in_part(app: Application, alice: User) -> None:
    session = make_session(app)
    for _ in range(MOST + 5):
        make_step(session, "reprompt")
    text = page_of(admin_of(alice), session)
    assert text.count('class="dg-name"') == MOST
    assert "Only the first steps" in text


def test_a_page_asks_as_many_statements_for_many_rows_as_for_few(app: Application, alice: User) -> None:
    few, many = make_session(app), make_session(app)
    for session, number in ((few, 2), (many, 12)):
        for ordinal in range(1, number):
            make_step(session, "code.sent")
            make_delivery(make_code(session, ordinal))
    browser = admin_of(alice)
    counted = []
    for session in (few, many, few):
        with CaptureQueriesContext(connection) as seen:
            page_of(browser, session)
        counted.append(len(seen))
    assert counted[1] == counted[2]
    with CaptureQueriesContext(connection) as seen:
        listed(browser)
    for _ in range(20):
        make_session(app)
    with CaptureQueriesContext(connection) as again:
        listed(browser)
    assert len(again) <= len(seen)


def test_waiting_accounts_are_listed_and_cleared_and_the_event_tells_who_and_why(app: Application, alice: User) -> None:
    waits = make_guard(app, waits_until=timezone.now() + timedelta(minutes=4))
    make_guard(app, account="1002", failures=1)
    make_guard(app, account="1003", failures=0)
    browser = admin_of(alice)
    assert {one.account for one in listed(browser, GUARDS)} == {"1001", "1002"}
    assert listed(browser, GUARDS, waits="now") == [waits]
    assert listed(browser, GUARDS, q="1001") == [waits]
    answer = do(browser, GUARDS, waits, "clear", reason="the owner called")
    assert "cleared" in messages_of(answer, browser)
    assert not Guard.objects.filter(pk=waits.pk).exists()
    event = SecurityEvent.objects.get(name="two-factor-wait-cleared")
    assert event.contact_center_id == app.contact_center_id
    assert event.detail["reason"] == "the owner called"
    assert (event.detail["account"], event.detail["failures"]) == ("1001", 12)


def test_only_who_may_write_sessions_clears_a_wait(
    app: Application, alice: User, eve: User, t100: ContactCenter, make_user: Any
) -> None:
    waits = make_guard(app, kind="pair", cli=NUMBER)
    reader = Role.objects.create(name="READER", contact_center=t100, privileges=["two-factor-sessions:read"])
    rita = make_user("rita", t100, roles=[reader])
    assert listed(admin_of(rita), GUARDS) == [waits]
    for user in (rita, eve):
        assert do(admin_of(user), GUARDS, waits, "clear").status_code == 403
    assert Guard.objects.filter(pk=waits.pk).exists()
    do(admin_of(alice), GUARDS, waits, "clear")
    assert NUMBER not in str(SecurityEvent.objects.get(name="two-factor-wait-cleared").detail)


def test_the_service_itself_refuses_who_may_not_write(app: Application) -> None:
    waits = make_guard(app)
    reads = frozenset({"two-factor-sessions:read"})
    assert app.contact_center_id
    centers = frozenset({app.contact_center_id})
    asking = Principal(kind="user", name="rita", contact_center_ids=centers, privileges=reads)
    with entered(RequestContext(principal=asking)), pytest.raises(Forbidden):
        guard_clear(waits)
    assert Guard.objects.filter(pk=waits.pk).exists()


@pytest.mark.parametrize("who", ["alice", "root"])
def test_lists_searches_filters_and_pages_scan_nothing(
    who: str, app: Application, t200: ContactCenter, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    session = make_session(app)
    make_delivery(make_code(session))
    make_step(session, "code.sent")
    make_session(an_application(t200, "Theirs"))
    guard = make_guard(app)
    browser = admin_of(user)
    words = [{}, {"q": "1001"}, {"q": session.pk}, {"within": "7"}, {"path": "success"}, {"path": "-"}]
    words += [{"application": str(app.pk)}, {"contact_center": str(app.contact_center_id)}, {"test_call__exact": "1"}]
    for asked in words:
        assert scans(partial(browser.get, SESSIONS, asked)) == []
    for asked in ({}, {"q": "1001"}, {"waits": "now"}):
        assert scans(partial(browser.get, GUARDS, asked)) == []
    for url in (f"{SESSIONS}{session.pk}/change/", f"{GUARDS}{guard.pk}/change/", f"{SESSIONS}activity/"):
        assert scans(partial(browser.get, url)) == []


def test_an_account_that_is_stopped_says_so(app: Application, alice: User) -> None:
    make_guard(app, failures=100)
    assert "stopped until cleared" in admin_of(alice).get(GUARDS).content.decode()
