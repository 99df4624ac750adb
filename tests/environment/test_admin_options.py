"""The Options tab, through its URL."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from activity.models import Change
from environment.declarations import (
    CONTACT_CENTER,
    INSTALLATION,
    BooleanOption,
    ChoiceOption,
    IntegerOption,
    TextOption,
)
from environment.models import Application, ContactCenter, Option
from environment.services import application_create, option_plain, option_set
from tests.admin_client import admin_of

KIND = Application.Type.WEB_ENGAGEMENT_SERVER
SECRET = "kept-to-itself-99"


@pytest.fixture
def application(t100: ContactCenter) -> Application:
    return application_create(name="Web_Server", type=KIND, contact_center=t100)


@pytest.fixture
def declared(declare: Any) -> None:
    """One option of each type, at all levels."""
    holders = (INSTALLATION, CONTACT_CENTER, KIND)
    declare(IntegerOption, name="number", default=5, minimum=1, maximum=9, holders=holders, unit="things")
    declare(BooleanOption, name="flag", default=False, holders=holders)
    declare(ChoiceOption, name="choice", default="red", choices=("red", "blue"), holders=holders)
    declare(TextOption, name="text", default="", holders=holders)
    declare(TextOption, name="key", default="", secret=True, holders=holders)
    declare(TextOption, name="ours", default="", holders=(*holders,), set_by="installation")


def url_of(holder: Application | ContactCenter) -> str:
    return f"/admin/environment/{holder._meta.model_name}/{holder.pk}/options/"


def sent(page: Any, **values: str) -> dict[str, str]:
    """What the table's form sends with these options typed (``number="7"`` is test/number)."""
    form = {}
    for row in page.context["rows"]:
        form[f"value:{row.key}"] = "" if row.is_secret else row.text
        form[f"was:{row.key}"] = row.text
    return form | {f"value:test/{name}": value for name, value in values.items()}


def row_of(page: Any, name: str) -> Any:
    return next(row for row in page.context["rows"] if row.key == f"test/{name}")


def value(holder: Application, name: str) -> str | None:
    option = Option.objects.filter(application=holder, section="test", name=name).first()
    return option_plain(option) if option else None


def test_the_path_reads_as_in_genesys_administrator(application, alice):
    body = admin_of(alice).get(url_of(application)).content.decode()
    trail = body[body.index('class="breadcrumbs"') :]
    places = [trail.index(word) for word in ("Provisioning", "Environment", "Applications", "Web_Server", "Options")]
    assert places == sorted(places)
    assert "New Option" in body
    assert "Save &amp; Close" in body


def test_every_declared_option_has_its_typed_widget_its_help_and_its_level(application, declared, alice):
    option_set(holder=application.contact_center, section="test", name="number", value="7")
    page = admin_of(alice).get(url_of(application))
    body = page.content.decode()
    assert (row_of(page, "number").level, row_of(page, "number").inherited) == ("contact center", "7")
    assert row_of(page, "flag").level == "default"
    assert 'type="number"' in row_of(page, "number").widget
    assert 'placeholder="7"' in row_of(page, "number").widget
    assert "<select" in row_of(page, "flag").widget
    assert "blue" in row_of(page, "choice").widget
    assert "For tests. Values: a whole number of things, 1 to 9. Default: 5." in body


