"""/api/v2/me: login, login with configuration, and operations (seed 001, Client Login API)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.authorization import authorization_of
from screenrec.flows import desk
from screenrec.flows.callers import session_and_witness
from screenrec.records import LoginConfig, StartRequest, operation_of, unknown_operation
from screenrec.schema import (
    DONE,
    LOGGED_IN,
    OPERATIONS,
    ORIGIN,
    REFUSED,
    SESSION_HEADERS,
    SUBRESOURCES,
    SUPPORT,
    TOKEN,
    refusals,
)
from screenrec.serializers import REQUEST, LoginAnswerSerializer, OperationAnswerSerializer
from screenrec.views.base import AGENT_OR_COOKIE, RecorderView


class MeView(RecorderView):
    """The agent's own session."""

    @extend_schema(
        operation_id="recorderLogin",
        auth=AGENT_OR_COOKIE,
        request=None,
        examples=[LOGGED_IN, REFUSED],
        parameters=[ORIGIN, *SUPPORT, SUBRESOURCES, *SESSION_HEADERS],
        responses={200: LoginAnswerSerializer} | refusals(400, 401, 404, 409),
    )
    def get(self, request: Request) -> Response:
        """Log in with the agent's Basic pair. With the session's cookie and no pair: who is logged in."""
        caller = self.caller
        if caller.cookie and authorization_of(self.plain) is None:
            session, _ = session_and_witness(caller)
            self.note(session)
            told = desk.told_user(session, self._wanted())
            return self.with_csrf(
                Response({"statusCode": 0, "user": told}, headers={"Cache-Control": "no-store"}), session
            )
        return self._log_in(LoginConfig())

    @extend_schema(
        operation_id="recorderOperation",
        auth=AGENT_OR_COOKIE,
        request={"application/json": REQUEST},
        examples=[*OPERATIONS, LOGGED_IN, DONE, REFUSED],
        parameters=[ORIGIN, *SUPPORT, TOKEN, SUBRESOURCES, *SESSION_HEADERS],
        responses={200: OperationAnswerSerializer} | refusals(400, 401, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """An array, or nothing: log in with configuration. An object: an operation by name."""
        body = self.body()
        if isinstance(body, list):
            return self._log_in(LoginConfig.parse(body))
        name = operation_of(body)
        if name == "EndContactCenterSession":
            return self._end()
        if name == "StartContactCenterSession":
            return self._start(body)
        raise unknown_operation(name)

    def _log_in(self, config: LoginConfig) -> Response:
        opened = desk.log_in(self.caller, config, csrf=self.asks_for_csrf(), wanted=self._wanted())
        self.note(opened.session)
        return self.keep(Response({"statusCode": 0, "user": opened.user}), opened.session, opened.key)

    def _start(self, body: dict[str, Any]) -> Response:
        session, key = desk.start(self.caller, StartRequest.parse(body), csrf=self.asks_for_csrf())
        self.note(session)
        response = Response({"statusCode": 0}, headers={"Cache-Control": "no-store"})
        return self.keep(response, session, key) if key else response

    def _end(self) -> Response:
        self.note(desk.end(self.caller))
        response = Response({"statusCode": 0}, headers={"Cache-Control": "no-store"})
        self.forget(response)
        return response

    def _wanted(self) -> frozenset[str]:
        text = self.plain.GET.get("subresources", "")
        return frozenset(word.strip() for word in text.split(",") if word.strip())
