"""What ``/schema/`` tells of this room's calls beside their shapes: headers, refusals, examples."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from screenrec.serializers import RefusalSerializer

_HEADER: Final = OpenApiParameter.HEADER
ORIGIN = OpenApiParameter("Origin", str, _HEADER, description="Of the page that asks. Mandatory.")
PAGE = OpenApiParameter("Origin", str, _HEADER, description="Of the page that asks, if one does.")
SUPPORT = [
    OpenApiParameter(name, str, _HEADER, description="`True`: answer with a CSRF token, and demand it.")
    for name in ("X-Support-CSRF", "X-Support-CSRFP")
]
TOKEN = OpenApiParameter(
    "X-CSRF-TOKEN", str, _HEADER, description="Of a session that asked for one; a login needs none."
)
SUBRESOURCES = OpenApiParameter(
    "subresources", str, description="`*`, or some of `devices,place,settings`, told beside the user."
)
SESSION_HEADERS = [
    OpenApiParameter(name, str, _HEADER, response=[200], description=told)
    for name, told in (
        ("Set-Cookie", "`deskgate_recorder`, HttpOnly: the session's key; empty after a logout."),
        ("X-CSRF-HEADER", "With CSRF asked: the name of the header that brings the token."),
        ("X-CSRF-TOKEN", "With CSRF asked: the token."),
    )
]
VERSION_HEADER: Final = OpenApiParameter(
    "X-Deskgate-Version", str, _HEADER, response=[200], description="The version of Deskgate itself."
)


def refusals(*statuses: int) -> dict[int, Any]:
    """These, and what any call may be refused with."""
    return dict.fromkeys(sorted({403, 405, 413, 503, *statuses}), RefusalSerializer)


_USER = {
    "id": "5b0f3a7a10c94d0e9b533f0f6c0e6d6b",
    "userName": "t100\\agent",
    "firstName": "Ada",
    "lastName": "Agent",
    "emailAddress": "agent@t100.example.com",
    "roles": ["ROLE_AGENT"],
    "enabled": True,
    "changePasswordOnFirstLogin": False,
    "contactCenterId": "7d1f0a52-30a4-4a64-9a43-0c6a0f6f2a01",
    "uri": "https://rws.example.com/api/v2/users/5b0f3a7a10c94d0e9b533f0f6c0e6d6b",
    "path": "/users/5b0f3a7a10c94d0e9b533f0f6c0e6d6b",
    "password": "",
}
LOGGED_IN = OpenApiExample(
    "Logged in", response_only=True, status_codes=["200"], value={"statusCode": 0, "user": _USER}
)
DONE = OpenApiExample("Done", response_only=True, status_codes=["200"], value={"statusCode": 0})
REFUSED = OpenApiExample(
    "Refused",
    response_only=True,
    status_codes=["401"],
    value={
        "statusCode": 20,
        "statusMessage": "User name or password is wrong, or the account cannot be used now.",
    },
)
OPERATIONS = [
    OpenApiExample("Login", request_only=True, value=[]),
    OpenApiExample(
        "Login with configuration",
        request_only=True,
        value=[
            {"name": "server", "value": "https://rws.dc1.example.com"},
            {"name": "peer_server", "value": "https://rws.dc2.example.com"},
            {"name": "place", "value": "Place_100"},
            {"name": "devices", "value": [{"dn": "7001", "switch": "SIP_Switch"}]},
        ],
    ),
    OpenApiExample(
        "Start",
        request_only=True,
        value={
            "operationName": "StartContactCenterSession",
            "channels": ["voice"],
            "place": "Place_100",
            "loginCode": "1001",
            "queue": "9001",
        },
    ),
    OpenApiExample("Logout", request_only=True, value={"operationName": "EndContactCenterSession"}),
]
