"""The screens of this room: Provisioning > Environment."""

from environment.admin.applications import ApplicationAdmin
from environment.admin.contact_centers import ContactCenterAdmin
from environment.admin.environments import EnvironmentAdmin
from environment.admin.installation import InstallationAdmin
from environment.admin.places import DeviceAdmin, PlaceAdmin

__all__ = [
    "ApplicationAdmin",
    "ContactCenterAdmin",
    "DeviceAdmin",
    "EnvironmentAdmin",
    "InstallationAdmin",
    "PlaceAdmin",
]
