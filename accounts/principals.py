"""Who is asking: the browser's session, a temporary token, a Basic credential."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from accounts.models import BasicCredential, TemporaryToken, User
from accounts.privileges import CONTACT_CENTER_PRIVILEGES, PRIVILEGES, closed
from accounts.selectors import principal_of_user, privileges_of
from config.principal import ANONYMOUS, Principal


def principal_of_session(request: HttpRequest) -> Principal:
    """The signed-in user of this browser, or nobody (``settings.DESKGATE_SESSION_PRINCIPAL``)."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return ANONYMOUS
    proved_at = request.session.get("proved_at")
    return principal_of_user(user, proof="session", proved_at=datetime.fromisoformat(proved_at) if proved_at else None)


def principal_of_temporary_token(user: User, token: TemporaryToken) -> Principal:
    """The user, for one contact center alone, with what he may do there now; an installation's administrator too."""
    return Principal(
        kind="user",
        name=str(user),
        user_id=user.pk,
        contact_center_ids=frozenset({token.contact_center_id}),
        privileges=privileges_of(user) & CONTACT_CENTER_PRIVILEGES,
        scopes=frozenset({"configuration"}),
        proof="bearer",
        proved_at=token.issued_at,
    )


def principal_of_credential(credential: BasicCredential) -> Principal:
    """The principal of a proven Basic credential: its role's rights in its contact center; ops: everywhere.

    It never creates credentials, users, roles or clients and never reads secrets (contract basicauth.md), but for the
    ops credential, which is how an installation is scripted.
    """
    if credential.contact_center_id is None:
        return Principal(
            kind="ops",
            name=credential.name,
            credential_id=credential.pk,
            everywhere=True,
            proof="basic",
            privileges=frozenset(p for p in PRIVILEGES if p != "option-secrets:read"),
        )
    # Closed: what is barred takes no reading along that it includes.
    held = closed(frozenset(credential.role.privileges)) if credential.role else frozenset()
    barred = ("basic-credentials:", "users:", "roles:", "access-groups:", "api-clients:")
    return Principal(
        kind="credential",
        name=credential.name,
        credential_id=credential.pk,
        contact_center_ids=frozenset({credential.contact_center_id}),
        privileges=frozenset(p for p in held if p.endswith(":read") or not p.startswith(barred))
        - {"option-secrets:read"},
        proof="basic",
    )
