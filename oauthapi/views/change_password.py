"""POST /auth/v3/change-password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import PasswordUpdateRefused, ProofRefused
from accounts.models import User
from accounts.selectors import Login, principal_of_user
from accounts.services.passwords import password_change
from accounts.services.proofs import password_prove
from accounts.services.sessions import session_restamp
from config.context import current
from config.http import plain_request, set_principal
from config.http.dialects import envelope
from config.http.members import operation_id_of
from config.http.views import ApiView, text_of
from oauthapi.selectors import BearerFacts
from oauthapi.serializers import ApiResponseSerializer, ChangePasswordSerializer, OAuthErrorSerializer
from oauthapi.services.families import family_restamp


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """``ChangePasswordOperation``; ``user_name`` is empty when it was not sent."""

    old_password: str
    new_password: str
    user_name: str
    operation_id: str

    @classmethod
    def parse(cls, body: dict[str, Any], data: dict[str, Any]) -> ChangePassword:
        """Raises MissingParameter and InvalidParameter naming the field."""
        return cls(
            text_of(data, "oldPassword"),
            text_of(data, "newPassword"),
            text_of(data, "userName", needed=False),
            operation_id_of(body),
        )


class ChangePasswordView(ApiView):
    """Change one's own password, with a token or (when it must be changed first) by name and old password."""

    proofs: ClassVar[tuple[str, ...]] = ("bearer",)
    required: ClassVar[bool] = False

    @extend_schema(
        operation_id="changePassword",
        request=ChangePasswordSerializer,
        responses={
            200: ApiResponseSerializer,
            400: OAuthErrorSerializer,
            401: OAuthErrorSerializer,
            403: OAuthErrorSerializer,
            503: OAuthErrorSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """On success the user's other tokens and sessions end; the presented ones live on."""
        wanted = ChangePassword.parse(self.json(), self.json_data())
        current().operation_id = wanted.operation_id
        facts: BearerFacts | None = request.auth  # type: ignore[assignment]
        user = _user_of(facts, wanted)
        # Asked before the change: afterwards the session's epoch is not the user's any more.
        signed_in = plain_request(request).user
        signed_in_id = signed_in.pk if isinstance(signed_in, User) else None
        try:
            proof = password_prove(
                login=Login.parse(wanted.user_name),
                user=user,
                password=wanted.old_password,
                via="change-password",
                client_id=facts.client.row.client_id if facts else "",
            )
        except ProofRefused as refused:
            raise PasswordUpdateRefused(reason=refused.reason) from refused
        if facts is None:
            set_principal(plain_request(request), principal_of_user(proof.user, proof="basic"))
        epoch = password_change(user=proof.user, old_password=wanted.old_password, new_password=wanted.new_password)
        if facts is not None and facts.family_id is not None:
            family_restamp(facts.family_id, proven_epoch=proof.user_epoch, user_epoch=epoch)
        if signed_in_id == proof.user.pk:
            session_restamp(plain_request(request), user_epoch=epoch)
        return Response(envelope(data={}))


def _user_of(facts: BearerFacts | None, wanted: ChangePassword) -> User | None:
    """The token's user; None when the name given is to be proven. Another's name beside a token: 403."""
    if facts is None:
        text_of({"userName": wanted.user_name}, "userName")
        return None
    if facts.user_id is None:
        raise PasswordUpdateRefused(reason="a client's own token has no password to change")
    user = User.objects.select_related("contact_center").get(pk=facts.user_id)
    named = Login.parse(wanted.user_name).user_name
    if named and named.casefold() not in (user.user_name.casefold(), user.system_name.casefold()):
        raise PasswordUpdateRefused(reason=f"userName {named} is not the token's user {user}")
    return user
