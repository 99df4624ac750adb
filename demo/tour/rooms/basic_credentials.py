"""Basic credentials: a name and password for a script, registered, used, exchanged and taken away again."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from demo.tour.visitor import Visitor

TITLE = "Basic credentials: a script's name and password"
ORDER = 30
TOOL = ("config_tool", "demo-config-secret")
MANAGER = (r"t100\manager", "demo-manager-1!")
BACK = "http://127.0.0.1:8765/cb"
REGISTER = "/configuration/basicauth"


def walk(visitor: Visitor) -> None:
    """An administrator registers a pair; it works, is exchanged for a token, and is deleted."""
    bearer = {"Authorization": f"bearer {_token(visitor)}"}
    pair = (f"tour_{secrets.token_hex(4)}", secrets.token_urlsafe(16))
    record = {
        "username": pair[0],
        "password": pair[1],
        "context": "ContactCenter",
        "contextId": "1",
        "userRole": "Administrator",
    }
    words = "Register a pair (people take their token from the page /configuration/token)"
    made = visitor.ask(words, "POST", REGISTER, headers=bearer, data=record, status=201)
    path = "/environment/v3/contact-centers"
    visitor.ask("The pair reads its own contact center", "GET", path, user=pair)
    token = visitor.ask("The pair, exchanged for a token", "POST", "/configuration/token", user=pair).json
    visitor.expect(token["expires_in"] <= 600, "the token lives longer than ten minutes")
    exchanged = {"Authorization": f"bearer {token['access_token']}"}
    visitor.ask("The token reads the same", "GET", path, headers=exchanged)
    visitor.ask("Neither registers another", "POST", REGISTER, user=pair, data=record, status=403)
    visitor.ask("Delete it", "DELETE", made.headers["location"], headers=bearer, status=204)
    visitor.ask("It is refused at once, and its token too", "GET", path, headers=exchanged, status=401)


def _token(visitor: Visitor) -> str:
    """Of an administrator, with scope ``configuration``: by code, the browser's part done by his Basic pair."""
    asked = {"response_type": "code", "client_id": TOOL[0], "redirect_uri": BACK, "scope": "configuration"}
    where = f"/auth/v3/oauth/authorize?{urlencode(asked)}"
    back = visitor.ask("A code for an administrator", "GET", where, user=MANAGER, status=302).headers["location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return str(
        visitor.ask("The code's token", "POST", "/auth/v3/oauth/token", user=TOOL, form=form).json["access_token"]
    )
