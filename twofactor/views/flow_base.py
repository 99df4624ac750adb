"""What the calls of ``/twofactor/v1/sessions`` share: who asks, how a body is read, and how an answer is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from config.context import current
from config.http import plain_request
from config.http.configuring import NO_STORE, answers
from config.http.dialects import Dialect
from config.http.errors import (
    FieldError,
    InsufficientScope,
    NotFound,
    PayloadTooLarge,
    UnsupportedMedia,
    ValidationRefused,
)
from config.http.members import Member, members_read
from config.http.serializers import ConfigurationErrorSerializer
from config.http.views import ApiView
from twofactor.errors import NoSuchSession
from twofactor.flow.answers import Answer
from twofactor.models import FlowSession
from twofactor.selectors.doors import SCOPE, door, opener_of
from twofactor.services.repeats import HEADER, answered_once

LONGEST_BODY = 64 * 1024
"""Bytes."""
LONGEST_KEY = 255


class FlowView(ApiView):
    """Answers to Basic credentials bound to an application, and to clients' own bearers with scope ``twofactor``."""

    dialect: Dialect = "configuration"
    proofs: ClassVar[tuple[str, ...]] = ("credential", "bearer")

    def perform_authentication(self, request: Request) -> None:
        """Prove as any view does; then a bearer without the scope is refused. Raises InsufficientScope (403)."""
        super().perform_authentication(request)
        principal = current().principal
        if principal.proof == "bearer" and SCOPE not in principal.scopes:
            raise InsufficientScope(f"The access token lacks the scope '{SCOPE}'.", scope=SCOPE)

    @property
    def opener(self) -> str:
        """Whoever asks, as sessions remember it."""
        return opener_of(current().principal)

    def opened(self, session_id: str) -> None:
        """Judge whether this proof may use the session's application still. Raises NoSuchSession, InsufficientScope."""
        mine = FlowSession.objects.filter(pk=session_id[:33], opener=self.opener)
        name = mine.values_list("application__name", flat=True).first()
        if name is None:
            raise NoSuchSession
        try:
            door(name, current().principal)
        except NotFound as gone:
            raise NoSuchSession(reason=gone.reason) from gone

    def sent(self, *members: Member) -> dict[str, Any]:
        """The members of the body's object, by the flow's names. One that nobody knows is refused: a slip in an
        optional one, such as testCall, would count for nothing. Raises PayloadTooLarge, UnsupportedMedia,
        MalformedJson, InvalidParameter, ValidationRefused.
        """
        plain = plain_request(self.request)
        if len(plain.body) > LONGEST_BODY:
            raise PayloadTooLarge(f"The request body is longer than {LONGEST_BODY} bytes.")
        if plain.body.strip() and plain.content_type != "application/json":
            raise UnsupportedMedia("Send the body as application/json.")
        body = self.json()
        known = {member.sent for member in members}
        faults = [FieldError(_shown(name), "unknown", "There is no such field.") for name in body if name not in known]
        if faults:
            raise ValidationRefused(faults[0].message, fields=faults)
        return members_read(body, members)

    def answered(self, carry_out: Callable[[], Answer], *, status: int = 200) -> Response:
        """The answer; of a request that came before with the same ``Idempotency-Key``, that one."""
        plain = plain_request(self.request)
        key = plain.headers.get(HEADER, "")
        if not key:
            return told(carry_out(), status=status)
        if len(key) > LONGEST_KEY or not key.isprintable():
            words = f"Use at most {LONGEST_KEY} printable characters."
            raise ValidationRefused(words, fields=[FieldError(HEADER, "invalid", words)])
        asked = f"{plain.path.rstrip('/')} {plain.body.decode(errors='backslashreplace')}"
        answer = answered_once(opener=self.opener, key=key, request=asked, answer=carry_out)
        return told(answer, status=status)


def _shown(name: str) -> str:
    """A caller's own name of a member, short and printable."""
    return name[:40].encode("ascii", "backslashreplace").decode("ascii")


def told(answer: Answer, *, status: int = 200) -> Response:
    """An answer as JSON (contract twofactor.md, face 1)."""
    return Response(answer_told(answer), status=status, headers=NO_STORE)


def answer_told(answer: Answer) -> dict[str, Any]:
    """The members of the body."""
    prompt = answer.prompt
    shown = None
    if prompt is not None:
        shown = {
            "text": prompt.text,
            "input": prompt.input,
            "choices": [{"key": one.key, "method": one.method, "label": one.label} for one in prompt.choices],
            "length": prompt.length or None,
            "minLength": prompt.fewest or None,
            "maxLength": prompt.most or None,
        }
    return {
        "id": answer.id,
        "state": answer.state,
        "prompt": shown,
        "path": answer.path,
        "retryAfter": answer.retry_after,
        "variables": dict(answer.variables),
    }


def flow_answers(success: dict[int, type[BaseSerializer[Any]] | None], *refused: int) -> dict[int, Any]:
    """What a call may answer, for the schema."""
    return answers(success, 413, 415, *refused, error=ConfigurationErrorSerializer)
