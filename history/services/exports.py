"""The client's copy as a file for Configuration Server, which a real Interaction Workspace reads."""

from __future__ import annotations

from activity.services import event_record
from config.context import current
from config.http.errors import Forbidden
from environment.models import Application
from environment.services.options import may_read_secret
from history.errors import NothingToCopy
from history.options import OF_WORKSPACE
from history.selectors.pairs import workspace_pair


def workspace_export(application: Application, *, reason: str) -> str:
    """Exactly the section ``[gwe:security]`` with the clear password, as Genesys exports sections; it is recorded.

    The caller has proven the person anew. Raises Forbidden, NothingToCopy when the set is not whole.
    """
    if not may_read_secret(current().principal, application.contact_center_id):
        raise Forbidden("Reading secret options of this contact center is not permitted to you.")
    pair = workspace_pair(application)
    if not pair.is_basic:
        told = pair.fault or f"{OF_WORKSPACE.scheme} is {pair.scheme}"
        raise NothingToCopy(f"{application} has no whole set to export ({told}).")
    event_record(
        name="option-secrets-exported",
        user_name=current().principal.name,
        contact_center_id=application.contact_center_id,
        detail={"application": application.name, "section": OF_WORKSPACE.scheme.section, "reason": reason},
    )
    texts = (pair.scheme, pair.user_id, pair.password)
    lines = [f"{option.name}={text}" for option, text in zip(OF_WORKSPACE, texts, strict=True)]
    return "\n".join([f"[{OF_WORKSPACE.scheme.section}]", *lines, ""])
