"""Browser sessions: begun at sign-in with the epochs that were proven, ended one by one or all at once."""

from __future__ import annotations

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login, logout
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Session, User
from accounts.services.proofs import PasswordProof
from accounts.session_store import key_hash
from activity.services import event_record
from config.policy import require
from config.stamps import new_stamp

BACKEND = "accounts.backends.DeskgateBackend"


def session_begin(request: HttpRequest, proof: PasswordProof, *, via: str, client_id: str = "") -> None:
    """Sign the proven user in on this browser: the key changes (fixation), the row keeps the proven epochs."""
    # Whatever was there ends, this very user's earlier session too: `login` would keep its key and its end.
    request.session.flush()
    login(request, proof.user, backend=BACKEND)
    request.session["user_epoch"] = proof.user_epoch
    request.session["installation_epoch"] = proof.installation_epoch
    request.session["proved_at"] = proof.proved_at.isoformat()
    request.session.save()
    browser = request.headers.get("User-Agent", "").replace("\x00", "")[:255]
    Session.objects.filter(pk=key_hash(request.session.session_key or "")).update(user_agent=browser)
    event_record(
        name="sign-in",
        user_name=str(proof.user),
        client_id=client_id,
        contact_center_id=proof.user.contact_center_id,
        detail={"via": via},
    )


def session_end(request: HttpRequest) -> None:
    """End the session that this browser presents."""
    logout(request)


def session_restamp(request: HttpRequest, *, user_epoch: int) -> None:
    """A password change keeps the session it was made in: it learns the new epoch, under a new key."""
    request.session["user_epoch"] = user_epoch
    # Django, too, compares a hash of the password with the one of the sign-in.
    request.session[HASH_SESSION_KEY] = User.objects.get(pk=request.session[SESSION_KEY]).get_session_auth_hash()
    request.session.cycle_key()
    request.session.save()


def session_revoke(session: Session, *, reason: str | None = None) -> None:
    """An administrator ends one session; it is refused on its next request."""
    require("write", session)
    with transaction.atomic():
        user = session.user
        session.delete()
        event_record(
            name="session-ended",
            user_name=str(user or ""),
            detail={"reason": reason or ""},
            contact_center_id=user.contact_center_id if user else None,
        )


def sign_out_everywhere(user: User, *, by_himself: bool = False, reason: str | None = None) -> int:
    """End every token, code and session of the user on every client: a new epoch. Returns it."""
    if not by_himself:
        require("write", user)
    epoch = new_stamp()
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(epoch=epoch)
        Session.objects.filter(user=user).delete()
        event_record(
            name="sign-out",
            user_name=str(user),
            contact_center_id=user.contact_center_id,
            detail={"global": True, "reason": reason or ""},
        )
    user.epoch = epoch
    return epoch
