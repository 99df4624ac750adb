"""The WSGI door around Django: what a server hands in wrongly is put right here, before any framework sees it."""

import io
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from config.http.dialects import DEFAULT, dialect_of_path, response_of
from config.http.errors import PayloadTooLarge

logger = logging.getLogger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

# Names the server itself always sets; a process variable of the same name is overwritten by it.
_OF_EVERY_REQUEST = frozenset({
    "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL",
    "SERVER_SOFTWARE", "GATEWAY_INTERFACE", "REMOTE_ADDR", "REMOTE_PORT",
})  # fmt: skip
_OF_SOME_REQUESTS = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})


class Gateway:
    """Wraps a WSGI application.

    * granian copies the process environment into every request: only the names of PEP 3333 pass, so that
      ``request.META`` never holds SECRET_KEY and no ``HTTP_…`` variable becomes a header.
    * A chunked body has no CONTENT_LENGTH, and Django would read nothing: it is read here, up to ``body_limit`` bytes.
    * A body over the limit is 413 in the path's dialect. The admin's uploads have Django's own limits.

    Header names with underscores cannot be told apart in WSGI (``X_A``, ``X-A`` arrive as one): the proxy drops them.
    """

    def __init__(self, application: WsgiApplication, *, process_environ: Mapping[str, str], body_limit: int) -> None:
        self.application = application
        self.body_limit = body_limit
        self.leaks = {
            name: value
            for name, value in process_environ.items()
            if name.startswith("HTTP_") or name in _OF_SOME_REQUESTS
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        clean = self._without_process_environment(environ)
        if self._body_is_too_large(clean):
            return self._refuse(clean, start_response)
        return self.application(clean, start_response)

    def _without_process_environment(self, environ: Environ) -> Environ:
        return {
            name: value
            for name, value in environ.items()
            if (
                name in _OF_EVERY_REQUEST
                or "." in name  # wsgi.*, and what servers add: gunicorn.socket
                or ((name.startswith("HTTP_") or name in _OF_SOME_REQUESTS) and self.leaks.get(name) != value)
            )
            and name != "HTTP_PROXY"  # httpoxy: no client sends it honestly
        }

    def _body_is_too_large(self, environ: Environ) -> bool:
        """Whether the body passes the limit. Reads a body of unknown length and sets CONTENT_LENGTH for it."""
        length = environ.get("CONTENT_LENGTH")
        if length:
            is_upload = environ.get("PATH_INFO", "").startswith("/admin/")
            return not is_upload and str(length).isdecimal() and int(length) > self.body_limit
        # Only a server that says so ends the stream at the body's end; reading another would block.
        if environ.get("REQUEST_METHOD") in {"GET", "HEAD"} or not environ.get("wsgi.input_terminated"):
            return False
        body = environ["wsgi.input"].read(self.body_limit + 1)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return len(body) > self.body_limit

    def _refuse(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request_id = uuid.uuid4().hex
        path = environ.get("PATH_INFO", "")
        logger.warning("body over %d bytes refused", self.body_limit, extra={"request_id": request_id})
        response = response_of(PayloadTooLarge(), dialect_of_path(path) or DEFAULT)
        response["X-Request-ID"] = request_id
        response["Content-Length"] = str(len(response.content))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]
