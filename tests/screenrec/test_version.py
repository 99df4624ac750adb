"""GET /version: what desktops compare, told to anybody."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from environment.errors import OptionRefused
from screenrec import options
from tests.screenrec.desktop import Desktop, put


@pytest.mark.parametrize("path", ["/version", "/version/"])
@pytest.mark.parametrize("origin", ["", "https://desk.example.com"])
def test_it_is_in_the_four_parts_that_desktops_expect(path: str, origin: str) -> None:
    answer = Desktop(origin=origin).ask("GET", path)
    assert (answer.status_code, answer.json()) == (200, {"version": "8.5.500.00"})
    assert re.fullmatch(r"8\.5\.\d{3}\.\d{2}", answer.json()["version"])
    assert answer["X-Deskgate-Version"] == settings.DESKGATE_VERSION


def test_an_administrator_may_tell_another_one() -> None:
    put(options.VERSION, "8.5.370.12")
    assert Desktop().ask("GET", "/version").json() == {"version": "8.5.370.12"}


@pytest.mark.parametrize("value", ["8.5.5.0", "9.5.500.00", "8.5.500.00\n", "8.5.500.000", "x8.5.500.00", "8x5x500x00"])
def test_but_none_of_another_form(value: str) -> None:
    with pytest.raises(OptionRefused):
        put(options.VERSION, value)


def test_a_pair_is_not_looked_at() -> None:
    assert Desktop("t100\\nobody").ask("GET", "/version", pair=True).status_code == 200
