"""Signing in to the admin, and changing one's own password there (``settings.DESKGATE_ADMIN_SIGN_IN``)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from accounts.errors import ProofRefused
from accounts.models import User
from accounts.selectors import Login, privileges_of
from accounts.services.devices import device_remember, remembered_users
from accounts.services.passwords import password_change
from accounts.services.proofs import PasswordProof, password_prove
from accounts.services.sessions import session_begin, session_restamp
from activity.services import event_record
from config.admin.site import MUST_CHANGE
from config.http.errors import Refusal

REFUSED = ProofRefused.message
"""One wording for a wrong name, a wrong password, a lock, a disabled account and one without any privilege."""


class SignInForm(AuthenticationForm):
    r"""Name as ``tenant\user`` (bare for the installation's administrators) and password."""

    username = forms.CharField(
        label="User name",
        max_length=600,
        strip=False,
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocomplete": "username",
                "autocapitalize": "none",
                "placeholder": "tenant\\user",
            }
        ),
    )
    proof: PasswordProof | None = None

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            self.proof = self._proven(name, password)
            self.user_cache = self.proof.user
        return self.cleaned_data

    def sign_in(self, request: HttpRequest) -> None:
        """Begin the admin's session under the epochs that were proven."""
        assert self.proof is not None  # noqa: S101 - called only on a valid form
        session_begin(request, self.proof, via="admin")
        if self.proof.must_change:
            request.session[MUST_CHANGE] = True

    def remember(self, request: HttpRequest, response: HttpResponse) -> None:
        """Make the device known for the user who signed in on it."""
        assert self.proof is not None  # noqa: S101 - called only on a valid form
        device_remember(request, response, self.proof.user)

    def _proven(self, name: str, password: str) -> PasswordProof:
        try:
            proof = password_prove(
                login=Login.parse(name),
                password=password,
                via="admin",
                administration=True,
                remembered=remembered_users(self.request) if self.request else frozenset(),
            )
        except ProofRefused as refused:
            raise ValidationError(REFUSED, code="invalid_login") from refused
        except Refusal as busy:
            raise ValidationError(busy.message, code="busy") from busy
        if not privileges_of(proof.user):
            event_record(
                name="sign-in",
                outcome="refused",
                refusal="holds no privilege: nothing to administer",
                user_name=str(proof.user),
                contact_center_id=proof.user.contact_center_id,
                detail={"via": "admin"},
            )
            raise ValidationError(REFUSED, code="invalid_login")
        return proof


class OwnPasswordForm(PasswordChangeForm):
    """Old password, proven under the same lockout as a sign-in, and the new one twice."""

    user: User

    def __init__(self, user: User, *args: Any, request: HttpRequest, **words: Any) -> None:
        super().__init__(user, *args, **words)
        self.request = request

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        try:
            proof = password_prove(
                login=Login.parse(str(self.user)),
                user=self.user,
                password=old,
                via="admin",
                remembered=remembered_users(self.request),
            )
        except Refusal as refused:
            raise ValidationError("The old password is wrong, or cannot be tried now.") from refused
        # The hash just proven: of two changes at once only one finds it.
        self.user.password = proof.user.password
        return old

    def validate_password_for_user(self, user: Any, *_where: Any, **_rest: Any) -> None:
        """Nothing: the rules of ``security-authentication-rules`` are judged by the service."""

    def change(self, request: HttpRequest) -> None:
        """Store it. Raises PasswordRefused naming each rule broken."""
        epoch = password_change(
            user=self.user,
            old_password=self.cleaned_data["old_password"],
            new_password=self.cleaned_data["new_password1"],
        )
        session_restamp(request, user_epoch=epoch)
