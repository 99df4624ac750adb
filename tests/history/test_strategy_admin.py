"""The seed's procedure in the admin: properties of the Entry point, "Regenerate SCXML", deploy; and the files."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Role, User
from activity.models import Change, SecurityEvent
from environment.models import ContactCenter
from history.models import Strategy
from history.services.strategies import strategy_update
from history.services.strategy_versions import strategy_deploy, strategy_regenerate
from history.services.strategy_workflows import strategy_upload_workflow
from tests.admin_client import add, admin_of, do, errors_of, filled, messages_of
from tests.history.strategy_cast import PAIR, a_strategy, strategy_pair_matches, web_engagement
from tests.history.test_strategy_published import READER, ask, credential
from tests.history.test_workflow import FILE, PASSWORD, USER, with_entry

LIST = "/admin/history/strategy/"
NEW = "onyx-harbour-12"


def page(row: Strategy, name: str) -> str:
    return f"{LIST}{row.pk}/{name}/"


def holding(t100: ContactCenter, make_user: Any, *privileges: str) -> Client:
    """A browser of somebody with these privileges alone."""
    role = Role.objects.create(name="SOME", contact_center=t100, privileges=["strategies:read", *privileges])
    return admin_of(make_user("carol", t100, roles=[role]))


def upload(browser: Client, row: Strategy, data: bytes, **more: str) -> Any:
    return browser.post(page(row, "upload"), {"file": SimpleUploadedFile("default.workflow", data), **more})


def test_the_three_steps_of_the_procedure(t100: ContactCenter, alice: User) -> None:
    application = web_engagement(t100)
    browser = admin_of(alice)
    made = add(browser, LIST, application=str(application.pk), name="default", reason="new")
    assert made.status_code == 302, errors_of(made)
    strategy = Strategy.objects.get()
    form = browser.get(page(strategy, "change"))
    assert "Properties of the Entry point (Start)" in form.content.decode()
    sent = filled(form, user=PAIR[0], new_password=PAIR[1], pages_at_least=3, reason="security")
    answer = browser.post(page(strategy, "change"), sent)
    assert answer.status_code == 302, errors_of(answer)
    assert strategy_pair_matches(Strategy.objects.get(), user=PAIR[0], password=PAIR[1])

    question = browser.post(page(strategy, "do/regenerate"))
    assert "Regenerate SCXML…" in question.content.decode()
    assert "regenerated" in messages_of(do(browser, LIST, strategy, "regenerate", reason="new pair"), browser)

    question = browser.get(page(strategy, "deploy"))
    assert "version 1, validated" in question.content.decode()
    answer = browser.post(page(strategy, "deploy"), {"version": "1", "reason": "go"})
    assert "Version 1 is deployed." in messages_of(answer, browser)
    document = ask(Strategy.objects.get(), credential(t100, *READER)).content.decode()
    assert f"'{PAIR[1]}'" in document
    assert 'id="pagesAtLeast" expr="3"' in document
    reasons = Change.objects.filter(object_id=str(strategy.pk)).order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["new", "security", "new pair", "go"]


def test_the_list_tells_states_and_what_changed_since(t100: ContactCenter, alice: User) -> None:
    rows = [a_strategy(t100, f"Server_{n}") for n in range(3)]
    strategy_regenerate(rows[1])
    strategy_deploy(rows[2], version=strategy_regenerate(rows[2]))
    strategy_update(rows[2], pages_at_least=5)
    told = admin_of(alice).get(LIST).content.decode()
    for word in ("Server_0", "draft", "validated", "deployed", "properties changed since the deployed version"):
        assert word in told
    assert told.count("properties changed") == 1


def test_a_list_asks_the_same_number_of_statements_for_any_number_of_rows(
    t100: ContactCenter, root: User, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        row = a_strategy(t100, f"Server_{n}")
        strategy_deploy(row, version=strategy_regenerate(row))
    browser = admin_of(root)
    with django_assert_max_num_queries(8):
        assert browser.get(LIST).status_code == 200


def test_the_password_is_typed_and_never_read_back(t100: ContactCenter, alice: User) -> None:
    strategy = a_strategy(t100)
    strategy_upload_workflow(strategy, data=FILE.replace("&#x20;1", "seasalt").encode())
    strategy_regenerate(strategy)
    browser = admin_of(alice)
    form = browser.get(page(strategy, "change"))
    assert 'type="password" name="new_password"' in form.content.decode()
    answer = browser.post(page(strategy, "change"), filled(form, events_at_least=2))
    assert answer.status_code == 302
    assert strategy_pair_matches(Strategy.objects.get(), user=PAIR[0], password=PAIR[1])
    refused = browser.post(page(strategy, "change"), filled(form, new_password=f"{NEW}\t", user="a:b"))
    assert "control characters" in errors_of(refused)
    for told in (form, refused, *(browser.get(page(strategy, one)) for one in ("versions", "workflow", "deploy"))):
        assert told.status_code == 200
        for secret in (PAIR[1], NEW, "seasalt"):
            assert secret not in told.content.decode()


def test_what_the_service_refuses_stands_at_its_field(t100: ContactCenter, alice: User) -> None:
    strategy = a_strategy(t100, user="", password="")
    browser = admin_of(alice)
    sent = filled(browser.get(page(strategy, "change")), user="api")
    refused = browser.post(page(strategy, "change"), sent)
    assert "new_password" in refused.context["adminform"].form.errors
    assert "A user needs a password." in errors_of(refused)


def test_the_application_is_chosen_among_ones_own_web_engagement_servers(
    t100: ContactCenter, t200: ContactCenter, alice: User
) -> None:
    theirs, shared = web_engagement(t200, "Theirs"), web_engagement(None, "Shared")  # type: ignore[arg-type]
    browser = admin_of(alice)
    for application in (theirs, shared):
        refused = add(browser, LIST, application=str(application.pk), name="default")
        assert "application" in refused.context["adminform"].form.errors
    assert not Strategy.objects.exists()
    asked = {"app_label": "history", "model_name": "strategy", "field_name": "application", "term": ""}
    assert browser.get("/admin/autocomplete/", asked).json()["results"] == []


def test_versions_are_compared_without_secrets_and_rolled_back(t100: ContactCenter, alice: User) -> None:
    strategy = a_strategy(t100, pages_at_least=3)
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    strategy_update(strategy, pages_at_least=4, password=NEW)
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    browser = admin_of(alice)
    listed = browser.get(page(strategy, "versions")).content.decode()
    assert "Roll back…" in listed
    assert f"{page(strategy, 'deploy')}?version=1" in listed
    compared = browser.get(page(strategy, "versions"), {"left": "1", "right": "2"}).content.decode()
    assert "The password differs." in compared
    assert "&lt;data id=&quot;pagesAtLeast&quot; expr=&quot;3&quot;/&gt;</del>" in compared
    assert "&lt;data id=&quot;pagesAtLeast&quot; expr=&quot;4&quot;/&gt;</ins>" in compared
    assert compared.count("<del>") == compared.count("<ins>") == 2  # the names of both, and the one line
    assert PAIR[1] not in compared
    assert NEW not in compared
    form = browser.get(page(strategy, "deploy"), {"version": "1"})
    assert '<option value="1" selected>' in form.content.decode()
    browser.post(page(strategy, "deploy"), {"version": "1", "reason": "worse"})
    row = Strategy.objects.get()
    assert row.deployed
    assert row.deployed.number == 1
    assert browser.get(page(strategy, "versions"), {"left": "1", "right": "x"}).status_code == 200
    assert browser.post(page(strategy, "deploy"), {"version": "9"}).status_code == 200


def test_an_upload_lists_the_entry_variables_and_maps_the_two(t100: ContactCenter, alice: User) -> None:
    strategy = a_strategy(t100)
    browser = admin_of(alice)
    answer = upload(browser, strategy, FILE.encode(), reason="from Composer")
    assert answer["Location"] == page(strategy, "workflow")
    assert "4 Entry variables; user and password were found" in messages_of(answer, browser)
    told = browser.get(page(strategy, "workflow")).content.decode()
    for word in ("system.BaseURL", "getURL()", "restUser", "restPassword", "••••••••"):
        assert word in told
    assert "old" not in told.replace("old-", "").partition("Variables of the Entry block")[2]
    assert Change.objects.first().reason == "from Composer"  # type: ignore[union-attr]
    given = browser.get(page(strategy, "download"))
    assert given["Content-Disposition"] == 'attachment; filename="default.workflow"'
    assert "no-store" in given["Cache-Control"]
    assert f"'{PAIR[1]}'".encode() in given.content
    assert SecurityEvent.objects.get(name="strategy.downloaded").actor_name == str(alice)


def test_variables_whose_names_tell_nothing_are_chosen(t100: ContactCenter, alice: User) -> None:
    strategy = a_strategy(t100)
    browser = admin_of(alice)
    strange = with_entry((USER + PASSWORD).replace("restUser", "one").replace("restPassword", "two")).encode()
    assert "choose user and password" in messages_of(upload(browser, strategy, strange), browser)
    assert "not mapped" in browser.get(page(strategy, "workflow")).content.decode()
    assert "no variable user" in messages_of(browser.get(page(strategy, "download")), browser)
    assert (
        browser.post(page(strategy, "workflow"), {"user_variable": "one", "password_variable": "x"}).status_code == 200
    )
    chosen = {"user_variable": "one", "password_variable": "two"}
    assert browser.post(page(strategy, "workflow"), chosen).status_code == 302
    assert b"'apiuserid'" in browser.get(page(strategy, "download")).content


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + FILE.encode(), "document type"),
        (FILE.replace("ird:ExitBlock", "ird:EntryBlock").encode(), "2 Entry blocks"),
        (FILE.replace("ird:EntryBlock", "ird:Other").encode(), "no Entry block"),
        (FILE.encode("utf-16"), "not in UTF-8"),
        (b"<html/>", "root of the file"),
        (with_entry(USER + USER).encode(), "twice"),
        (FILE.encode() + b" " * 2 * 1024 * 1024, "longer than 1024 KiB"),
    ],
)
def test_an_attack_is_refused_at_the_file(t100: ContactCenter, alice: User, data: bytes, words: str) -> None:
    strategy = a_strategy(t100)
    answer = upload(admin_of(alice), strategy, data)
    assert answer.status_code == 200
    assert words in str(answer.context["form"].errors["file"])
    assert not Strategy.objects.get().workflow


def test_a_download_of_the_scxml_is_the_version_asked_for(t100: ContactCenter, alice: User) -> None:
    strategy = a_strategy(t100, pages_at_least=3)
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    strategy_update(strategy, pages_at_least=4)
    strategy_regenerate(strategy)
    browser = admin_of(alice)
    deployed = browser.get(page(strategy, "scxml"))
    assert b'id="pagesAtLeast" expr="3"' in deployed.content
    assert deployed["Content-Type"] == "application/scxml+xml"
    assert b'id="pagesAtLeast" expr="4"' in browser.get(page(strategy, "scxml"), {"version": "2"}).content
    assert "no such version" in messages_of(browser.get(page(strategy, "scxml"), {"version": "7"}), browser)
    assert SecurityEvent.objects.filter(name="strategy.downloaded").count() == 2


def test_each_button_is_for_those_who_may(t100: ContactCenter, make_user: Any) -> None:
    strategy = a_strategy(t100)
    strategy_upload_workflow(strategy, data=FILE.encode())
    strategy_regenerate(strategy)
    browser = holding(t100, make_user, "applications:read")
    told = browser.get(page(strategy, "change")).content.decode()
    assert "Versions</a>" in told
    for word in ("Deploy…", "Upload default.workflow…", "Download", "Regenerate"):
        assert word not in told
    for name in ("deploy", "upload", "workflow"):
        assert browser.get(page(strategy, name)).status_code == 403
        assert browser.post(page(strategy, name), {"version": "1"}).status_code == 403
    for name in ("scxml", "download"):
        assert "read secrets" in messages_of(browser.get(page(strategy, name)), browser)
    assert "Download SCXML" not in browser.get(page(strategy, "versions")).content.decode()
    assert Strategy.objects.get().deployed is None
    assert not SecurityEvent.objects.filter(name="strategy.downloaded").exists()


def test_a_writer_regenerates_and_does_not_deploy(t100: ContactCenter, make_user: Any) -> None:
    strategy = a_strategy(t100)
    browser = holding(t100, make_user, "applications:read", "strategies:write")
    do(browser, LIST, strategy, "regenerate")
    assert strategy.versions.count() == 1
    assert browser.post(page(strategy, "deploy"), {"version": "1"}).status_code == 403
    assert Strategy.objects.get().deployed is None


def test_entry_variables_that_a_person_made_are_told_to_those_who_read_secrets(
    t100: ContactCenter, make_user: Any, alice: User
) -> None:
    strategy = a_strategy(t100)
    made = USER.replace("restUser", "greeting").replace("''", "'seasalt'").replace('"Us"', '"coral"')
    strategy_upload_workflow(strategy, data=FILE.replace(USER, USER + made).encode())
    carol = holding(t100, make_user, "applications:read", "strategies:write")
    for browser, count in ((admin_of(alice), 1), (carol, 0)):
        told = browser.get(page(strategy, "workflow")).content.decode()
        assert [told.count(word) for word in ("seasalt", "coral", "getURL()")] == [count, count, 1]
        assert "old-1" not in told


def test_another_contact_centers_administrator_opens_no_page(t100: ContactCenter, eve: User) -> None:
    strategy = a_strategy(t100)
    strategy_upload_workflow(strategy, data=FILE.encode())
    strategy_regenerate(strategy)
    browser = admin_of(eve)
    for name in ("deploy", "upload", "workflow", "versions", "scxml", "download"):
        assert browser.get(page(strategy, name)).status_code == 403


def test_pages_carry_the_policy_and_nothing_inline(t100: ContactCenter, alice: User) -> None:
    strategy = a_strategy(t100)
    strategy_upload_workflow(strategy, data=FILE.replace("getURL()", "'&lt;script>alert(1)&lt;/script>'").encode())
    strategy_regenerate(strategy), strategy_regenerate(strategy)
    browser = admin_of(alice)
    for url in ("deploy/", "upload/", "workflow/", "versions/?left=1&right=2"):
        told = browser.get(f"{LIST}{strategy.pk}/{url}")
        assert "script-src" in told["Content-Security-Policy"] or "default-src" in told["Content-Security-Policy"]
        text = told.content.decode()
        assert "<script>" not in text
        assert " style=" not in text
        assert " onclick=" not in text
