"""Basic credentials: a name and password for a script, and the short token they are exchanged for."""

from __future__ import annotations

from demo.tour.visitor import Visitor

TITLE = "Basic credentials: a script's name and password"
ORDER = 30
PAIR = ("customer_manager", "customer_manager@123")


def walk(visitor: Visitor) -> None:
    """The pair itself, then a token that stands for it ten minutes at most."""
    path = "/environment/v3/contact-centers"
    visitor.ask("The pair reads its own contact center", "GET", path, user=PAIR)
    token = visitor.ask("The pair, exchanged for a token", "POST", "/configuration/token", user=PAIR).json
    visitor.expect(token["expires_in"] <= 600, "the token lives longer than ten minutes")
    bearer = {"Authorization": f"bearer {token['access_token']}"}
    visitor.ask("The token reads the same", "GET", path, headers=bearer)
    visitor.ask("A wrong password gets nothing", "POST", "/configuration/token", user=(PAIR[0], "wrong"), status=401)
