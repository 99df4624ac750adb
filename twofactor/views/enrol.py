"""GET and POST /twofactor/enrol/{token}: a customer enrols an authenticator. Whoever has the link may."""

from __future__ import annotations

from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from config.context import current
from config.encryption import SealBroken
from config.http.browsing import page
from config.http.errors import MethodNotAllowed, TooMany
from config.rates import rate_take
from twofactor.errors import EnrolmentOver, WrongFirstCode
from twofactor.models import Authenticator
from twofactor.seeds import provisioning_uri, seed_groups, seed_unseal
from twofactor.selectors.enrolments import pending_by
from twofactor.services.enrolments import authenticator_confirm

REQUESTS, SECONDS = 60, 60
"""Of one address."""
_METHODS = ("GET", "HEAD", "POST")


# The address is the proof, and no cookie has a part in it: nobody's browser can be made to do what he may not.
# (Under no-referrer a browser sends "Origin: null", which Django's check would refuse.)
@csrf_exempt
@sensitive_post_parameters("code")
@sensitive_variables()
def enrol(request: HttpRequest, token: str) -> HttpResponseBase:
    """The seed as QR code and as text; or, with its first code, the recovery codes, shown on this one answer."""
    if request.method not in _METHODS:
        raise MethodNotAllowed(allowed=_METHODS)
    wait = rate_take("two-factor-enrol", current().address, limit=REQUESTS, seconds=SECONDS)
    if wait:
        raise TooMany(retry_after=wait, reason="enrolment pages for one address")
    if request.method == "POST":
        return _confirm(request, token)
    return _form(request, token)


def _confirm(request: HttpRequest, token: str) -> HttpResponse:
    code = "".join(request.POST.get("code", "").split())
    try:
        codes = authenticator_confirm(token, code)
    except WrongFirstCode as wrong:
        return _form(request, token, error=wrong.message)
    except EnrolmentOver:
        return _over(request)
    return _page(request, {"recovery_codes": [f"{one[:5]} {one[5:]}" for one in codes]})


def _form(request: HttpRequest, token: str, *, error: str = "") -> HttpResponse:
    begun = pending_by(token)
    if begun is None:
        return _over(request)
    try:
        seed = seed_unseal(begun.seed, begun.pk)
    except SealBroken:
        return _over(request)
    context = {
        "seed": seed_groups(seed),
        "qr": _qr(seed, begun),
        "issuer": begun.customer.contact_center.name,
        "account": begun.customer.account,
        "error": error,
    }
    return _page(request, context, status=400 if error else 200)


def _over(request: HttpRequest) -> HttpResponse:
    return _page(request, {"over": EnrolmentOver.message}, status=EnrolmentOver.status)


def _page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = page(request, "twofactor/enrol.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _qr(seed: bytes, begun: Authenticator) -> str:
    """An ``<svg>`` element, black on white whatever the page's colours are: not every app reads it the other way."""
    uri = provisioning_uri(seed, issuer=begun.customer.contact_center.name, account=begun.customer.account)
    drawn = segno.make(uri, error="m", micro=False)
    markup = drawn.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(markup)  # noqa: S308 - drawn by us, holds numbers only
