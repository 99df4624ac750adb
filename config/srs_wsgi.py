"""The WSGI application of ``manage.py srs``: that of the whole house behind a door for this machine alone."""

import re
from urllib.parse import urlsplit

from django.conf import settings

from config.serving.loopback import LoopbackDoor
from config.wsgi import application as house

# Outside production loopback names are allowed anyway, and those of PUBLIC_URL may not be.
_known_as = urlsplit(settings.DESKGATE_PUBLIC_URL).netloc if settings.DESKGATE_MODE == "production" else ""
PATHS = re.compile(r"/(?:api/v2(?:/.*)?|version/?|ping/?|livez|readyz)\Z", re.DOTALL)
application = LoopbackDoor(house, paths=PATHS, dialect="recorder", known_as=_known_as)
