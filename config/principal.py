"""Who is asking: one frozen answer for admin, REST, commands and jobs alike."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Kind = Literal["anonymous", "user", "client", "credential", "ops", "command"]
Proof = Literal["none", "session", "bearer", "basic", "command"]


@dataclass(frozen=True, slots=True)
class Principal:
    """An asker, the rights proved for it, and how and when they were proved.

    ``client_id`` is the public client id, ``user_id`` and ``credential_id`` are row ids. Rights hold in
    ``contact_center_ids``, or in the whole installation when ``everywhere``.
    """

    kind: Kind
    name: str
    user_id: int | None = None
    client_id: str | None = None
    credential_id: int | None = None
    everywhere: bool = False
    contact_center_ids: frozenset[UUID] = frozenset()
    privileges: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    proof: Proof = "none"
    proved_at: datetime | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether anything was proved at all. DRF asks this of ``request.user``."""
        return self.kind != "anonymous"


ANONYMOUS = Principal(kind="anonymous", name="anonymous")
COMMAND = Principal(kind="command", name="manage.py", everywhere=True, proof="command")
