"""What a session keeps sealed: the variables of the call, and where codes go."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from config.encryption import SealBroken, seal, unseal
from twofactor.models import FlowSession

_PURPOSE = "two-factor-session"
_TABLE = "twofactor_flowsession"


@dataclass(slots=True)
class Private:
    """``given`` came with the call, ``set`` was set on the way; ``destinations`` are by method."""

    given: dict[str, str] = field(default_factory=dict)
    set: dict[str, str] = field(default_factory=dict)
    destinations: dict[str, str] = field(default_factory=dict)

    def variable(self, name: str) -> str:
        """The value of a variable now; "" when it has none."""
        return self.set.get(name, self.given.get(name, ""))


def private_seal(session: FlowSession, private: Private) -> str:
    """The text for ``FlowSession.private``."""
    return seal(json.dumps(asdict(private)), purpose=_PURPOSE, table=_TABLE, field="private", row=session.pk)


def private_of(session: FlowSession) -> Private:
    """What a session keeps; nothing of one whose seal does not open (its key is gone): it fails closed."""
    if not session.private:
        return Private()
    try:
        opened = unseal(session.private, purpose=_PURPOSE, table=_TABLE, field="private", row=session.pk)
    except SealBroken:
        return Private()
    return Private(**json.loads(opened))
