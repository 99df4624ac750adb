"""Customers in the admin: masked, exchanged, never read; links and recovery codes shown once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from activity.models import Change
from environment.models import ContactCenter
from tests.admin_client import add, admin_of, do, errors_of, filled, messages_of, shown
from tests.twofactor.customer_cast import EMAIL, PHONE, SEED, a_customer, enrolled
from twofactor.models import Authenticator, Customer
from twofactor.seeds import seed_text
from twofactor.selectors.customers import has_authenticator
from twofactor.selectors.enrolments import pending_by
from twofactor.services.authenticators import authenticator_verify
from twofactor.services.recovery_codes import recovery_codes_renew

pytestmark = pytest.mark.django_db
LIST = "/admin/twofactor/customer/"


def page_of(browser: Any, row: Customer) -> Any:
    return browser.get(f"{LIST}{row.pk}/change/")


def change(browser: Any, row: Customer, **values: Any) -> Any:
    return browser.post(f"{LIST}{row.pk}/change/", filled(page_of(browser, row), **values))


def test_a_customer_is_made_with_addresses_in_one_form(alice: User, t100: ContactCenter) -> None:
    browser = admin_of(alice)
    values = {"account": "A-1001", "new_email": f" {EMAIL}", "new_phone": "+1 (415) 555-0142", "reason": "new"}
    assert add(browser, LIST, **values).status_code == 302
    row = Customer.objects.get()
    assert (row.contact_center, row.email, row.phone, row.enabled) == (t100, EMAIL, PHONE, True)
    change_row = Change.objects.get(object_type="customers")
    assert (change_row.reason, change_row.after["email"]) == ("new", "set")


def test_no_page_shows_a_whole_address_or_a_seed(alice: User, t100: ContactCenter) -> None:
    row = a_customer(t100)
    enrolled(row)
    browser = admin_of(alice)
    pages = [browser.get(LIST), page_of(browser, row), browser.get(f"{LIST}{row.pk}/delete/")]
    pages += [browser.get("/admin/activity/change/?object_type__exact=customers"), change(browser, row, new_email="x")]
    for page in pages:
        told = page.content.decode()
        for part in (EMAIL, "jane.roe", PHONE, PHONE[1:], seed_text(SEED)):
            assert part not in told
    for page in pages[:2]:
        assert "j…@d….com" in page.content.decode()
        assert "…42" in page.content.decode()


def test_an_empty_field_leaves_an_address_a_new_one_takes_its_place(alice: User, t100: ContactCenter) -> None:
    row, browser = a_customer(t100), admin_of(alice)
    assert change(browser, row, reason="nothing").status_code == 302
    row.refresh_from_db()
    assert (row.email, row.phone) == (EMAIL, PHONE)
    assert change(browser, row, new_email="new@example.org", remove_phone="on").status_code == 302
    row.refresh_from_db()
    assert (row.email, row.phone) == ("new@example.org", "")


def test_what_is_wrong_stands_at_its_field(alice: User, t100: ContactCenter) -> None:
    row, browser = a_customer(t100), admin_of(alice)
    answer = change(browser, row, new_email="nobody", new_phone="4155550142")
    assert set(answer.context["adminform"].form.errors) == {"new_email", "new_phone"}
    both = change(browser, row, new_email="new@example.org", remove_email="on")
    assert "Write a new one, or remove it." in errors_of(both)
    twice = add(browser, LIST, account="a-1001")
    assert "there already" in errors_of(twice)
    row.refresh_from_db()
    assert row.email == EMAIL


def test_the_link_is_shown_once(alice: User, t100: ContactCenter) -> None:
    row, browser = a_customer(t100), admin_of(alice)
    told = do(browser, LIST, row, "enrol", reason="asked for it")
    assert "no-store" in told["Cache-Control"]
    link = shown(told)["Enrolment link"]
    begun = pending_by(link.rpartition("/")[2])
    assert begun is not None
    assert begun.customer == row
    for page in (browser.get(LIST), page_of(browser, row), browser.get("/admin/activity/change/")):
        assert link.rpartition("/")[2] not in page.content.decode()
    assert Change.objects.get(object_id=str(begun.pk)).reason == "asked for it"


def test_recovery_codes_are_shown_once_and_work(alice: User, t100: ContactCenter) -> None:
    row, browser = a_customer(t100), admin_of(alice)
    assert "New recovery codes" not in page_of(browser, row).content.decode()
    assert "no authenticator" in messages_of(do(browser, LIST, row, "recovery"), browser)
    enrolled(row)
    old = recovery_codes_renew(row)
    assert "New recovery codes" in page_of(browser, row).content.decode()
    codes = list(shown(do(browser, LIST, row, "recovery")).values())
    assert len(codes) == 10
    assert authenticator_verify(row, codes[3])
    assert not authenticator_verify(row, old[3])


def test_a_reset_takes_the_authenticator_away(alice: User, t100: ContactCenter) -> None:
    row, browser = a_customer(t100), admin_of(alice)
    enrolled(row)
    assert "without an authenticator" in messages_of(do(browser, LIST, row, "reset"), browser)
    assert not has_authenticator(row)


def test_a_customer_is_deleted_with_its_authenticator(alice: User, t100: ContactCenter) -> None:
    row, browser = a_customer(t100), admin_of(alice)
    enrolled(row)
    recovery_codes_renew(row)
    browser.post(f"{LIST}{row.pk}/delete/", {"post": "yes", "reason": "gone"})
    assert not Customer.objects.exists()
    assert not Authenticator.objects.exists()
    assert set(Change.objects.filter(action="delete").values_list("reason", flat=True)) == {"gone"}


def test_customers_are_found_by_their_whole_account_and_filtered(
    alice: User, t100: ContactCenter, t200: ContactCenter
) -> None:
    rows = [a_customer(t100, f"A-{number}") for number in range(3)]
    a_customer(t200, "A-9")
    enrolled(rows[2])
    browser = admin_of(alice)

    def found(query: str) -> set[str]:
        return {str(row) for row in browser.get(f"{LIST}?{query}").context["cl"].result_list}

    assert found("") == {"A-0", "A-1", "A-2"}
    assert found("q=a-1") == {"A-1"}
    for nothing in ("A-", "A-9", "jane"):
        assert found(f"q={nothing}") == set()
    assert found("authenticator=yes") == {"A-2"}
    assert found("authenticator=no") == {"A-0", "A-1"}


def test_a_list_asks_the_same_number_of_statements_for_any_number_of_rows(root: User, t100: ContactCenter) -> None:
    browser = admin_of(root)
    counts = []
    for number in range(3):
        enrolled(a_customer(t100, f"A-{number}"))
        browser.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as statements:
            browser.get(LIST)
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts


def test_a_reader_sees_masks_and_changes_nothing(make_user: Any, t100: ContactCenter) -> None:
    role = Role.objects.create(name="READER", contact_center=t100, privileges=["customers:read"])
    browser, row = admin_of(make_user("carol", t100, roles=[role])), a_customer(t100)
    told = page_of(browser, row).content.decode()
    assert "j…@d….com" in told
    assert "new_email" not in told
    for name in ("enrol", "reset", "recovery", "disable"):
        assert do(browser, LIST, row, name).status_code == 403
    assert not Authenticator.objects.exists()
