"""Authenticators of this room (DRF): ops and Basic credentials, temporary tokens, the browser's session.

Settings list them once; a view names the proofs it takes (``config.http.views.ApiView.proofs``). The table of who
answers to which pair is in the design. Imports only DRF's authentication module: settings load this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from config.http import plain_request
from config.http.authorization import basic_of, bearer_of
from config.http.challenges import DEAD_BEARER
from config.http.errors import Forbidden, Unauthenticated
from config.principal import Principal

if TYPE_CHECKING:
    from accounts.models import BasicCredential


class PairAuthentication(BaseAuthentication):
    """``Authorization: Basic`` with the pair itself of a contact center's Basic credential."""

    proof: ClassVar[str] = "pair"
    ops: ClassVar[bool] = False

    def authenticate(self, request: Request) -> tuple[Principal, BasicCredential] | None:
        """Principal and row of the credential; None without a Basic header. Raises Unauthenticated, in one wording.

        A view that takes both kinds of credentials proves the pair once: the row stays with the request.
        """
        pair = basic_of(request)
        if pair is None:
            return None
        credential = _proven(plain_request(request), *pair)
        if self.ops != (credential.contact_center_id is None):
            return None
        from accounts.principals import principal_of_credential

        return principal_of_credential(credential), credential

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="Deskgate", charset="UTF-8"'


def _proven(plain: HttpRequest, name: str, password: str) -> BasicCredential:
    known: BasicCredential | None = getattr(plain, "deskgate_credential", None)
    if known is not None:
        return known
    from accounts.errors import ProofRefused
    from accounts.services.credentials import credential_prove

    try:
        credential = credential_prove(name=name, password=password)
    except ProofRefused as refused:
        raise Unauthenticated(challenge="basic", presented=True, reason=refused.reason) from refused
    plain.deskgate_credential = credential  # type: ignore[attr-defined]
    return credential


class CredentialAuthentication(PairAuthentication):
    """The pair, or as a bearer the token that ``POST /configuration/token`` gave for it: with the same rights."""

    proof: ClassVar[str] = "credential"

    def authenticate(self, request: Request) -> tuple[Principal, BasicCredential] | None:
        """As for the pair; None for any other bearer. A view names this proof before "bearer"."""
        text = bearer_of(request)
        if text is None:
            return super().authenticate(request)
        from accounts.errors import ProofRefused
        from accounts.principals import principal_of_credential
        from accounts.services.credential_tokens import credential_token_prove, is_credential_token

        if not is_credential_token(text):
            return None
        try:
            credential = credential_token_prove(text)
        except ProofRefused as refused:
            raise Unauthenticated(DEAD_BEARER, presented=True, reason=refused.reason) from refused
        return principal_of_credential(credential), credential


class OpsCredentialAuthentication(PairAuthentication):
    """``Authorization: Basic`` with an ops credential: no contact center, valid in the whole installation."""

    proof: ClassVar[str] = "ops"
    ops: ClassVar[bool] = True


class TemporaryTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer`` with a temporary authorization token (``accounts.services.temporary_tokens``).

    A view names this proof before "bearer", whose authenticator knows no such token and would refuse it.
    """

    proof: ClassVar[str] = "temporary"

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        """The administrator's principal; None for any other bearer. Raises Unauthenticated with one wording."""
        text = bearer_of(request)
        if text is None:
            return None
        from accounts.errors import ProofRefused
        from accounts.principals import principal_of_temporary_token
        from accounts.services.temporary_tokens import is_temporary_token, temporary_token_prove

        if not is_temporary_token(text):
            return None
        try:
            user, token = temporary_token_prove(text)
        except ProofRefused as refused:
            raise Unauthenticated(DEAD_BEARER, presented=True, reason=refused.reason) from refused
        return principal_of_temporary_token(user, token), None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Deskgate"'


class SessionAuthentication(BaseAuthentication):
    """The browser's session cookie. A cookie is sent by any page, so everything but reading proves CSRF too."""

    proof: ClassVar[str] = "session"

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        """The signed-in user's principal; None without a live session."""
        from accounts.principals import principal_of_session

        plain = plain_request(request)
        principal = principal_of_session(plain)
        if not principal.is_authenticated:
            return None
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            from config.http.browsing import is_forged

            if is_forged(plain):
                raise Forbidden(
                    "The request did not come from our own page.", reason="CSRF check of a session's request"
                )
        return principal, None
