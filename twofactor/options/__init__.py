"""The options of this room: what an application's settings page has, what reaches out, and the limits."""

from twofactor.options import limits as limits
from twofactor.options import server as server
from twofactor.options import settings as settings
