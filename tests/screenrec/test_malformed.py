"""Bodies that cannot be taken: each is 400 in the dialect, names its field, and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from environment.models import Place
from screenrec.models import HeldDevice, RecorderSession
from tests.screenrec.desktop import ME, Desktop, device, refused


def one(name: Any, value: Any = None) -> list[Any]:
    return [{"name": name, "value": value}]


DEVICES = "devices"
SERVERS: list[Any] = [
        7, [], {}, "x", "rws.example.com", "//rws.example.com", "ftp://rws.example.com", "file:///etc/passwd",
        "https://", "https://rws.example.com/path", "https://rws.example.com?x=1", "https://rws.example.com#x",
        "https://user:secret@rws.example.com", "https://rws.example.com:99999", "https://rws.example.com:x",
        "https://*.example.com", "https://rws.example.com\\@evil.com", "https://a b", "https://[::1", "javascript:x",
        "https://" + "a" * 300, "https://'\";--", "https://r\u00ebws.example.com",
    ]  # fmt: skip
CONFIGS: list[tuple[Any, int, str]] = [
    ([1], 2, "0"),
    (["server"], 2, "0"),
    ([None], 2, "0"),
    ([[]], 2, "0"),
    ([[{"name": "place", "value": "x"}]], 2, "0"),
    ([{"name": "place"}, 7], 2, "1"),
    ([{}], 1, "0.name"),
    ([{"value": "x"}], 1, "0.name"),
    ([{"name": None}], 1, "0.name"),
    ([{"name": 7}], 2, "0.name"),
    ([{"name": ["place"]}], 2, "0.name"),
    (one("place", "x") * 2, 2, "place"),
    (one("server", "") + one("server", ""), 2, "server"),
    (one("devices", []) + one("devices", []), 2, "devices"),
    (one("x") * 101, 2, "100"),
    (one("x") * 10_000, 2, "100"),
    (one("place", 7), 2, "place"),
    (one("place", ["Place_1"]), 2, "place"),
    (one("place", {"name": "x"}), 2, "place"),
    (one("place", True), 2, "place"),
    (one("place", "a\nb"), 2, "place"),
    (one("place", "a\u202eb"), 2, "place"),
    (one("place", "x" * 256), 2, "place"),
    (one("place", "x" * 5000), 2, "place"),
    *((one(name, value), 2, name) for name in ("server", "peer_server") for value in SERVERS),
    (one(DEVICES, 7), 2, DEVICES),
    (one(DEVICES, "7001"), 2, DEVICES),
    (one(DEVICES, device("7001")), 2, DEVICES),
    (one(DEVICES, True), 2, DEVICES),
    (one(DEVICES, [device(str(number)) for number in range(51)]), 2, DEVICES),
    (one(DEVICES, [[device(str(number)) for number in range(51)]]), 2, DEVICES),
    (one(DEVICES, [7]), 2, "devices.0"),
    (one(DEVICES, [None]), 2, "devices.0"),
    (one(DEVICES, ["7001"]), 2, "devices.0"),
    (one(DEVICES, [device("7001"), []]), 2, "devices.1"),
    (one(DEVICES, [[[device("7001")]]]), 2, "devices.0"),
    (one(DEVICES, [[[]]]), 2, "devices.0"),
    (one(DEVICES, [[], []]), 2, "devices.0"),
    (one(DEVICES, [{}]), 1, "devices.0.dn"),
    (one(DEVICES, [{"dn": "7001"}]), 1, "devices.0.switch"),
    (one(DEVICES, [{"switch": "S"}]), 1, "devices.0.dn"),
    (one(DEVICES, [{"dn": "", "switch": "S"}]), 1, "devices.0.dn"),
    (one(DEVICES, [{"dn": 7001, "switch": "S"}]), 2, "devices.0.dn"),
    (one(DEVICES, [{"dn": ["7001"], "switch": "S"}]), 2, "devices.0.dn"),
    (one(DEVICES, [{"dn": "7001", "switch": {"name": "S"}}]), 2, "devices.0.switch"),
    (one(DEVICES, [device("7001"), device("7" * 256)]), 2, "devices.1.dn"),
    (one(DEVICES, [device("7\x07")]), 2, "devices.0.dn"),
]  # fmt: skip
OPERATIONS: list[tuple[Any, int, str]] = [
    ({}, 1, "operationName"),
    ({"operationName": None}, 1, "operationName"),
    ({"operationName": ""}, 1, "operationName"),
    ({"operationName": 7}, 2, "operationName"),
    ({"operationName": ["EndContactCenterSession"]}, 2, "operationName"),
    ({"operationName": {"x": 1}}, 2, "operationName"),
    ({"operationName": "Nothing"}, 2, "'Nothing'"),
]
TEXTS: list[bytes] = [
    b"7", b"null", b"true", b'"text"', b"{", b"[", b"[{]", b"{]", b"<xml/>", b"a=b", b"[] []", b"NaN", b"[NaN]",
    b"[1e999]", b"[" + b"9" * 5000 + b"]", b"\xff\xfe", b"\xef\xbb\xbf[]", b"\x00", b"[\"\x00\"]", b'["\\u0000"]',
    b'["\\ud800"]', b"[" * 33 + b"]" * 33, b"[" * 100_000, b'{"a":' * 50 + b"1" + b"}" * 50,
    b'{"operationName": "EndContactCenterSession", "operationName": "x"}', "[\u201cplace\u201d]".encode(),
    b'[{"name": "place", "name": "server"}]', b'[{"name": "pl\\u0000ace"}]', b"--x\r\nContent-Disposition: form-data",
]  # fmt: skip


@pytest.mark.parametrize("table", [CONFIGS, OPERATIONS], ids=["configurations", "operations"])
def test_a_wrong_shape_is_400_with_its_field_named(desktop: Desktop, table: list[tuple[Any, int, str]]) -> None:
    for body, code, words in table:
        answer = desktop.log_in(body)
        refused(answer, 400, code, words)
        assert len(answer.content) < 500
        assert "secret" not in answer.content.decode()
    assert not RecorderSession.objects.exists()


def test_what_is_no_json_array_or_object_is_400(desktop: Desktop) -> None:
    for body in TEXTS:
        refused(desktop.log_in(body), 400, 2)
    assert not RecorderSession.objects.exists()


def test_a_body_over_the_limit_is_413_in_the_dialect(desktop: Desktop) -> None:
    refused(desktop.log_in(b"[" + b" " * 5_000_000 + b"]"), 413, 2)


def test_a_refused_body_leaves_the_open_session_as_it_is(desktop: Desktop, places: dict[str, Place]) -> None:
    desktop.log_in([{"name": "devices", "value": [device("7001")]}])
    for body, _code, _words in CONFIGS[:5] + OPERATIONS:
        assert desktop.log_in(body).status_code == 400
    assert desktop.ping().status_code == 200
    assert HeldDevice.objects.count() == 1


ODD = ["'", '"', "\\", "`; rm -rf /", "' OR 1=1 --", "<script>", "{{7*7}}", "%s%n", "\u0153\u4e16\U0001f600", "x" * 255]


def test_odd_names_are_names_and_nothing_else(desktop: Desktop) -> None:
    for text in ODD:
        refused(desktop.log_in(one("place", text)), 404, 6)
        refused(desktop.log_in(one("devices", [device(text, text)])), 404, 6)
        assert desktop.log_in(one(text, text)).status_code == 200
        body = {"operationName": "StartContactCenterSession", "channels": [text], "queue": text, "loginCode": text}
        assert desktop.ask("POST", ME, body).status_code == 200
        assert RecorderSession.objects.get().channels == [text]


def test_the_answer_is_json_that_can_be_read_back(desktop: Desktop) -> None:
    for text in ODD:
        answer = desktop.ask("POST", ME, {"operationName": text})
        assert json.loads(answer.content)["statusCode"] == 2
