"""Platforms ask again when a connection breaks: the same request is carried out once, something else is out of step."""

from __future__ import annotations

from hashlib import sha256
from threading import Barrier, Thread

import pytest
from django.db import connection

from environment.models import Application
from tests.twofactor.mail_server import Inbox
from tests.twofactor.vxml_cast import call_at, customer, mailed, wrong
from twofactor.models import Challenge, FlowSession, StoredAnswer

pytestmark = pytest.mark.django_db


def session() -> FlowSession:
    return FlowSession.objects.get()


def test_a_request_that_comes_twice_is_carried_out_once(office: Application, inbox: Inbox, entry: str) -> None:
    customer(office)
    call = call_at(entry).presses("1")
    assert call.repeats().content == call.documents[-1]
    assert len(inbox.got) == 1
    call.presses(wrong(mailed(inbox)))
    assert call.repeats().content == call.documents[-1]
    assert Challenge.objects.get().attempts == 1
    call.waits()
    assert call.repeats().content == call.documents[-1]
    assert session().input_rounds == 1
    call.presses("*")
    assert call.repeats().content == call.documents[-1]
    assert len(inbox.got) == 2
    call.presses(mailed(inbox))
    assert call.repeats().content == call.documents[-1]
    # An older one yet: the answer that it had.
    assert call.repeats(1).content == call.documents[1]
    assert session().path == "success"


def test_something_else_to_an_older_prompt_ends_in_the_error_path(
    office: Application, inbox: Inbox, entry: str
) -> None:
    customer(office)
    call = call_at(entry).presses("1")
    address, form = call.sent[1]
    call._submit(address, form | {"choice": "2"})
    assert call.returned
    assert call.returned["path"] == "error"
    assert len(inbox.got) == 1
    assert call.statuses == [200, 200, 200]


def test_what_is_kept_for_repeats_holds_no_code_that_could_be_tried(
    office: Application, inbox: Inbox, entry: str
) -> None:
    customer(office, phone="")
    call = call_at(entry)
    code = mailed(inbox)
    call.presses(code)
    (kept,) = StoredAnswer.objects.all()
    guesses = [code, f"code {code}", f"vxml {session().pk} 2 code {code}", f"vxml {session().pk} 2 {code}"]
    assert not {kept.key, kept.request} & {sha256(guess.encode()).hexdigest() for guess in guesses}
    assert code not in kept.body


@pytest.mark.django_db(transaction=True)
def test_two_repeats_at_one_time_get_one_answer(office: Application, inbox: Inbox, entry: str) -> None:
    customer(office)
    call = call_at(entry)
    submit = str(call._one("form", "field", "filled")[0].get("next"))
    form = {"step": call._variables["step"], "choice": "1"}
    barrier, answers = Barrier(4), []

    def ask() -> None:
        barrier.wait()
        try:
            answers.append(call._ask(call.entry.partition("/twofactor")[0] + submit, form))
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert len(inbox.got) == 1
