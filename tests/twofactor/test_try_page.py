"""“Try this application…”: an administrator plays the caller of a test call."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from environment.models import Application, ContactCenter
from environment.services import option_set
from tests.admin_client import admin_of, messages_of
from tests.twofactor.pages import page_of
from tests.twofactor.settings_form import an_application
from twofactor.models import FlowSession
from twofactor.services.customers import customer_create

pytestmark = pytest.mark.django_db
NUMBER, ADDRESS = "+14155550142", "jane.doe@one.example.com"
CODE = "424242"


@pytest.fixture
def app(t100: ContactCenter) -> Application:
    """A customer with two methods, whose test calls have a fixed code."""
    application = an_application(t100)
    customer_create(contact_center=t100, account="1001", email=ADDRESS, phone=NUMBER)
    customer_create(contact_center=t100, account="1002", phone="+14155550199")
    put(application, "test-destinations", f"{NUMBER}={CODE}, {ADDRESS}={CODE}")
    return application


def put(application: Application, name: str, value: str, section: str = "two-factor") -> None:
    option_set(holder=application, section=section, name=name, value=value)


def try_url(application: Application) -> str:
    return f"/admin/environment/application/{application.pk}/page/try/"


def call(browser: Client, application: Application, **words: str) -> str:
    """Begin a call; its address."""
    answer = browser.post(try_url(application), {"account": "1001", **words})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def press(browser: Client, url: str, act: str, **words: str) -> Any:
    """Send the form of this act as the page has it, with what is typed or pressed."""
    page = page_of(browser.get(url))
    forms = [form for form in page.xpath("//form") if dict(form.form_values()).get("act") == act]
    assert forms, f"no form to {act}"
    answer = browser.post(url, dict(forms[0].form_values()) | words)
    assert answer.status_code == 200
    return answer


def text_of(page: Any) -> str:
    """The words of the page."""
    return " ".join(page_of(page).get_element_by_id("content-main").text_content().split())


def test_a_call_goes_from_the_menu_over_the_code_to_its_path(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    url = call(browser, app, cli="+14155550100", dnis="800", call_id="call-1", variables="Language=en\n\nTier = gold")
    page = text_of(browser.get(url))
    assert "Press 1 to" in page
    assert "Press 2 to" in page
    page = text_of(press(browser, url, "choose", choice="2"))
    assert "We sent a code by text message to …42" in page
    page = text_of(press(browser, url, "code", code="000000"))
    assert "not right" in page
    page = text_of(press(browser, url, "code", code=CODE))
    assert "ended with the path success" in page
    assert "verify.ok" in page
    session = FlowSession.objects.get()
    assert (session.face, session.test_call, session.opener) == ("try", True, f"user:{alice.pk}")
    assert (session.cli, session.dnis, session.call_id) == ("+14155550100", "800", "call-1")


def test_no_page_of_it_tells_a_code_or_a_whole_destination(app: Application, alice: User) -> None:
    put(app, "reveal-values", "on")
    browser = admin_of(alice)
    url = call(browser, app)
    pages = [browser.get(url), press(browser, url, "choose", choice="1"), press(browser, url, "code", code="111111")]
    pages += [press(browser, url, "code", code=CODE), browser.get(url)]
    for page in pages:
        for secret in (NUMBER, NUMBER[1:], ADDRESS, CODE, "111111"):
            assert secret not in page.content.decode()
    assert "CustomerEmail" in text_of(pages[-1])
    assert "j…@o….com" in text_of(pages[-1])
    assert "no-store" in pages[-1].headers["Cache-Control"]


def test_silence_another_code_and_hanging_up_are_played_too(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    url = call(browser, app)
    assert "did not get that" in text_of(press(browser, url, "choose", choice=""))
    press(browser, url, "choose", choice="1")
    page = text_of(press(browser, url, "resend", method=""))
    assert "Another code can be asked for in" in page
    assert FlowSession.objects.get().sends_used == 1
    put(app, "resend-cool-down", "0", "two-factor-limits")
    put(app, "destination-pause", "0", "two-factor-limits")
    assert "code 2" in text_of(press(browser, url, "resend", method="sms"))
    page = text_of(press(browser, url, "hangup"))
    assert "ended with the path hangup" in page
    assert "New test call" in page


def test_a_form_sent_twice_changes_nothing(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    url = call(browser, app)
    page = page_of(browser.get(url))
    sent = next(
        dict(form.form_values()) for form in page.xpath("//form") if dict(form.form_values()).get("act") == "choose"
    )
    browser.post(url, sent | {"choice": "2"})
    again = browser.post(url, sent | {"choice": "1"})
    assert "an answer to an older prompt" in text_of(again)
    assert FlowSession.objects.get().method == "sms"
    assert FlowSession.objects.get().sends_used == 1
    press(browser, url, "hangup")
    assert "older prompt" in text_of(browser.post(url, sent | {"act": "code", "code": CODE}))


def test_an_account_that_nobody_knows_ends_with_its_path(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    page = text_of(browser.get(call(browser, app, account="nobody")))
    assert "ended with the path error" in page
    assert "methods.checked not found" in page


def test_what_was_typed_wrong_stands_at_its_field(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    for words, told in (
        ({"account": ""}, "This field is required."),
        ({"variables": "nonsense"}, "Line 1: write name=value."),
        ({"variables": "a=1\na=2"}, "Line 2: this variable was given already."),
        ({"variables": "2nd=1"}, "This is no name of a variable."),
        ({"cli": "1\t2"}, "control characters"),
    ):
        page = browser.post(try_url(app), {"account": "1001", **words})
        assert page.status_code == 200
        assert told in text_of(page)
    assert not FlowSession.objects.exists()


def test_nobody_goes_on_with_a_call_that_he_did_not_begin_here(
    app: Application, alice: User, root: User, eve: User, t100: ContactCenter, make_user: Any
) -> None:
    url = call(admin_of(alice), app)
    for user in (root, eve):
        answer = admin_of(user).get(url)
        assert answer.status_code in (302, 403)
        assert "Press 1" not in answer.content.decode()
    browser = admin_of(root)
    assert "no such test call of yours" in messages_of(browser.get(url), browser)
    hers = admin_of(alice)
    other = an_application(t100, "Second")
    assert hers.get(url.replace(f"/{app.pk}/", f"/{other.pk}/")).status_code == 302
    FlowSession.objects.update(face="rest")
    assert hers.get(url).status_code == 302
    for key in ("x", "0" * 32, "a" * 5_000):
        assert hers.get(f"{try_url(app)}?session={key}").status_code == 302
    reader = Role.objects.create(name="READER", contact_center=t100, privileges=["options:read", "applications:read"])
    assert admin_of(make_user("rita", t100, roles=[reader])).get(try_url(app)).status_code == 403


def test_the_demo_shows_the_message_and_no_other_mode_does(app: Application, alice: User, settings: Any) -> None:
    settings.DESKGATE_MODE = "demo"
    put(app, "SMS.Gateways", "outbox", "server-settings")
    put(app, "test-call-delivery", "gateways")
    browser = admin_of(alice)
    url = call(browser, app, account="1002")
    page = browser.get(url)
    assert "Demo: the message that would have been sent" in text_of(page)
    message = page_of(page).xpath("//pre[@class='dg-data']")[0].text_content()
    code = next(word.strip(".,:") for word in message.split() if word.strip(".,:").isdigit() and len(word) >= 6)
    settings.DESKGATE_MODE = "development"
    assert code not in browser.get(url).content.decode()
    settings.DESKGATE_MODE = "demo"
    assert "path success" in text_of(press(browser, url, "code", code=code))


def test_a_code_that_is_sent_nowhere_says_so(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    assert "Nothing was sent: codes of test calls" in text_of(browser.get(call(browser, app, account="1002")))
