"""This room's objects in provisioning files."""

from twofactor.provisioning import callers

__all__ = ["callers"]
