"""This room's objects in provisioning files."""

from accounts.provisioning import credentials, roles, users

__all__ = ["credentials", "roles", "users"]
