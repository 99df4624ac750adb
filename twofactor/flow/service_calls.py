"""A call as the customer's web services are told of it."""

from __future__ import annotations

from twofactor.flow.calls import Call
from twofactor.options import external
from twofactor.webservices.client import ServiceCaller


def service_caller(call: Call) -> ServiceCaller:
    """With the variables that the application names."""
    session, private = call.session, call.private
    return ServiceCaller(
        application=session.application,
        session_id=session.pk,
        account=session.account,
        call_id=session.call_id,
        cli=session.cli,
        dnis=session.dnis,
        test_call=session.test_call,
        variables={name: private.variable(name) for name in external.SERVICE_VARIABLES.of(session.application)},
    )
