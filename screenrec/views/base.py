"""What every path of this room shares: the page's origin is judged here, and each answer carries its CORS headers.

django-cors-headers answers every preflight 200 with one set of headers for the whole site; here another origin is
refused with 403, and the sets are options (``crossOriginSettings``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal, NoReturn
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response

from config.http import plain_request, set_principal
from config.http.address import is_secure
from config.http.authorization import authorization_of, basic_of
from config.http.challenges import REALM, challenge_header
from config.http.cors import is_preflight
from config.http.dialects import Dialect
from config.http.errors import InvalidParameter, Unauthenticated
from config.http.json import read_json
from config.http.views import ApiView
from config.principal import Principal
from environment.declarations import ListOption
from screenrec import options
from screenrec.errors import MissingOrigin, OriginRefused
from screenrec.flows.callers import Caller
from screenrec.flows.proving import Pair
from screenrec.models import RecorderSession
from screenrec.selectors import CSRF_HEADER, contact_centers_of_origin, csrf_token, origin_is_allowed

COOKIE = "deskgate_recorder"
AGENT_OR_COOKIE: list[Any] = [{"agent": []}, {"recorder": []}]
"""For the schema (``SPECTACULAR_SETTINGS``): flows judge the proofs, for another server may have to be asked."""
_SUPPORT = ("HTTP_X_SUPPORT_CSRF", "HTTP_X_SUPPORT_CSRFP")


class RecorderView(ApiView):
    """Answers desktops' pages: their origin first, then whatever the path is about."""

    dialect: Dialect = "recorder"
    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False
    needs_origin: ClassVar[bool] = True
    _home: UUID | None = None
    http_method_names = ("get", "post", "options")  # a HEAD would log somebody in

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Method, then origin. Raises MethodNotAllowed, MissingOrigin, OriginRefused."""
        super().initial(request, *args, **kwargs)
        if not self.origin:
            if self.needs_origin and options.REQUIRE_ORIGIN.of():
                raise MissingOrigin(field="Origin")
        elif not self.origin_is_known:
            raise OriginRefused(reason=f"{self.origin[:200]} is in no list")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add what CORS asks of any answer, refusals too: a page should read its own 401."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(answer, ("Origin",))
        refusal = getattr(answer, "deskgate_refusal", None)
        if self.origin and self.origin_is_known and not isinstance(refusal, OriginRefused):
            self._allow(answer)
        if isinstance(refusal, Unauthenticated):
            # With Basic a browser would open its own password box over the desktop's page.
            scheme = "xBasic" if self.origin else "Basic"
            answer["WWW-Authenticate"] = challenge_header(scheme, realm=REALM, charset="UTF-8")
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """A preflight of an allowed origin (Fetch, CORS-preflight; Private Network Access)."""
        response = HttpResponse(status=200, headers={"Allow": ", ".join(self.allowed_methods)})
        del response["Content-Type"]
        if self.origin:
            # A preflight knows no agent: the lists of all contact centers that let this origin in count.
            response["Access-Control-Allow-Methods"] = ",".join(_merged(options.ALLOWED_METHODS, self._homes))
            response["Access-Control-Allow-Headers"] = ",".join(_merged(options.ALLOWED_HEADERS, self._homes))
            if request.headers.get("Access-Control-Request-Private-Network", "").lower() == "true":
                response["Access-Control-Allow-Private-Network"] = "true"
        return response

    @property
    def plain(self) -> HttpRequest:
        return plain_request(self.request)

    @cached_property
    def origin(self) -> str:
        """The page's origin as the browser sends it; "" without one."""
        return str(self.plain.headers.get("Origin", "")).strip()

    @cached_property
    def origin_is_known(self) -> bool:
        """Whether pages of this origin are let in for anybody: all that can be asked before the agent is known."""
        return origin_is_allowed(self.origin, None) or bool(self._homes_of_origin)

    @cached_property
    def caller(self) -> Caller:
        """What the request brings to prove itself. A bearer, or anything but Basic, counts as nothing at all."""
        sent = authorization_of(self.plain)
        pair = basic_of(self.plain)
        return Caller(
            origin=self.origin,
            pair=Pair(*pair) if pair else None,
            cookie="" if sent and not pair else self.plain.COOKIES.get(COOKIE, ""),
            csrf_token=self.plain.headers.get(CSRF_HEADER, ""),
        )

    def asks_for_csrf(self) -> bool:
        """Whether the desktop wants a token: the seed's header name or that of the vendor's page, true in any case."""
        return any(self.plain.META.get(name, "").strip().lower() in ("true", "1") for name in _SUPPORT)

    def body(self) -> Any:
        """The body as JSON whatever its media type; an empty one is an empty array. Raises MalformedJson."""
        sent = self.plain.body
        value = read_json(sent) if sent.strip() else []
        if not isinstance(value, list | dict):
            raise InvalidParameter("The request body must be a JSON array or object.")
        return value

    def note(self, session: RecorderSession) -> None:
        """Make the agent known to log, events and this answer's CORS headers."""
        self._home = session.contact_center_id
        home = {session.contact_center_id} if session.contact_center_id else set()
        set_principal(
            self.request,
            Principal(
                kind="user",
                name=session.user_name,
                user_id=session.user_id,
                contact_center_ids=frozenset(home),
                proof="basic" if self.caller.pair else "session",
            ),
        )

    def keep(self, response: Response, session: RecorderSession, key: str) -> Response:
        """Give the browser the session's cookie, and the CSRF token when it was asked for."""
        self._set_cookie(response, key)
        response["Cache-Control"] = "no-store"
        return self.with_csrf(response, session)

    def forget(self, response: Response) -> None:
        """Take the cookie back."""
        self._set_cookie(response, "", max_age=0)

    def with_csrf(self, response: Response, session: RecorderSession) -> Response:
        """Name and value of the CSRF token, for a session that has one."""
        if session.csrf:
            response["X-CSRF-HEADER"] = CSRF_HEADER
            response["X-CSRF-TOKEN"] = csrf_token(session)
        return response

    def challenge(self, request: Request) -> NoReturn:
        raise Unauthenticated(challenge="basic")

    def _set_cookie(self, response: Response, value: str, *, max_age: int | None = None) -> None:
        # A page of another site gets a cookie back only as SameSite=None, which needs Secure; browsers, who alone send
        # Sec-Fetch-Site (to addresses they trust, this machine's among them), take it over http of this machine too.
        crosses = is_secure(self.plain) or "HTTP_SEC_FETCH_SITE" in self.plain.META
        samesite: Literal["None"] | None = "None" if crosses else None
        response.set_cookie(COOKIE, value, max_age, path="/", httponly=True, secure=crosses, samesite=samesite)

    @cached_property
    def _homes_of_origin(self) -> Sequence[UUID]:
        return contact_centers_of_origin(self.origin)

    @property
    def _homes(self) -> Sequence[UUID]:
        """The agent's contact center; while he is unknown, those that let his page in."""
        return [self._home] if self._home else self._homes_of_origin

    def _allow(self, response: HttpResponse) -> None:
        response["Access-Control-Allow-Origin"] = self.origin
        # Without a preflight's leave no page could send what one contact center of these lets it send.
        holders = [self._home] if self._home else [None, *self._homes]
        if any(options.ALLOW_CREDENTIALS.of(each) for each in holders):
            response["Access-Control-Allow-Credentials"] = "true"
        exposed = _merged(options.EXPOSED_HEADERS, self._homes)
        if exposed and not is_preflight(self.plain):
            response["Access-Control-Expose-Headers"] = ",".join(exposed)


def _merged(option: ListOption, contact_center_ids: Sequence[UUID]) -> tuple[str, ...]:
    """The installation's list and the contact centers', each word once."""
    lists = [option.of(), *(option.of(each) for each in contact_center_ids)]
    return tuple(dict.fromkeys(word for words in lists for word in words))
