"""The WSGI application: ``config.wsgi:application`` for granian (``manage.py serve``) or gunicorn."""

import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from config.env import BadEnvironment
from config.gateway import Gateway
from config.serving.parent import VARIABLE, end_with_parent
from config.serving.start import start_faults

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    _django = get_wsgi_application()
except BadEnvironment as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None

if settings.DESKGATE_MODE == "production" and VARIABLE not in os.environ:  # serve has asked already
    faults = start_faults()
    connections.close_all()  # a server that forks after this must not share one
    if faults:
        sys.stderr.write("\n".join(faults) + "\n")
        raise SystemExit(2)
end_with_parent()
application = Gateway(
    _django,
    process_environ=os.environ,
    body_limit=settings.DESKGATE_BODY_LIMIT,
    threads=settings.DESKGATE_THREADS,
)