def test_only_what_was_changed_is_stored_and_each_change_is_kept_with_its_reason(application, declared, alice):
    browser = admin_of(alice)
    page = browser.get(url_of(application))
    answer = browser.post(url_of(application), sent(page, number="8", flag="true") | {"_save": "", "reason": "load"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/environment/application/")
    assert (value(application, "number"), value(application, "flag"), value(application, "text")) == ("8", "true", None)
    changes = Change.objects.filter(object_type="options")
    assert {(change.object_name, change.reason, change.actor_name) for change in changes} == {
        ("test/number", "load", "t100\\alice"),
        ("test/flag", "load", "t100\\alice"),
    }
    answer = browser.post(url_of(application), sent(browser.get(url_of(application))) | {"_continue": ""})
    assert answer["Location"] == url_of(application)
    assert changes.count() == 2


def test_an_empty_number_and_a_ticked_remove_give_the_level_above_its_say_again(application, declared, alice):
    option_set(holder=application, section="test", name="number", value="8")
    option_set(holder=application, section="test", name="text", value="here")
    browser = admin_of(alice)
    page = browser.get(url_of(application))
    browser.post(url_of(application), sent(page, number="") | {"remove:test/text": "on"})
    assert (value(application, "number"), value(application, "text")) == (None, None)


def test_a_text_may_be_set_to_nothing(application, declared, alice):
    option_set(holder=application, section="test", name="text", value="here")
    browser = admin_of(alice)
    browser.post(url_of(application), sent(browser.get(url_of(application)), text=""))
    assert value(application, "text") == ""


def test_a_wrong_value_stands_at_its_row_and_nothing_is_stored(application, declared, alice):
    browser = admin_of(alice)
    page = browser.post(url_of(application), sent(browser.get(url_of(application)), number="70", text="typed"))
    assert page.status_code == 200
    assert "1 to 9" in row_of(page, "number").errors[0]
    assert 'value="typed"' in row_of(page, "text").widget
    assert value(application, "text") is None


def test_an_older_page_does_not_put_back_what_another_changed(application, declared, alice):
    browser = admin_of(alice)
    older = browser.get(url_of(application))
    option_set(holder=application, section="test", name="number", value="8")
    browser.post(url_of(application), sent(older, text="mine"))
    assert (value(application, "number"), value(application, "text")) == ("8", "mine")


def test_a_secret_is_dots_and_is_never_read_back(application, declared, alice, root):
    option_set(holder=application, section="test", name="key", value=SECRET)
    for user in (alice, root):
        page = admin_of(user).get(url_of(application))
        body = page.content.decode()
        assert SECRET not in body
        assert "set 0\xa0minutes ago" in body
        assert row_of(page, "key").text == ""


def test_a_secret_left_empty_is_kept_and_a_typed_one_replaces_it(application, declared, alice):
    option_set(holder=application, section="test", name="key", value=SECRET)
    browser = admin_of(alice)
    browser.post(url_of(application), sent(browser.get(url_of(application)), text="x"))
    assert value(application, "key") == SECRET
    browser.post(url_of(application), sent(browser.get(url_of(application)), key="another-secret"))
    assert value(application, "key") == "another-secret"
    change = Change.objects.filter(object_name="test/key", action="update").get()
    assert (change.before.get("value"), change.after["value"]) == ("set", "changed")


def test_a_refused_page_does_not_show_the_secret_that_was_typed(application, declared, alice):
    browser = admin_of(alice)
    page = browser.post(url_of(application), sent(browser.get(url_of(application)), number="70", key=SECRET))
    assert SECRET not in page.content.decode()


def test_new_option_keeps_unknown_ones_and_flags_them(application, alice):
    browser = admin_of(alice)
    form = {"_new": "OK", "section": "odd", "name": "thing", "value": "1", "reason": "why not"}
    assert browser.post(url_of(application), form).status_code == 302
    body = browser.get(url_of(application)).content.decode()
    assert "odd/thing" in body
    assert "Nothing here reads this option" in body
    again = browser.post(url_of(application), form)
    assert "set here already" in again.content.decode()


@pytest.mark.parametrize(
    ("section", "name", "value", "words"),
    [
        ("a/b", "c", "1", "Use no slash"),
        ("", "c", "1", "This field is required"),
        ("test", "number", "70", "1 to 9"),
    ],
)
def test_new_option_says_what_is_wrong(application, declared, alice, section, name, value, words):
    form = {"_new": "OK", "section": section, "name": name, "value": value}
    assert words in admin_of(alice).post(url_of(application), form).content.decode()


def test_what_only_the_installation_sets_is_shown_and_refused(application, declared, alice, root):
    browser = admin_of(alice)
    page = browser.get(url_of(application))
    assert not row_of(page, "ours").editable
    browser.post(url_of(application), sent(page, ours="mine"))
    assert value(application, "ours") is None
    form = {"_new": "OK", "section": "test", "name": "ours", "value": "mine"}
    assert "set by administrators of the installation" in browser.post(url_of(application), form).content.decode()
    hers = admin_of(root)
    hers.post(url_of(application), sent(hers.get(url_of(application)), ours="root's"))
    assert value(application, "ours") == "root's"


def test_a_shared_applications_options_are_read_by_all_and_written_by_root(declared, alice, root):
    shared = application_create(name="Shared", type=KIND)
    browser = admin_of(alice)
    page = browser.get(url_of(shared))
    assert page.status_code == 200
    assert "New Option" not in page.content.decode()
    assert browser.post(url_of(shared), sent(page, text="mine")).status_code == 403
    form = {"_new": "OK", "section": "test", "name": "text", "value": "mine"}
    assert browser.post(url_of(shared), form).status_code == 403
    assert value(shared, "text") is None


def test_another_contact_centers_options_are_not_there(application, t100, eve):
    browser = admin_of(eve)
    for holder in (application, t100):
        assert browser.get(url_of(holder)).status_code == 404
        assert browser.post(url_of(holder), {"_new": "OK", "section": "a", "name": "b"}).status_code == 404


def test_the_installations_options_are_roots(declared, alice, root):
    url = "/admin/environment/installation/options/"
    assert admin_of(alice).get(url).status_code == 403
    browser = admin_of(root)
    page = browser.get(url)
    assert browser.post(url, sent(page, number="2")).status_code == 302
    assert Option.objects.get(section="test", name="number", application=None, contact_center=None).value == "2"


def test_the_page_needs_a_sign_in(application):
    assert Client().get(url_of(application))["Location"].startswith("/admin/login/")
