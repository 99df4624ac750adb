"""Authentication API v3: a token, who it is, and out again."""

from __future__ import annotations

from demo.tour.visitor import Visitor

TITLE = "Sign-in: the Authentication API"
ORDER = 10
CLIENT = ("external_api_client", "demo-external-secret")
AGENT = {"grant_type": "password", "username": r"t100\agent", "password": "demo-agent-1!"}


def walk(visitor: Visitor) -> None:
    """Password grant, user info, sign-out."""
    token = visitor.ask("A token for an agent", "POST", "/auth/v3/oauth/token", user=CLIENT, form=AGENT).json
    bearer = {"Authorization": f"bearer {token['access_token']}"}
    who = visitor.ask("Who is it?", "GET", "/auth/v3/userinfo", headers=bearer).json
    visitor.expect(who["loginName"] == "agent", "the token is not the agent's")
    visitor.ask("Out again", "POST", "/auth/v3/sign-out", headers=bearer)
    visitor.ask("The token is dead at once", "GET", "/auth/v3/userinfo", headers=bearer, status=401)
