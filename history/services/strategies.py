"""Strategies: the properties of their Entry point, sealed where secret; who asks needs ``strategies:write``."""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from config.context import current
from config.encryption import SealBroken
from config.http.errors import NotFound
from config.stamps import new_stamp
from environment.models import Application
from environment.services import object_delete, object_save
from environment.services.options import may_read_secret
from history.models import Strategy
from history.models.strategies import validate_text
from history.strategy_secrets import password_seal, password_unseal

LONGEST_PASSWORD = 512
"""Characters."""
PROPERTIES = (
    "user",
    "base_url",
    "pages_at_least",
    "events_at_least",
    "user_variable",
    "password_variable",
)
"""What an administrator sets beside the password, by field."""


def strategy_create(
    *,
    application: Application,
    name: str = "default",
    password: str = "",
    made_by_demo: bool = False,
    reason: str | None = None,
    **properties: Any,
) -> Strategy:
    """Make a draft of an application. Raises Forbidden, ValidationError by field, NameTaken."""
    strategy = Strategy(application=application, name=name, made_by_demo=made_by_demo)
    _set(strategy, properties)
    strategy.password = _sealed(strategy, password)
    _require_pair(strategy)
    return object_save(strategy, reason=reason)


def strategy_update(
    strategy: Strategy, *, password: str | None = None, reason: str | None = None, **properties: Any
) -> Strategy:
    """Change properties (or ``name``) by name; ``password`` None leaves the one that is there (without a user: none).

    A stored password goes to another ``base_url`` only by those who may read it, or with ``password`` typed anew.
    What is deployed stays as it is until a new version is generated and deployed. Writes nothing when all is the same.
    Raises Forbidden, ValidationError by field, NameTaken, NotFound when it was deleted meanwhile.
    """
    with transaction.atomic():
        old = strategy_locked(strategy.pk)
        _set(strategy, properties)
        if password is None and not strategy.user:
            password = ""
        if password is None:
            _require_same_address(strategy, old)
        if password is not None and not _is_password(old, password):
            strategy.password = _sealed(strategy, password)
            strategy.password_stamp = new_stamp()
        _require_pair(strategy)
        return object_save(strategy, reason=reason, also=("password_stamp",))


def strategy_delete(strategy: Strategy, *, reason: str | None = None) -> None:
    """Delete it with its versions; nothing is published at its address any more. Raises Forbidden, NotFound."""
    with transaction.atomic():
        object_delete(strategy_locked(strategy.pk), reason=reason)


def strategy_credentials_set(strategy: Strategy, *, user: str, password: str, reason: str | None = None) -> Strategy:
    """Give it this pair, as "Copy to clients" does; deploying it is another decision. Raises as ``strategy_update``."""
    return strategy_update(strategy, user=user, password=password, reason=reason)


def strategy_password_plain(strategy: Strategy) -> str:
    """The clear password, for calling the History API as the strategy would. Raises SealBroken."""
    return password_unseal(strategy)


def strategy_locked(key: UUID) -> Strategy:
    """The row as it is now, until the transaction ends. Raises NotFound."""
    row = Strategy.objects.select_for_update(of=("self",)).select_related("application").filter(pk=key).first()
    if row is None:
        raise NotFound("There is no such strategy.")
    return row


def _set(strategy: Strategy, properties: dict[str, Any]) -> None:
    unknown = properties.keys() - {"name", *PROPERTIES}
    if unknown:
        raise TypeError(f"no properties of a strategy: {sorted(unknown)}")
    for name, value in properties.items():
        setattr(strategy, name, value)


def _sealed(strategy: Strategy, plain: str) -> str:
    faults = []
    if len(plain) > LONGEST_PASSWORD:
        faults.append(f"A password has at most {LONGEST_PASSWORD} characters.")
    if any(one < " " or "\x7f" <= one <= "\x9f" for one in plain):
        faults.append("Use no control characters.")  # RFC 7617 §2: they cannot be sent
    try:
        validate_text(plain)
    except ValidationError as fault:
        faults += fault.messages
    if faults:
        raise ValidationError({"password": faults})
    return password_seal(strategy, plain)


def _require_pair(strategy: Strategy) -> None:
    """Half a pair would be refused at every fetch."""
    if strategy.user and not strategy.password:
        raise ValidationError({"password": "A user needs a password."})
    if strategy.password and not strategy.user:
        raise ValidationError({"user": "A password needs a user."})


def _require_same_address(strategy: Strategy, old: Strategy) -> None:
    """Else whoever may write the address would read the password at a host of his own."""
    if "base_url" not in strategy.changed_since_read() or strategy.base_url.rstrip("/") == old.base_url.rstrip("/"):
        return
    if old.password and not may_read_secret(current().principal, old.application.contact_center_id):
        raise ValidationError({"password": "Type the password anew: it would be sent to another base URL."})


def _is_password(strategy: Strategy, plain: str) -> bool:
    try:
        kept = password_unseal(strategy)
    except SealBroken:
        return False
    return hmac.compare_digest(_bytes(kept), _bytes(plain))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
