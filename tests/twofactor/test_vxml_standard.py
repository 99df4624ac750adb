"""The table that reads documents does find what is wrong: each of these has one fault."""

from __future__ import annotations

import pytest

from tests.twofactor.test_voicexml_documents import ended, entering, selecting
from tests.twofactor.vxml_standard import faults


@pytest.mark.parametrize(
    ("sent", "sound", "broken", "fault"),
    [
        (entering, "<filled>", "<dialog/><filled>", "<dialog>"),
        (entering, "<filled>", '<filled namelist="step">', "2.4"),
        (entering, 'mode="dtmf"', 'mode="keys"', 'mode="keys"'),
        (entering, 'mode="dtmf"', 'mode="dtmf" language="en"', "<grammar language>"),
        (entering, 'version="1.0" root', "root", "has a version"),
        (entering, 'root="code"', 'root="codes"', "is no rule"),
        (entering, 'uri="#digit"', 'uri="#digits"', "no rule #digits"),
        (entering, 'repeat="6"', 'repeat="6-4"', "repeat 6-4"),
        (entering, 'repeat="6"', 'repeat="6,4"', 'repeat="6,4"'),
        (entering, "<item>7</item>", "<item>seven</item>", "no sequence of keys"),
        (entering, "<item>7</item>", "<item/>", "holds nothing"),
        (entering, 'next="/v/code"', "", "exactly one of next, expr"),
        (entering, 'next="/v/code"', 'next="/v/code" expr="x"', "exactly one of next, expr"),
        (entering, 'next="/v/code"', 'src="/v/code"', "<submit src>"),
        (entering, 'method="post"', 'method="POST"', 'method="POST"'),
        (entering, 'maxage="0"', 'maxage="0s"', 'maxage="0s"'),
        (entering, '<var name="step"', '<var name="steps"', "step is declared nowhere"),
        (entering, '<var name="event"', '<var name="events"', "event is declared nowhere"),
        (entering, '<var name="event"', '<var name="_event"', "reserved"),
        (entering, "<noinput>", '<noinput event="noinput">', "<noinput event>"),
        (entering, "<else/>", '<else cond="true"/>', "<else cond>"),
        (entering, "<else/>", "<else/><else/>", "last branch"),
        (entering, "<if cond=\"authCode_nbest1 == '*'\">", "<if>", "<if> without cond"),
        (entering, '<property name="termchar" value="#"/>', '<property name="termchar"/>', "without value"),
        (entering, 'value="5s"', 'value="5 seconds"', "timeout='5 seconds'"),
        (entering, '<field name="authCode_nbest1">', '<field name="authCode_nbest1" type="digits">', "by its type"),
        (entering, ' version="2.1"', "", "without version"),
        (entering, ' version="2.1"', ' version="2.0"', 'version="2.0"'),
        (entering, "http://www.w3.org/2001/vxml", "http://www.w3.org/2001/VXML", "the root"),
        (entering, "<?xml version='1.0' encoding='UTF-8'?>\n", "", "XML declaration"),
        (selecting, "<catch ", "text <catch ", "text in <vxml>"),
        (selecting, "<form ", "<block/><form ", "<block> in <vxml>"),
        (selecting, "</form>", "</form><form id='select'/>", "two dialogs"),
        (ended, 'namelist="path"', 'namelist="path agent"', "agent is declared nowhere"),
        (ended, 'namelist="path"', 'namelist="path" event="error"', "at most one of"),
        (ended, '<return namelist="path"/>', '<return namelist="later"/><var name="later"/>', "later is declared"),
        (ended, '<var name="path"', '<var name="class"', "reserved"),
    ],
)
def test_a_fault_is_found(sent, sound: str, broken: str, fault: str) -> None:
    document = sent().decode()
    assert sound in document
    found = faults(document.replace(sound, broken, 1).encode())
    assert any(fault in each for each in found), found
