"""This room's objects in provisioning files."""

from twofactor.provisioning import callers as callers
from twofactor.provisioning import customers as customers
