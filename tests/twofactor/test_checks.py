"""What check_config and the application's page find wrong with a two-factor application."""

from __future__ import annotations

from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from environment.findings import findings
from environment.models import Application, ContactCenter, Option
from environment.services import application_update, option_set, options_set_many
from tests.admin_client import admin_of
from tests.twofactor.settings_form import an_application, settings_url

pytestmark = pytest.mark.django_db


def put(holder: Application | None, **values: str) -> None:
    """Options of the section two-factor, ``_`` for ``-``."""
    for name, value in values.items():
        option_set(holder=holder, section="two-factor", name=name.replace("_", "-"), value=value)


def server(holder: Application | None, **values: str) -> None:
    """Server settings, ``_`` for ``.``."""
    for name, value in values.items():
        option_set(holder=holder, section="server-settings", name=name.replace("_", "."), value=value)


@pytest.fixture
def app(t100: ContactCenter) -> Application:
    """One with which nothing is wrong."""
    application = an_application(t100)
    put(None, outgoing_hosts="mail.one.example.com, sms.one.example.com")
    put(application, strict="on", email_from="codes@one.example.com")
    server(application, Email_SMTP_Host="mail.one.example.com", Email_SMTP_Security="starttls")
    server(application, SMS_URL="https://sms.one.example.com/send?key=hush-hush")
    return application


def told() -> list[str]:
    return [f"{one.level}: {one.words}" for one in findings()]


def only() -> str:
    (one,) = told()
    return one


def test_nothing_is_found_where_all_is_well(app: Application) -> None:
    assert told() == []


def test_email_as_a_factor_is_a_warning_until_strict(app: Application) -> None:
    put(app, strict="off")
    assert only().startswith("warning: Two_Factor: E-mail is offered, which NIST SP 800-63B-4")


def test_text_messages_without_an_alternative_are_a_warning(app: Application) -> None:
    put(app, strict="off", internal_authenticator="off")
    assert any("no alternative to text messages" in one for one in told())


@pytest.mark.parametrize("digits", ["4", "5"])
def test_few_digits_are_a_warning(app: Application, digits: str) -> None:
    put(app, digits=digits)
    assert f"codes of {digits} digits" in only()


def test_a_long_life_is_a_warning(app: Application) -> None:
    put(app, code_expiration="11")
    assert "valid for 11 minutes" in only()


def test_how_codes_look_matters_only_where_they_are_made_here(app: Application) -> None:
    put(app, digits="4", code_expiration="60")
    option_set_external(app)
    assert not [one for one in told() if "digits" in one or "minutes" in one]


def option_set_external(app: Application) -> None:
    """As a file may have left it: past the rule."""
    Option.objects.create(application=app, section="two-factor", name="code-generation", value="external")
    put(app, prompt_wording="Authy")  # with a new stamp


def test_external_codes_without_services_are_a_fault(app: Application) -> None:
    option_set_external(app)
    assert any(one.startswith("fault:") and "two-factor/verify-url" in one for one in told())


def test_a_behaviour_that_names_no_path_is_a_fault(app: Application) -> None:
    put(app, paths="queue")
    put(app, no_method_path="queue")
    Option.objects.filter(name="paths").delete()
    put(app, digits="7")
    assert only() == (
        "fault: Two_Factor: two-factor/no-method-path: There is no path 'queue': add it to two-factor/paths."
    )


def test_a_fixed_code_of_another_length_is_a_fault_and_is_not_told(app: Application) -> None:
    put(app, digits="7")
    put(app, test_destinations="+14155550199=9876543")
    Option.objects.filter(name="digits").delete()
    put(app, max_sends="4")
    assert only() == (
        "fault: Two_Factor: two-factor/test-destinations: Fixed codes need 6 digits each (two-factor/digits)."
    )


def test_an_offered_channel_without_a_gateway_is_a_fault(app: Application) -> None:
    put(app, strict="off")
    Option.objects.filter(section="server-settings").delete()
    put(app, digits="7")
    mail = "e-mail is offered, but no gateway can send: smtp needs server-settings/Email.SMTP.Host."
    sms = "text messages are offered, but no gateway can send: http needs server-settings/SMS.URL."
    assert f"fault: Two_Factor: {mail}" in told()
    assert f"fault: Two_Factor: {sms}" in told()
    put(app, strict="on")
    assert "e-mail is offered" not in " ".join(told())
    put(app, internal_authenticator="off")
    assert told() == []


