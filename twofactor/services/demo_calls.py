"""The calls of the demo's last days, so that charts, lists and timelines have something to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db import transaction

from environment.models import Application
from twofactor.demo.past_call import OPENER, OWN_PHONE, PastCall
from twofactor.demo.stories import ACCOUNTS, OFTEN, by_app, by_text, came_back, mistyped
from twofactor.models import Challenge, Delivery, FlowSession, FlowStep

DAYS = 10
_CALLS, _TEST_CALLS = (9, 16), 2
"""A day's; production ones between these two numbers."""
_STRANGE_PHONE = "+14155550123"
_FACES = (FlowSession.Face.REST, FlowSession.Face.REST, FlowSession.Face.VOICEXML)
_SLICE = 200


def demo_calls_play(*, application: Application, now: datetime) -> int:
    """Store the calls of the days before ``now`` at an application of the demo; how many. 0: it has them already.

    Raises ValueError outside the demo, and for an application that the demo did not make.
    """
    if settings.DESKGATE_MODE != "demo" or not application.made_by_demo:
        raise ValueError("only the demo's own application has such calls")
    if FlowSession.objects.filter(application=application, opener=OPENER).exists():
        return 0
    calls = sorted(_calls(application, now), key=lambda call: call.session.started_at)
    with transaction.atomic():
        began = {call.session.pk: call.session.started_at for call in calls}
        sessions = FlowSession.objects.bulk_create([call.session for call in calls], batch_size=_SLICE)
        # Creating a row writes the present time there.
        for session in sessions:
            session.started_at = began[session.pk]
        FlowSession.objects.bulk_update(sessions, ["started_at"], batch_size=_SLICE)
        Challenge.objects.bulk_create([code for call in calls for code in call.codes], batch_size=_SLICE)
        FlowStep.objects.bulk_create([step for call in calls for step in call.steps], batch_size=_SLICE)
        Delivery.objects.bulk_create([one for call in calls for one in call.deliveries], batch_size=_SLICE)
    return len(calls)


def _calls(application: Application, now: datetime) -> Iterator[PastCall]:
    """The same ones each time, but for their ids."""
    dice = Random(4)  # noqa: S311 - no secret
    for day in range(DAYS):
        end = now - timedelta(days=day, minutes=30)
        for number in range(dice.randint(*_CALLS)):
            yield from _production(application, dice, end, call_id=f"demo-{day}-{number}")
        for story in dice.sample([by_text, by_app, mistyped], _TEST_CALLS):
            call = _begun(application, dice, end, face=FlowSession.Face.TRIAL, test_call=True, account="1000")
            story(call)
            yield call


def _production(application: Application, dice: Random, end: datetime, *, call_id: str) -> Iterator[PastCall]:
    (story,) = dice.choices([story for story, _ in OFTEN], [often for _, often in OFTEN])
    words = {
        "face": dice.choice(_FACES),
        "account": ACCOUNTS.get(story, "1000"),
        "call_id": call_id,
        "cli": dice.choice([OWN_PHONE, OWN_PHONE, _STRANGE_PHONE]),
        "dnis": "+18005550100",
    }
    call = _begun(application, dice, end, **words)
    if story is came_back:
        by_text(call)
        yield call
        call = PastCall.begun(application, call.clock + timedelta(minutes=4), **words)
    story(call)
    yield call


def _begun(application: Application, dice: Random, end: datetime, **words: object) -> PastCall:
    return PastCall.begun(application, end - timedelta(seconds=dice.randrange(10 * 3600)), **words)
