"""Django's own sign-in (the admin's form, ``login()``) on our one way to prove a user."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.errors import ProofRefused
from accounts.models import User
from accounts.selectors import Login
from accounts.services.proofs import password_prove
from accounts.services.sessions import proof_note


class DeskgateBackend:
    """Proves names as ``tenant\\user``; bare names are the installation's administrators first."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """The user, or None with the failure counted and recorded. ``login_key`` is what createsuperuser sends."""
        if username is None or password is None:
            return None
        try:
            proof = password_prove(login=Login.parse(username), password=password, via="admin", administration=True)
        except ProofRefused:
            return None
        if request is not None:
            # Kept on the request: `login()` makes the session only afterwards.
            request.deskgate_proof = proof  # type: ignore[attr-defined]
        return proof.user

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, unless disabled meanwhile."""
        user = User.objects.select_related("contact_center").filter(pk=user_id).first()
        return user if user and user.is_active else None


def note_proof(sender: object, request: HttpRequest | None, **_: Any) -> None:
    """After Django's ``login()`` (signal ``user_logged_in``): without the proven epochs its session is dead at once."""
    proof = getattr(request, "deskgate_proof", None)
    if request is not None and proof is not None:
        proof_note(request, proof)
