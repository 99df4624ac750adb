"""This room's objects in provisioning files."""

from environment.provisioning import environments, holders, places

__all__ = ["environments", "holders", "places"]
