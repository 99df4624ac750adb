"""A call through each path of the VoiceXML face, well and badly, for the test that no secret is left behind."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.test import override_settings

from environment.services import contact_center_create
from tests.cast import SECRET, basic
from tests.twofactor.playing import by_outbox, last_code
from tests.twofactor.sending import two_factor
from tests.twofactor.vxml_caller import FORM
from tests.twofactor.vxml_cast import ENTRY, configure, customer, ivr_entry, wrong
from twofactor.models import FlowSession

WRONG = "wrong-secret-71f0c2"
TURNS = ("/method", "/code", "/resend", "/hangup")
PATHS = ("", *(f"/sessions/{{session_id}}{turn}" for turn in TURNS))
"""Below ``/twofactor/vxml/{application}``."""


def drive_vxml(cast: Any) -> None:
    """A whole call; then each of its requests without a good proof."""
    application = two_factor(contact_center_create(number=300, name="Three", domains=["t300"]))
    with override_settings(DESKGATE_MODE="demo"):
        by_outbox(application)
        # Nine digits stand nowhere by chance.
        configure(application, digits=9)
        customer(application)
        ivr_entry(application)
        _played(cast)


def _played(cast: Any) -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    def say(path: str, **form: str) -> None:
        asked.append((path, form))
        answer = _ask(cast, path, form, f"{SECRET}:@/")
        assert answer.status_code == 200, answer.content
        # A document is no place for a code either.
        cast.watch.refusals.append(answer.content.decode())

    say(ENTRY, account="4711")
    at = f"{ENTRY}/sessions/{FlowSession.objects.get().pk}"

    def turn(name: str, **form: str) -> None:
        say(f"{at}/{name}", step=str(FlowSession.objects.get().step), **form)

    turn("method", choice="1")
    code = last_code()
    cast.watch.knows(code, wrong(code), f"{SECRET}:@/")
    turn("code", authCode_nbest1=wrong(code))
    turn("resend")
    turn("code", authCode_nbest1=code)
    turn("hangup")
    for path, form in asked:
        for name in ("ivr", "nobody"):
            assert _ask(cast, path, form, WRONG, name).status_code == 401
        assert _ask(cast, path, form | {"step": "x" * 99, "account": "x" * 999}, f"{SECRET}:@/").status_code == 400


def _ask(cast: Any, path: str, form: dict[str, str], password: str, name: str = "ivr") -> Any:
    headers = {"Authorization": basic(name, password)}
    return cast.watch.saw(cast.http.post(path, urlencode(form), content_type=FORM, headers=headers))
