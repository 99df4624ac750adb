"""The periodic jobs of this room."""

from twofactor import periodic_deliveries as periodic_deliveries
from twofactor import periodic_enrolments as periodic_enrolments
from twofactor import periodic_sessions as periodic_sessions
