"""The part of Genesys Administrator that everything else reads: Environment and Switching."""

from environment.models.contact_centers import ContactCenter, Domain, Installation
from environment.models.environments import Environment
from environment.models.options import OPTION_WORD, Application, Option
from environment.models.places import Device, Place

__all__ = [
    "OPTION_WORD",
    "Application",
    "ContactCenter",
    "Device",
    "Domain",
    "Environment",
    "Installation",
    "Option",
    "Place",
]
