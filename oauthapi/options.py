"""The options that rule the Authentication API."""

from __future__ import annotations

from environment.declarations import INSTALLATION, BooleanOption

STRICT = BooleanOption(
    section="oauth",
    name="strict",
    default=False,
    holders=(INSTALLATION,),
    set_by="installation",
    help="The RFC 9700 profile: no password and implicit grants, no Basic on authorize, PKCE for every client.",
)
BASIC_ON_AUTHORIZE = BooleanOption(
    section="oauth",
    name="basic-on-authorize",
    default=True,
    holders=(INSTALLATION,),
    set_by="installation",
    help="Whether any client may send the user's name and password by Basic to /oauth/authorize; each is switched too.",
)
GENESYS_REDIRECTS = BooleanOption(
    section="oauth",
    name="genesys-redirects",
    default=False,
    holders=(INSTALLATION,),
    set_by="installation",
    help="Whether /auth/v3/ops/clients lets a confidential client with a bare https origin among its redirect URIs "
    "redirect to any page of that origin, as Genesys' deployment scripts expect. The strict profile never does.",
)
