"""The WSGI application: ``config.wsgi:application`` for granian (``manage.py serve``) or gunicorn."""

import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.env import BadEnvironment
from config.gateway import Gateway
from config.serving.parent import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    _django = get_wsgi_application()
except BadEnvironment as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None

end_with_parent()
application = Gateway(_django, process_environ=os.environ, body_limit=settings.DESKGATE_BODY_LIMIT)
