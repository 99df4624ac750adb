"""The guards of the state table. None of them changes anything."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from twofactor.flow.calls import BUDGET, Call
from twofactor.flow.prompts import takes
from twofactor.models import FlowSession, Method
from twofactor.options import settings
from twofactor.services.codes import challenge_now, has_expired


def always(call: Call) -> bool:
    """No condition."""
    return True


def has_passed_in_this_call(call: Call) -> bool:
    """Skip option, by the same call and account only, and not for ever (F 19)."""
    session = call.session
    if not session.call_id or not settings.SKIP.of(call.application):
        return False
    since = timezone.now() - timedelta(minutes=settings.SKIP_MINUTES.of(call.application))
    return FlowSession.objects.filter(
        application_id=session.application_id,
        call_id=session.call_id,
        account=session.account,
        opener=session.opener,
        test_call=session.test_call,
        # A skip is no proof: else each one would renew the time.
        skipped=False,
        authenticated_at__gt=since,
    ).exists()


def has_usable_method(call: Call) -> bool:
    """At least one method is left after E.3."""
    return bool(call.session.offered)


def names_a_path(call: Call) -> bool:
    """The service's status is a valid path."""
    return bool(call.path_named(call.status))


def has_one_method(call: Call) -> bool:
    """There is nothing to choose."""
    return len(call.session.offered) == 1


def choice_is_offered(call: Call) -> bool:
    """The key is in the menu, or the method is offered."""
    return chosen(call) != ""


def chosen(call: Call) -> str:
    """The method that was chosen, by its key or its name; "" for none that is offered."""
    offered = call.session.offered
    if call.wanted:
        return call.wanted if call.wanted in offered else ""
    keys = {str(place): method for place, method in enumerate(offered, 1)}
    return keys.get(call.typed, "")


def rounds_left(call: Call) -> bool:
    """The caller may be asked the same once more."""
    return call.session.input_rounds + 1 < settings.INPUT_ROUNDS.of(call.application)


def sends_used_up(call: Call) -> bool:
    """An (N+1)-th send would be needed (F 3)."""
    return call.session.sends_used >= settings.MAX_SENDS.of(call.application)


def is_authenticator(call: Call) -> bool:
    """Nothing is sent for this method, external or not (F 5)."""
    return call.session.method == Method.AUTHENTICATOR


def is_external(call: Call) -> bool:
    """The customer's own services make and check the codes."""
    return call.session.external


def old_code_lives(call: Call) -> bool:
    """A code that the caller has could still be right."""
    challenge = challenge_now(call.session)
    return (
        challenge is not None
        and challenge.sent_at is not None
        and challenge.attempts < challenge.max_attempts
        and challenge.expires_at > timezone.now()
    )


def other_method_left(call: Call) -> bool:
    """Another method could be tried."""
    return any(method != call.session.method for method in call.session.offered)


def code_has_the_form(call: Call) -> bool:
    """ASCII digits, as many as the grammar takes."""
    return takes(call.application, call.session, call.typed)


def code_has_expired(call: Call) -> bool:
    """Its time is over, which calls for a new one (F 2)."""
    return has_expired(call.session)


def tries_are_used_up(call: Call) -> bool:
    """The last try was counted, and whoever made it never came back to end it: his process has died."""
    challenge = challenge_now(call.session)
    if challenge is None or challenge.attempts < challenge.max_attempts or challenge.tried_at is None:
        return False
    return challenge.tried_at < timezone.now() - timedelta(seconds=2 * BUDGET)


def has_path_for_wrong(call: Call) -> bool:
    """A path is configured for the last wrong code; else another code is made (F 1)."""
    return bool(settings.MAX_VERIFY_PATH.of(call.application))
