"""Whose sessions somebody may read."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from config.policy import may
from config.principal import Principal
from environment.models import Application
from twofactor.models import FlowSession


def own_applications(asking: Principal) -> list[Application]:
    """The applications whose sessions he may read. (An order by time is one index read for each of them.)"""
    if not may(asking, "read", FlowSession):
        return []
    if asking.everywhere:
        # With those that were of this type once.
        called = Exists(FlowSession.objects.filter(application=OuterRef("pk")))
        return list(Application.objects.filter(Q(type=Application.Type.TWO_FACTOR) | called))
    homes = Application.objects.filter(contact_center__in=asking.contact_center_ids)
    return [one for one in homes if may(asking, "read", FlowSession(application=one))]
