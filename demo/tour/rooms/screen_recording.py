"""Screen Recording Service: what an agent's desktop asks of it, from login to logout."""

from __future__ import annotations

from demo.tour.visitor import Answer, Visitor

TITLE = "Screen recording: an agent's desktop and its recorder"
ORDER = 40
AGENT = (r"t100\agent", "demo-agent-1!")
OTHER = (r"t100\supervisor", "demo-supervisor-1!")
ORIGIN = {"Origin": "http://localhost:8080"}
SEAT = [
    {"name": "place", "value": "Place_100"},
    {"name": "devices", "value": [{"dn": "7001", "switch": "SIP_Switch"}, {"dn": "7002", "switch": "SIP_Switch"}]},
]
LOGOUT = {"operationName": "EndContactCenterSession"}


def walk(visitor: Visitor) -> None:
    """Version, login at a place, ping, logout with the CSRF token."""
    me = "/api/v2/me"
    visitor.ask("Which version?", "GET", "/version")
    wanted = ORIGIN | {"X-Support-CSRF": "True"}
    answer = visitor.ask("Log in at a place, with CSRF token", "POST", me, user=AGENT, headers=wanted, data=SEAT)
    visitor.expect(answer.json["user"]["userName"] == AGENT[0], "somebody else is logged in")
    session = ORIGIN | {"Cookie": _cookie_of(answer)}
    visitor.ask("Still there: every 60 seconds at least", "GET", "/ping", headers=session)
    visitor.ask("A logout needs the token", "POST", me, headers=session, data=LOGOUT, status=403)
    other = "Another agent wants one of the devices"
    visitor.ask(other, "POST", me, user=OTHER, headers=ORIGIN, data=SEAT[1:], status=409)
    token = {answer.headers["x-csrf-header"]: answer.headers["x-csrf-token"]}
    visitor.ask("Log out: place and devices are free", "POST", me, headers=session | token, data=LOGOUT)
    visitor.ask("The session is gone (one wording for every 401)", "GET", "/ping", headers=session, status=401)


def _cookie_of(answer: Answer) -> str:
    return answer.headers.get("set-cookie", "").partition(";")[0]
