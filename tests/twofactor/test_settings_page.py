"""Applications > Two Factor Authentication Settings: every row of the product's page, saved whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Role, User
from activity.models import Change
from environment.declarations import registry
from environment.models import Application, ContactCenter, Option
from environment.services import option_set
from tests.admin_client import admin_of, messages_of
from tests.twofactor.pages import page_of
from tests.twofactor.settings_form import an_application, form_of, save, settings_url, stored, typed
from twofactor.options import internal, settings

pytestmark = pytest.mark.django_db

# The rows of the product's page, by their groups and in their order (seed 004).
ROWS = {
    "Contact Methods and Behavior": [
        "Variable Name for Customer Email Address",
        "Variable Name for Customer Phone Number",
        "Behaviour if No Verified Contact Method Available",
        "Maximum Attempts at Sending an Authentication Code",
        "Behaviour After Exceeding Maximum Code Send Attempts",
        "Maximum Attempts at Verifying an Authentication Code",
        "Behaviour After Exceeding Maximum Code Verification Attempts",
        "Skip Options",
    ],
    "Code Generation Options": ["Select an option for the code generation"],
    "External Code Generation Options": [
        "Prompt Wording",
        "Web Service details",
        "Check Verified Contact Methods Web Service: test calls",
        "Check Verified Contact Methods Web Service: production calls",
        "Send Authentication Code Web Service: test calls",
        "Send Authentication Code Web Service: production calls",
        "Code Authentication Web Service: test calls",
        "Code Authentication Web Service: production calls",
        "Web Service Timeout (milliseconds)",
        "Enter Code grammar",
    ],
    "Internal Code Generation Options": [
        "Number of digits for the Generated Code",
        "Web Service details",
        "Check Verified Contact Methods Web Service: test calls",
        "Check Verified Contact Methods Web Service: production calls",
        "Internal Code Expiration Time (minutes)",
        "Email Address 'From'",
        "Email Subject",
        "SMS Number 'From'",
    ],
}
SECRET = "+14155550100=424242"


@pytest.fixture
def app(t100: ContactCenter) -> Application:
    return an_application(t100)


def names_of(page: Any) -> dict[str, list[str]]:
    """Group → the names that stand there, in order."""
    groups = page_of(page).xpath("//form[@id='settings-form']/fieldset")
    way = ".//h3 | .//div[@class='dg-setting-name']/*[self::label or self::span]"
    return {group.xpath("./h2")[0].text_content(): [one.text_content() for one in group.xpath(way)] for group in groups}


def errors_at(page: Any) -> dict[str, str]:
    """Option → what stands at its field."""
    rows = page_of(page).xpath("//div[contains(@class, 'dg-setting errors')]")
    return {
        row.xpath(".//code")[0].text_content(): " ".join(one.text_content() for one in row.xpath(".//ul/li"))
        for row in rows
    }


def test_every_row_of_the_products_table_is_there_by_its_name_and_in_its_place(app: Application, alice: User) -> None:
    told = names_of(admin_of(alice).get(settings_url(app)))
    assert list(told)[:4] == list(ROWS)
    for group, names in ROWS.items():
        assert [name for name in told[group] if name in names] == names


def test_every_option_of_the_section_is_a_field_of_the_page(app: Application, alice: User) -> None:
    page = admin_of(alice).get(settings_url(app))
    inputs = page_of(page).xpath("//*[starts-with(@name, 'value:')]/@name")
    declared = [one for one in registry() if one.section == "two-factor" and Application.Type.TWO_FACTOR in one.holders]
    assert len(declared) > 40
    assert sorted(inputs) == sorted(f"value:{one}" for one in declared)


def test_each_field_tells_its_option_its_help_and_its_default(app: Application, alice: User) -> None:
    page = admin_of(alice).get(settings_url(app)).content.decode()
    assert "<code>max-sends</code>" in page
    assert "How many new codes one call gets" in page
    assert "a whole number, 1 to 10. Default: 3." in page
    number = page_of(page).get_element_by_id("setting-digits")
    assert (number.get("type"), number.get("min"), number.get("max")) == ("number", "4", "9")
    assert page_of(page).get_element_by_id("setting-skip-authenticated").get("type") == "checkbox"
    assert page_of(page).get_element_by_id("setting-code-generation").value_options == ["internal", "external"]


def test_the_applications_page_leads_there_and_other_types_have_no_such_page(
    app: Application, alice: User, t100: ContactCenter
) -> None:
    browser = admin_of(alice)
    assert settings_url(app) in browser.get(f"/admin/environment/application/{app.pk}/change/").content.decode()
    other = Application.objects.create(name="Other", contact_center=t100)
    assert browser.get(settings_url(other)).status_code == 403


def test_it_is_nobodys_of_another_contact_center_nor_of_one_who_only_reads(
    app: Application, alice: User, eve: User, t100: ContactCenter, make_user: Any
) -> None:
    reader = Role.objects.create(name="READER", contact_center=t100, privileges=["options:read", "applications:read"])
    sent = form_of(admin_of(alice).get(settings_url(app)), "settings-form") | {"value:two-factor/digits": "8"}
    for user in (eve, make_user("rita", t100, roles=[reader])):
        answer = admin_of(user).post(settings_url(app), sent)
        assert answer.status_code == 403
    assert stored(app) == {}


def test_only_what_was_changed_is_stored_and_the_change_log_tells_it(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    sent = typed(browser.get(settings_url(app)), max_sends="5", skip_authenticated=None, email_subject="Ihr Code")
    answer = browser.post(settings_url(app), sent | {"reason": "busy days"})
    assert "were saved" in messages_of(answer, browser)
    assert stored(app) == {"max-sends": "5", "skip-authenticated": "false", "email-subject": "Ihr Code"}
    assert settings.MAX_SENDS.of(app) == 5
    change = Change.objects.filter(object_name="two-factor/max-sends").get()
    assert (change.after["value"], change.reason) == ("5", "busy days")


def test_a_form_that_nobody_touched_stores_nothing(app: Application, alice: User) -> None:
    answer = save(admin_of(alice), app)
    assert answer.status_code == 302
    assert stored(app) == {}


def test_the_default_typed_again_or_an_empty_field_is_the_default(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    save(browser, app, max_sends="5", email_subject="X", strict="on")
    assert len(stored(app)) == 3
    save(browser, app, max_sends="3", email_subject="", strict=None)
    assert stored(app) == {}
    save(browser, app, max_verify="")
    assert stored(app) == {}
    assert settings.MAX_VERIFY.of(app) == 3


def test_one_wrong_field_keeps_all_back_and_stands_at_its_field(app: Application, alice: User) -> None:
    page = save(admin_of(alice), app, max_sends="11", email_variable="2nd", sms_from="ACME", no_method_path="nowhere")
    assert stored(app) == {}
    assert errors_at(page) == {
        "max-sends": "This is a whole number, 1 to 10.",
        "email-variable": "Use letters, digits, _ and $, not beginning with a digit; at most 64.",
    }
    kept = form_of(page, "settings-form")
    assert kept["value:two-factor/sms-from"] == "ACME"
    assert kept["value:two-factor/max-sends"] == "11"


def test_rules_over_several_fields_stand_at_the_one_to_mend(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    page = save(browser, app, no_method_path="queue")
    assert "There is no path 'queue'" in errors_at(page)["no-method-path"]
    page = save(browser, app, check_url="https://crm.example.com/check")
    assert "need an address each" in errors_at(page)["check-url-test"]
    page = save(browser, app, code_generation="external")
    assert set(errors_at(page)) == {"check-url", "verify-url"}
    assert stored(app) == {}
    save(browser, app, no_method_path="queue", paths="queue\nagent 2")
    assert stored(app) == {"no-method-path": "queue", "paths": "queue, agent 2"}
    # Another field of a rule that holds: it is judged with what is stored.
    assert "There is no path" in errors_at(save(browser, app, paths=""))["no-method-path"]


@pytest.mark.parametrize("name", ["no-method", "max-sends", "max-verify", "no-input", "no-match"])
@pytest.mark.parametrize("path", ["success", "Success"])
def test_callers_who_have_not_passed_never_leave_by_the_path_of_those_who_have(
    app: Application, alice: User, name: str, path: str
) -> None:
    page = save(admin_of(alice), app, **{f"{name}-path": path, "paths": "Success"})
    assert errors_at(page) == {f"{name}-path": "This path is for callers who have passed: use another."}
    # Stored before that was refused: the default counts.
    option_set(holder=app, section="two-factor", name=f"{name}-path", value="agent")
    Option.objects.filter(name=f"{name}-path").update(value=path)
    option_set(holder=app, section="two-factor", name="max-sends", value="4")
    option = next(one for one in registry() if str(one) == f"two-factor/{name}-path")
    assert option.of(app) == option.default != "success"


def test_paths_that_may_be_named_are_offered(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    save(browser, app, paths="queue")
    page = page_of(browser.get(settings_url(app)))
    assert page.get_element_by_id("setting-max-sends-path").get("list") == "paths-known"
    assert page.xpath("//datalist[@id='paths-known']/option/@value") == [*settings.DEFAULT_PATHS, "queue"]


def test_a_form_left_open_while_another_saved_is_refused_and_nothing_is_lost(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    old = browser.get(settings_url(app))
    save(browser, app, max_sends="5", digits="8", email_subject="Theirs")
    page = browser.post(settings_url(app), typed(old, max_sends="4", sms_from="ACME"))
    assert page.status_code == 200
    assert "Somebody else saved options" in page.content.decode()
    assert stored(app) == {"max-sends": "5", "digits": "8", "email-subject": "Theirs"}
    kept = form_of(page, "settings-form")
    # What was typed is still there; what was not touched is as the other one left it.
    assert kept["value:two-factor/max-sends"] == "4"
    assert kept["value:two-factor/sms-from"] == "ACME"
    assert kept["value:two-factor/digits"] == "8"
    assert page.content.decode().count("Saved meanwhile: 5") == 1
    assert page.content.decode().count("Saved meanwhile") == 1
    assert browser.post(settings_url(app), kept).status_code == 302
    assert stored(app) == {"max-sends": "4", "digits": "8", "email-subject": "Theirs", "sms-from": "ACME"}


def test_a_form_without_a_tag_is_refused(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    sent = typed(browser.get(settings_url(app)), max_sends="4")
    del sent["tag"]
    assert "Somebody else saved" in browser.post(settings_url(app), sent).content.decode()
    assert stored(app) == {}


def test_fixed_codes_are_set_and_replaced_and_removed_but_never_shown(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    save(browser, app, test_destinations=SECRET)
    assert settings.TEST_DESTINATIONS.of(app) == (SECRET,)
    assert Option.objects.get(name="test-destinations").sealed
    page = browser.get(settings_url(app))
    assert SECRET not in page.content.decode()
    assert "424242" not in page.content.decode()
    assert "••••••••" in page.content.decode()
    save(browser, app, max_sends="5")
    assert settings.TEST_DESTINATIONS.of(app) == (SECRET,)
    refused = save(browser, app, test_destinations="+14155550199=1", max_sends="99")
    assert "+14155550199" not in refused.content.decode()
    assert "type it again" in errors_at(refused)["test-destinations"]
    save(browser, app, test_destinations="+14155550199=999999")
    assert settings.TEST_DESTINATIONS.of(app) == ("+14155550199=999999",)
    sent = typed(browser.get(settings_url(app))) | {"remove:two-factor/test-destinations": "on"}
    browser.post(settings_url(app), sent)
    assert "test-destinations" not in stored(app)


@pytest.mark.parametrize(
    "entry",
    [
        "+14155550199", "=424242", "+14155550199=", "555 0199=424242", "jane@=424242", "+14155550199=123",
        "+14155550199=1234567890", "+14155550199=12345a", "+14155550199=\uff11\uff12\uff13\uff14\uff15\uff16",
    ],
)  # fmt: skip
def test_a_fixed_code_that_no_call_could_use_is_refused_and_not_quoted(
    app: Application, alice: User, entry: str
) -> None:
    page = save(admin_of(alice), app, test_destinations=f"{SECRET}, {entry}")
    told = errors_at(page)["test-destinations"]
    assert told
    for part in ("424242", *filter(None, entry.split("="))):
        assert part not in told
    assert stored(app) == {}


@pytest.mark.parametrize("entry", ["+1 (415) 555-0199 = 424242", "Jane.Doe@One.example.com=424242"])
def test_a_destination_with_a_fixed_code_is_written_as_people_do(app: Application, alice: User, entry: str) -> None:
    save(admin_of(alice), app, test_destinations=entry)
    assert settings.TEST_DESTINATIONS.of(app) == (entry,)


def test_a_fixed_code_has_as_many_digits_as_codes_that_are_made(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    page = save(browser, app, test_destinations="+14155550199=9876543")
    told = errors_at(page)
    assert list(told) == ["test-destinations"]
    assert told["test-destinations"].startswith("Fixed codes need 6 digits each (two-factor/digits).")
    assert "9876543" not in page.content.decode()
    save(browser, app, test_destinations="+14155550199=9876543", digits="7")
    assert stored(app)["digits"] == "7"
    # The other way round: judged with what is stored.
    assert "need 8 digits" in errors_at(save(browser, app, digits="8"))["test-destinations"]
    assert stored(app)["digits"] == "7"


def test_what_works_but_should_be_looked_at_is_told_after_the_save(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    answer = save(browser, app, digits="4", code_expiration="15", internal_authenticator=None)
    page = browser.get(answer["Location"]).content.decode()
    assert stored(app)["digits"] == "4"
    for words in ("4 digits", "15 minutes", "E-mail", "no alternative to text messages"):
        assert words in page
    save(browser, app, digits="6", code_expiration="10", internal_authenticator="on", strict="on")
    page = browser.get(settings_url(app)).content.decode()
    for words in ("4 digits", "15 minutes", "E-mail is", "no alternative to text messages"):
        assert words not in page


def test_save_and_close_goes_back_to_the_application(app: Application, alice: User) -> None:
    browser = admin_of(alice)
    sent = typed(browser.get(settings_url(app)), digits="7")
    answer = browser.post(settings_url(app), sent | {"_save": "Save & Close"})
    assert answer["Location"] == f"/admin/environment/application/{app.pk}/change/"


def test_a_value_older_than_its_declaration_is_shown_to_be_mended(app: Application, alice: User) -> None:
    option_set(holder=app, section="two-factor", name="digits", value="6")
    Option.objects.filter(name="digits").update(value="12")
    browser = admin_of(alice)
    assert form_of(browser.get(settings_url(app)), "settings-form")["value:two-factor/digits"] == "12"
    save(browser, app, digits="8")
    assert internal.DIGITS.of(app) == 8
