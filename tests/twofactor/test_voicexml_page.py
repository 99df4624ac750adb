"""docs/clients/voicexml.md: its file is provisioned, its dialog is what the standard has, and plays as printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from environment.models import Application, ContactCenter
from tests.docs.pages import CLIENTS
from tests.house.test_readme import blocks
from tests.twofactor.playing import by_outbox, last_code
from tests.twofactor.vxml_caller import Call, text_of
from tests.twofactor.vxml_cast import post
from tests.twofactor.vxml_standard import NAMESPACE, faults, parsed
from twofactor.voicexml.serializers import EntrySerializer

pytestmark = pytest.mark.django_db
PAGE = CLIENTS / "voicexml.md"
V = {"v": NAMESPACE}


def dialog() -> bytes:
    (text,) = blocks(PAGE, "xml")
    return text.encode()


def test_the_dialog_is_what_the_standard_has() -> None:
    assert faults(dialog()) == []
    assert faults(dialog().replace(b"#agent", b"#agents", 1)) == ["no dialog #agents (error.badfetch)"]
    assert faults(dialog().replace(b'namelist="account', b'namelist="accounts', 1)) == ["accounts is declared nowhere"]
    assert faults(dialog().replace(b"<exit/>", b"<hangup/>", 1)) == ["<hangup> in <if>", "<hangup> is none"]


def test_the_dialog_plays_as_printed(provision: Callable[[str], Any], t100: ContactCenter, settings: Any) -> None:
    (file,) = blocks(PAGE, "yaml")
    provision(file)
    settings.DESKGATE_MODE = "demo"
    by_outbox(Application.objects.get(name="My IVR"))
    root = parsed(dialog())
    (subdialog,) = root.findall(".//v:subdialog", V)
    said = {str(node.get("name")): text_of(str(node.get("expr", "''"))) for node in root.findall("v:var", V)}
    call = Call(post, str(subdialog.get("src")))
    call.begins(**{name: said[name] for name in str(subdialog.get("namelist")).split()})
    call.presses("*").presses(last_code())
    assert call.returned == {
        "path": "success",
        "TwoFactorAuthSelectedMethod": "Email",
        "CustomerEmail": "jo@customer.example",
    }
    used = {
        text.removeprefix("proof.")
        for node in root.iter("{*}if", "{*}elseif", "{*}assign")
        for text in f"{node.get('cond')} {node.get('expr')}".split()
        if text.startswith("proof.")
    }
    assert used == {"path", "CustomerEmail"}


def test_the_page_tells_the_names_that_there_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    told = EntrySerializer().fields
    assert [name for name in told if f"`{name}`" not in text] == []
