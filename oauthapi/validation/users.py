"""The password grant (RFC 6749 §4.3) and which grants a client has."""

from __future__ import annotations

from typing import Any

from accounts.errors import ContactCenterDisabled, ProofRefused
from accounts.selectors import Login
from accounts.services.proofs import password_prove
from oauthapi.errors import InvalidGrant, OutsideContactCenter, PasswordChangeRequired, UnauthorizedClient
from oauthapi.rules import LEGACY_GRANTS
from oauthapi.services.codes import Proven
from oauthapi.strict import strict_profile
from oauthapi.validation.evidence import recorded


class UserRules:
    """Grants per client, and the user behind a name and password."""

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """400 ``unauthorized_client`` for a grant that the client lacks, public clients too."""
        if grant_type in LEGACY_GRANTS and strict_profile():
            return False
        return bool(client.has_grant(grant_type))

    def validate_user(self, username: str, password: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Prove the user. The grant comes first: oauthlib would prove the password of a client without it."""
        if not self.validate_grant_type(client.client_id, "password", client, request):
            raise UnauthorizedClient(reason="the client lacks the password grant")
        try:
            proof = password_prove(
                login=Login.parse(username),
                password=password,
                via="password grant",
                contact_center_ids=request.facts.contact_center_ids,
                client_id=client.client_id,
            )
        except ContactCenterDisabled as disabled:
            raise OutsideContactCenter(reason=disabled.reason) from disabled
        except ProofRefused as refused:
            raise InvalidGrant(refused.message, reason=refused.reason) from refused
        if not request.facts.admits(proof.user.contact_center_id):
            outside = OutsideContactCenter(reason="the user is outside the client's contact centers")
            raise recorded(outside, client_id=client.client_id, user=proof.user)
        if proof.must_change:
            demanded = PasswordChangeRequired(reason="must change password")
            raise recorded(demanded, client_id=client.client_id, user=proof.user)
        request.user = proof.user
        request.proof = Proven(proof.user, proof.user_epoch, proof.installation_epoch, proof.proved_at)
        return True
