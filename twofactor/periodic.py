"""The periodic jobs of this room."""

from twofactor import periodic_deliveries as periodic_deliveries
