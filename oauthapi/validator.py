"""What oauthlib asks of us: django-oauth-toolkit's validator, answered from our own rows.

Each part of the protocol is a file in ``validation/``. The hooks relied on are listed in
``tests/oauthapi/test_oauthlib_hooks.py``, so that an upgrade which renames one shows.
"""

from __future__ import annotations

from oauth2_provider.oauth2_validators import OAuth2Validator

from oauthapi.validation.clients import ClientRules
from oauthapi.validation.codes import CodeRules
from oauthapi.validation.introspection import IntrospectionRules
from oauthapi.validation.refresh import RefreshRules
from oauthapi.validation.requests import AuthorizationRules
from oauthapi.validation.saving import SavingRules
from oauthapi.validation.users import UserRules


class DeskgateValidator(
    ClientRules,
    AuthorizationRules,
    CodeRules,
    UserRules,
    RefreshRules,
    SavingRules,
    IntrospectionRules,
    OAuth2Validator,
):
    """Settings name it (``OAUTH2_VALIDATOR_CLASS``); ``oauthapi.server`` makes the one instance."""
