"""The options of this room: what an application's settings page has, what reaches out, and the limits."""

from twofactor.options import external as external
from twofactor.options import internal as internal
from twofactor.options import limits as limits
from twofactor.options import rules as rules
from twofactor.options import server as server
from twofactor.options import services as services
from twofactor.options import settings as settings
