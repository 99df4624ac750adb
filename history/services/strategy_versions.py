"""Versions of a strategy's SCXML: generated and validated, deployed, read by those who may read secrets."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Literal

from django.db import transaction
from django.db.models import Max
from django.utils.text import capfirst

from activity.services import change_record, event_record
from config.context import current
from config.encryption import SealBroken
from config.http.errors import Forbidden, InvalidParameter, NotFound
from config.policy import require
from environment.services.options import may_read_secret
from history.models import Strategy, StrategyVersion
from history.scxml import Entry, masked, problems_of, written
from history.selectors.strategies import base_url_of, properties_of
from history.services.strategies import strategy_locked
from history.strategy_secrets import password_unseal, scxml_seal, scxml_unseal

SALT_BYTES = 16
"""Random bytes in each document (``history.scxml.writing.written``)."""


def strategy_regenerate(strategy: Strategy, *, reason: str | None = None) -> StrategyVersion:
    """Write the SCXML of the properties as they are now, as the next version, and validate it.

    It is kept with its problems, if it has any. Raises Forbidden, NotFound, InvalidParameter (``password``) when the
    password does not open.
    """
    with transaction.atomic():
        row = strategy_locked(strategy.pk)
        require("write", row)
        text = written(_entry_of(row), salt=secrets.token_hex(SALT_BYTES))
        problems = problems_of(text.encode("utf-8"))
        newest = row.versions.aggregate(newest=Max("number"))["newest"] or 0
        version = StrategyVersion(
            strategy=row,
            number=newest + 1,
            checksum=sha256(text.encode("utf-8")).hexdigest(),
            made_by=current().principal.name[:512],
            problems=[{"line": one.line, "words": one.words} for one in problems],
            is_valid=not problems,
            properties=properties_of(row),
            password_stamp=row.password_stamp,
        )
        version.scxml = scxml_seal(version, text)
        version.save(force_insert=True)
        told = {"generated": str(version), "checksum": version.checksum, "problems": version.problems}
        before = {"generated": f"version {newest}" if newest else ""}
        change_record(action="update", obj=row, before=before, after=told, reason=reason)
    return version


def strategy_deploy(strategy: Strategy, *, version: StrategyVersion, reason: str | None = None) -> Strategy:
    """Publish this version, an earlier one too (a rollback); deploying what is deployed changes nothing.

    Raises Forbidden without ``strategies:administer``, NotFound, InvalidParameter for a version with problems or one
    that does not open.
    """
    with transaction.atomic():
        row = strategy_locked(strategy.pk)
        require("administer", row)
        chosen = row.versions.filter(pk=version.pk).first()
        if chosen is None:
            raise NotFound("The strategy has no such version.")
        _require_deployable(chosen)
        before = row.deployed
        if before != chosen:
            row.deployed = chosen
            row.save(update_fields=["deployed"])
            told = {"deployed": str(before) if before else ""}
            change_record(action="update", obj=row, before=told, after={"deployed": str(chosen)}, reason=reason)
    strategy.refresh_from_db(fields=["deployed"])
    return strategy


def strategy_version(strategy: Strategy, number: int | None = None) -> StrategyVersion:
    """The version of this number; without one the newest. Raises NotFound."""
    rows = strategy.versions.order_by("-number")
    found = (rows if number is None else rows.filter(number=number)).first()
    if found is None:
        raise NotFound("The strategy has no such version." if number is not None else "Nothing was generated yet.")
    return found


def scxml_download(version: StrategyVersion) -> bytes:
    """The document with the password in it; who read it is recorded. Raises Forbidden, NotFound when it is broken."""
    require_secrets(version.strategy)
    text = scxml_plain(version)
    downloaded(version.strategy, "scxml", version=version.number)
    return text.encode("utf-8")


def scxml_plain(version: StrategyVersion) -> str:
    """The document, for the address at which it is published. Raises NotFound when it does not open."""
    try:
        return scxml_unseal(version)
    except SealBroken as broken:
        raise NotFound("This version cannot be read.", reason=str(broken)) from broken


def scxml_masked(version: StrategyVersion) -> str:
    """The document with dots for its secrets: for comparing. Raises NotFound when it does not open."""
    return masked(scxml_plain(version), secret_variables={version.properties["password_variable"]})


def password_readable(strategy: Strategy) -> str:
    """The clear password. Raises InvalidParameter when it does not open, as after a lost key."""
    try:
        return password_unseal(strategy)
    except SealBroken as broken:
        words = "The stored password cannot be read: set it again."
        raise InvalidParameter(words, field="password", reason=str(broken)) from broken


def require_secrets(strategy: Strategy) -> None:
    """Raise Forbidden unless the one who asks may read the strategy, and secrets of its contact center."""
    require("read", strategy)
    asking = current().principal
    if not may_read_secret(asking, strategy.application.contact_center_id):
        raise Forbidden(
            "This holds the password: you have no permission to read secrets.",
            reason=f"{asking.kind} {asking.name} lacks option-secrets:read",
        )


def downloaded(strategy: Strategy, what: Literal["scxml", "workflow"], **detail: int) -> None:
    """Record that somebody took a file with the clear password."""
    event_record(
        name="strategy.downloaded",
        contact_center_id=strategy.application.contact_center_id,
        detail={"strategy": str(strategy), "file": what, **detail},
    )


def _require_deployable(version: StrategyVersion) -> None:
    fault = ""
    if not version.is_valid:
        fault = capfirst(f"{version} has {len(version.problems)} problems and cannot be deployed.")
    else:
        try:
            text = scxml_unseal(version)
        except SealBroken:
            text = ""
        if sha256(text.encode("utf-8")).hexdigest() != version.checksum:
            fault = "This version cannot be read: regenerate the SCXML."
    if fault:
        raise InvalidParameter(fault, field="version")


def _entry_of(strategy: Strategy) -> Entry:
    return Entry(
        name=strategy.name,
        user=strategy.user,
        password=password_readable(strategy),
        base_url=base_url_of(strategy),
        pages_at_least=strategy.pages_at_least,
        events_at_least=strategy.events_at_least,
        user_variable=strategy.user_variable,
        password_variable=strategy.password_variable,
    )