def test_mail_without_a_sender_is_a_fault(app: Application) -> None:
    put(app, strict="off", email_from="")
    assert told()[0] == (
        "fault: Two_Factor: e-mail is offered, but no gateway can send: smtp needs two-factor/email-from."
    )
    Option.objects.filter(name="Email.SMTP.Host").delete()
    put(app, digits="7")
    assert "smtp needs server-settings/Email.SMTP.Host and two-factor/email-from." in told()[0]


def test_one_gateway_that_can_send_is_enough(app: Application) -> None:
    server(app, SMS_Gateways="twilio, http")
    assert told() == []
    server(app, SMS_URL="")
    assert "twilio needs server-settings/SMS.Twilio.AccountSid" in only()
    assert "; http needs server-settings/SMS.URL." in only()


def test_the_demos_outbox_is_a_gateway_in_the_demo_only(app: Application, settings: Any) -> None:
    server(app, SMS_Gateways="outbox")
    assert "no gateway can send: outbox needs the demo's mode." in only()
    settings.DESKGATE_MODE = "demo"
    assert told() == []


def test_twilio_is_a_gateway_once_account_token_and_sender_are_set(app: Application) -> None:
    server(app, SMS_Gateways="twilio")
    put(None, outgoing_hosts="mail.one.example.com, api.twilio.com")
    sender = "server-settings/SMS.Twilio.MessagingServiceSid or two-factor/sms-from"
    account, token = "server-settings/SMS.Twilio.AccountSid", "server-settings/SMS.Twilio.AuthToken"
    assert f"twilio needs {account} and {token} and {sender}." in only()
    server(app, SMS_Twilio_AccountSid="AC" + "0" * 32)
    assert f"twilio needs {token} and {sender}." in only()
    server(app, SMS_Twilio_AuthToken="hush-hush")
    assert f"twilio needs {sender}." in only()
    put(app, sms_from="+14155550142")
    assert told() == []
    put(app, sms_from="")
    server(app, SMS_Twilio_MessagingServiceSid="MG" + "0" * 32)
    assert told() == []


def test_a_token_that_does_not_open_stops_no_check(app: Application) -> None:
    server(app, SMS_Gateways="twilio", SMS_Twilio_AuthToken="hush-hush", SMS_Twilio_AccountSid="AC" + "0" * 32)
    Option.objects.filter(name="SMS.Twilio.AuthToken").update(value="broken")
    put(app, sms_from="+14155550142")
    assert "SMS.Twilio.URL names api.twilio.com" in only()


def test_a_gateway_without_tls_is_told_and_never_the_rest_of_its_address(app: Application) -> None:
    server(app, SMS_URL="http://sms.one.example.com/send?key=hush-hush")
    assert only().startswith("fault: Two_Factor: the address of server-settings/SMS.URL is never asked")
    put(None, allow_http="on")
    assert only() == "warning: Two_Factor: the address of server-settings/SMS.URL is asked without TLS."


def test_mail_without_tls_is_a_warning(app: Application) -> None:
    server(app, Email_SMTP_Security="none")
    assert "codes go to the mail server without TLS" in only()


def test_hosts_that_are_not_listed_are_faults_and_addresses_are_not_told(app: Application) -> None:
    urls = {
        "check-url": "https://crm.one.example.com/c?key=hush-hush",
        "check-url-test": "https://crm.test.example.com",
    }
    options_set_many(holder=app, values={("two-factor", name): url for name, url in urls.items()})
    put(None, outgoing_hosts="crm.test.example.com")
    found = " ".join(told())
    for host in ("crm.one.example.com", "sms.one.example.com", "mail.one.example.com"):
        assert f"names {host}" in found
    assert "names crm.test.example.com" not in found
    assert "hush-hush" not in found


def test_what_is_not_served_is_not_judged(app: Application, t100: ContactCenter) -> None:
    put(app, digits="4")
    Application.objects.create(name="Other", type=Application.Type.OTHER, contact_center=t100)
    application_update(app, enabled=False)
    assert told() == []


def test_findings_are_on_the_applications_pages_and_in_check_config(app: Application, alice: User, eve: User) -> None:
    put(app, digits="4")
    browser = admin_of(alice)
    for url in ("/admin/", f"/admin/environment/application/{app.pk}/change/", settings_url(app)):
        assert "codes of 4 digits" in browser.get(url).content.decode()
    assert "codes of 4 digits" not in admin_of(eve).get("/admin/").content.decode()
    out = StringIO()
    with suppress(SystemExit):
        call_command("check_config", stdout=out)
    assert "codes of 4 digits" in out.getvalue()
