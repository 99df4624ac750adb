"""Provisioning > Activity: read only, for everybody."""

from activity.admin.changes import ChangeAdmin
from activity.admin.events import SecurityEventAdmin
from activity.admin.jobs import JobAdmin

__all__ = ["ChangeAdmin", "JobAdmin", "SecurityEventAdmin"]
