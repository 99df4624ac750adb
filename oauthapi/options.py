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
    help="Whether a confidential client may match redirect URIs by origin: any page of a bare https origin among them, "
    "as Genesys' deployment scripts expect; /auth/v3/ops/clients sets it for them. The strict profile never does so.",
)
