"""What is wrong with a client or its secret, whoever asks: told by field before anything is written."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.models import User
from environment.options import check_origin
from oauthapi.client_secrets import secret_generate
from oauthapi.models import ApiClient

LONGEST_SECRET = 512
"""Characters."""
_LISTS = ("grants", "scopes", "authorities", "redirect_uris", "post_logout_redirect_uris", "allowed_origins")


def client_clean(client: ApiClient) -> None:
    """Judge a client by itself and its fields between each other. Raises ValidationError by field."""
    odd = [name for name in _LISTS if not isinstance(getattr(client, name), list)]
    if odd:
        # Empty values of other types pass by the fields' own validators.
        raise ValidationError(dict.fromkeys(odd, "This is a list of names."))
    client.clean_fields()  # by itself first: the checks between fields rely on each one's type
    client.full_clean()
    faults: dict[str, list[str]] = {}
    for origin in client.allowed_origins:
        try:
            check_origin(origin)
        except ValidationError as fault:
            faults.setdefault("allowed_origins", []).extend(fault.messages)
    if client._state.adding and (client.client_id.endswith("/") or client.client_id in (".", "..")):
        faults["client_id"] = ["An address cannot name it: it ends in a slash, or is a path's dot."]
    if User.objects.filter(login_key=client.client_id.casefold()).exists():
        # Both are told as `username`: one name never stands for two. Users of contact centers have colons in theirs.
        faults["client_id"] = ["A user has this name."]
    if faults:
        raise ValidationError(faults)


def first_secret(client: ApiClient, secret: str | None) -> str:
    """The secret that a client gets: the one given, else a generated one; "" for a public client."""
    if client.is_public:
        if secret:
            raise ValidationError({"secret": "A public client has no secret."})
        return ""
    return secret_generate() if secret is None else checked_secret(secret)


def checked_secret(secret: str) -> str:
    """A weak secret is its owner's choice (existing scripts have them); one that no header carries is not."""
    if not secret or len(secret) > LONGEST_SECRET or any(ord(character) < 0x20 for character in secret):
        raise ValidationError({"secret": f"A secret has 1 to {LONGEST_SECRET} characters, none of them a control one."})
    return secret
