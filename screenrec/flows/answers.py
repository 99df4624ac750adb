"""Reading what another machine's Recording Web Services answered; nothing in it is taken on trust."""

from __future__ import annotations

import re
from typing import Any

from config.http.errors import MalformedJson
from config.http.json import read_json
from config.outgoing import Answer
from screenrec.records import DeviceName
from screenrec.services.seats import Seat

_COOKIE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}=[!-:<-~]{1,4096}")


def object_told(answer: Answer) -> dict[str, Any]:
    """The JSON object of its body; an empty one for anything else."""
    try:
        told = read_json(answer.body)
    except MalformedJson:
        return {}
    return told if isinstance(told, dict) else {}


def seat_told(user: dict[str, Any]) -> Seat:
    """Where the agent sits as the other server has it; what is of another shape is left out."""
    place, devices = user.get("place"), user.get("devices")
    name = place.get("name") if isinstance(place, dict) else ""
    told = [
        (each.get("dn"), each.get("switch"))
        for each in (devices if isinstance(devices, list) else [])
        if isinstance(each, dict)
    ]
    return Seat(
        place_name=name[:255] if isinstance(name, str) else "",
        devices=tuple(DeviceName(dn, switch) for dn, switch in told if isinstance(dn, str) and isinstance(switch, str)),
    )


def cookie_of(answer: Answer) -> str:
    """The pairs that the server set, as they are sent back; their attributes are for browsers."""
    pairs = (line.partition(";")[0].strip() for line in answer.set_cookies)
    return "; ".join(pair for pair in pairs if _COOKIE.fullmatch(pair))
