"""Answers of another server that are no answers to a login."""

from __future__ import annotations

from typing import Any

import pytest

from screenrec.models import RecorderSession
from tests.screenrec.central import USER, Central, Said
from tests.screenrec.desktop import Desktop
from tests.screenrec.elsewhere.machine import (
    BOB,
    config,
    logged_in,
    told,
)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>maintenance</html>", b"[]", {"statusCode": 0}, {"statusCode": 4, "user": USER}, {"user": USER},
     {"statusCode": 0, "user": "bob"}, b'{"statusCode":0,"user":{"a":"\\u0000"}}', b"[" * 1000, b"\xff" * 100],
)  # fmt: skip
def test_an_answer_that_is_no_login_is_503(first: Central, peer: Central, body: Any) -> None:
    first.login.body = body
    assert told(Desktop(BOB).log_in(config(first, peer))) == (503, 4)
    assert not RecorderSession.objects.exists()
    assert peer.asked == []


def test_a_login_without_a_cookie_is_503(first: Central) -> None:
    first.login.headers = {}
    assert told(Desktop(BOB).log_in(config(first))) == (503, 4)


@pytest.mark.parametrize("changed", [{"body": b" " * 70_000}, {"headers": {"Content-Encoding": "gzip"}}])
def test_a_huge_or_compressed_answer_is_503(first: Central, changed: dict[str, Any]) -> None:
    vars(first.login).update(changed)
    assert told(Desktop(BOB).log_in(config(first))) == (503, 4)


@pytest.mark.parametrize(
    "odd",
    [
        {"place": "Place_1", "devices": "7001"},
        {"place": {"name": 7}, "devices": [7001, {"dn": 7001, "switch": "x"}, {}]},
        {"place": {"name": "x" * 1000}, "devices": None},
    ],
)
def test_a_seat_of_another_shape_is_left_out(first: Central, odd: dict[str, Any]) -> None:
    first.login.body = {"statusCode": 0, "user": USER | odd}
    logged_in(first)
    session = RecorderSession.objects.get()
    assert session.devices == []
    assert len(session.place_name) <= 255


def test_a_redirect_is_no_answer_and_never_followed(first: Central, peer: Central) -> None:
    first.login = Said(307, b"", {"Location": f"{peer.url}/api/v2/me"})
    assert told(Desktop(BOB).log_in(config(first, peer))) == (503, 4)
    assert peer.asked == []
