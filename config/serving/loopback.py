"""The door of a server on an agent's machine: it answers this machine's own names and a few paths, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from config.gateway import Environ, StartResponse, WsgiApplication, refuse
from config.http.dialects import Dialect
from config.http.errors import Forbidden, NotFound

# A page of another site whose name was made to lead to 127.0.0.1 (DNS rebinding) brings its own name. A header that
# came twice arrives with a comma inside.
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?\Z", re.IGNORECASE)
# Nobody stands between a desktop and this port: what says so is the caller's own words.
_FORWARDING = frozenset({"HTTP_FORWARDED", "HTTP_X_REAL_IP"})


class LoopbackDoor:
    """Wraps a WSGI application; only what matches ``paths`` is passed on, refusals are told in ``dialect``.

    ``known_as`` is put in place of the Host that was judged here: ALLOWED_HOSTS of a production installation holds the
    names of PUBLIC_URL, and this machine's own should not be added there, where every server would answer them. Empty:
    the Host stays. HSTS is taken out of answers: for ``localhost`` it would bind every other program's port on the
    agent's machine to TLS (RFC 6797 §8.2).
    """

    def __init__(
        self, application: WsgiApplication, *, paths: re.Pattern[str], dialect: Dialect, known_as: str = ""
    ) -> None:
        self.application = application
        self.paths = paths
        self.dialect: Dialect = dialect
        self.known_as = known_as

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not _HOST.match(environ.get("HTTP_HOST", "")):
            refusal = Forbidden("This host name is not served here.", reason="Host is not this machine")
            return refuse(refusal, environ, start_response, dialect=self.dialect)
        if not self.paths.match(environ.get("PATH_INFO", "")):
            return refuse(NotFound(reason="not a path of this door"), environ, start_response, dialect=self.dialect)
        passed = {
            name: value
            for name, value in environ.items()
            if name not in _FORWARDING and not name.startswith("HTTP_X_FORWARDED_")
        }
        if self.known_as:
            passed["HTTP_HOST"] = self.known_as

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            kept = [(name, value) for name, value in headers if name.lower() != "strict-transport-security"]
            return start_response(status, kept, *rest)

        return self.application(passed, begin)
