"""The WSGI door around Django: what a server hands in wrongly is put right here, before any framework sees it."""

import io
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from threading import BoundedSemaphore
from typing import Any

from config.http.address import address_of
from config.http.dialects import DEFAULT, Dialect, dialect_of_path, response_of
from config.http.errors import BadRequest, PayloadTooLarge, Refusal
from config.serving.bodies import BodyReaders

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
    * Bodies are read here, by few at once (``config.serving.bodies``), also chunked ones, which have no
      CONTENT_LENGTH and of which Django would read nothing. A GET has none (RFC 9110 §9.3.1).
    * A body over the limit is 413 in the path's dialect; the admin's forms may have twice as much.

    Header names with underscores cannot be told apart in WSGI (``X_A``, ``X-A`` arrive as one): the proxy drops them.
    """

    def __init__(
        self, application: WsgiApplication, *, process_environ: Mapping[str, str], body_limit: int, threads: int = 4
    ) -> None:
        self.application = application
        self.body_limit = body_limit
        self.bodies = BodyReaders()
        # The server has more threads than this, for bodies that are slow to come.
        self.working = BoundedSemaphore(threads)
        self.leaks = {
            name: value
            for name, value in process_environ.items()
            if name.startswith("HTTP_") or name in _OF_SOME_REQUESTS
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        clean = self._without_process_environment(environ)
        try:
            self._take_body(clean)
        except Refusal as refusal:
            return refuse(refusal, clean, start_response)
        with self.working:
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

    def _take_body(self, environ: Environ) -> None:
        """Put the whole body into memory. Raises PayloadTooLarge, Busy, and BadRequest when cut off."""
        length = environ.get("CONTENT_LENGTH") or ""
        body = b""
        if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            limit = self.body_limit * (2 if environ.get("PATH_INFO", "").startswith("/admin/") else 1)
            # Only a server that says so ends the stream at the body's end; reading another would block.
            if not length and not environ.get("wsgi.input_terminated"):
                return
            size = (int(length) if length.isdecimal() else 0) if length else limit + 1
            if length and size > limit:
                raise PayloadTooLarge(reason=f"more than {limit} bytes")
            if size:
                with self.bodies.seat(address_of(environ)):
                    body = environ["wsgi.input"].read(size)
            if len(body) > limit:
                raise PayloadTooLarge(reason=f"more than {limit} bytes")
            if length and len(body) < size:
                raise BadRequest("The request body ended early.")
        environ["wsgi.input"] = io.BytesIO(body)
        if length or environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            environ["CONTENT_LENGTH"] = str(len(body))


def refuse(
    refusal: Refusal, environ: Environ, start_response: StartResponse, *, dialect: Dialect | None = None
) -> Iterable[bytes]:
    """Answer before Django, in the dialect of the path unless told."""
    request_id = uuid.uuid4().hex
    logger.warning("refused at the door", extra={"request_id": request_id, "words": refusal.reason or refusal.message})
    response = response_of(refusal, dialect or dialect_of_path(environ.get("PATH_INFO", "")) or DEFAULT)
    response["X-Request-ID"] = request_id
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Length"] = str(len(response.content))
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [response.content]
