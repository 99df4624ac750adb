"""This room's objects in provisioning files."""

from environment.provisioning import holders, places

__all__ = ["holders", "places"]
