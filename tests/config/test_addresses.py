"""Addresses that people type: without a path, without the last slash."""

import pytest
from django.test import Client


def test_the_bare_address_leads_to_the_sign_in_page(db):
    browser = Client(headers={"Accept": "text/html"})
    answer = browser.get("/", follow=True)
    assert (answer.status_code, b'autocomplete="current-password"' in answer.content) == (200, True)


@pytest.mark.parametrize("path", ["/docs", "/docs/", "/schema", "/schema/"])
def test_a_slash_at_the_end_makes_no_difference(db, path):
    assert Client().get(path).status_code == 200


def test_the_admin_without_a_slash_is_the_admin(db):
    assert Client().get("/admin")["Location"] == "/admin/"
