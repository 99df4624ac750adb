"""Identities: made by whoever names them first, and what their visits tell of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import OuterRef, Subquery

from history.arrivals import Arrival
from history.models import Identity, Recognition, Visit
from history.turns import Scope

FIRST = Identity.Scope.RECOGNIZED


def identities_held(application_id: int, names: Iterable[str], also: Iterable[int] = ()) -> dict[str, Identity]:
    """The identities of these names, made when they are new, and those of the keys ``also``; by name.

    Their rows are locked, always in the same order: what several visits tell of one identity is put in order here.
    """
    wanted = sorted(set(names))
    rows = Identity.objects.filter(application_id=application_id)
    while True:
        there = set(rows.filter(identity_id__in=wanted).values_list("identity_id", flat=True))
        Identity.objects.bulk_create(
            [
                Identity(application_id=application_id, identity_id=name, visit_scope=FIRST)
                for name in wanted
                if name not in there
            ],
            ignore_conflicts=True,
        )
        keys = {*rows.filter(identity_id__in=wanted).values_list("pk", flat=True), *also}
        locked = Identity.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
        held = {row.identity_id: row for row in locked}
        if held.keys() >= set(wanted):
            return held
        # The purge took one between look and lock.


def profiles_take(identities: dict[str, Identity], arrivals: Iterable[Arrival]) -> None:
    """Keep of each told field what the last event says, by its place and whenever it came."""
    changed: dict[int, Identity] = {}
    for arrival in arrivals:
        for name, value in arrival.profile:
            identity = identities[arrival.user_id]
            if arrival.place > identity.told_keys.get(name, ""):
                identity.told_keys[name] = arrival.place
                setattr(identity, name, value)
                changed[identity.pk] = identity
    if changed:
        Identity.objects.bulk_update(changed.values(), ["name", "location", "entity_in_cs", "told_keys"])


def recognitions_write(visit: Visit, scopes: dict[int, tuple[Scope, str]]) -> None:
    """Make the visit's rows say ``scopes`` (identity → scope and place), and the identities what their last visit says.

    The identities are locked by the caller.
    """
    known = {row.identity_id: row for row in Recognition.objects.filter(visit=visit)}
    new, changed = [], []
    for identity_id, (scope, place) in sorted(scopes.items()):
        row = known.get(identity_id)
        if row is None:
            new.append(
                Recognition(
                    visit=visit, identity_id=identity_id, scope=scope, last_key=place, started_at=visit.started_at
                )
            )
        elif (row.scope, row.last_key) != (scope, place):
            row.scope, row.last_key = scope, place
            changed.append(row)
    Recognition.objects.bulk_create(new)
    if changed:
        Recognition.objects.bulk_update(changed, ["scope", "last_key"])
    if new or changed:
        last = Recognition.objects.filter(identity_id=OuterRef("pk")).order_by("-last_key", "-pk")
        touched = Identity.objects.filter(pk__in=[row.identity_id for row in (*new, *changed)])
        touched.update(visit_scope=Subquery(last.values("scope")[:1]))
