"""POST /twofactor/callbacks/twilio/{delivery}: what became of a message, as Twilio reports it (reference part D.3)."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from twilio.request_validator import RequestValidator

from config.encryption import SealBroken
from config.http import plain_request
from config.http.dialects import Dialect
from config.http.errors import Forbidden
from config.http.serializers import ConfigurationErrorSerializer
from config.http.views import ApiView
from twofactor.models import Delivery
from twofactor.options.server import TWILIO_TOKEN
from twofactor.services.delivery_reports import delivery_report

_ID = re.compile(r"[0-9a-f]{32}\Z")
_CODE = re.compile(r"[0-9]{1,10}\Z")
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}\Z")
NOBODY: list[Any] = [{}]
"""For the schema: nobody proves himself by anything that it knows."""
_SIGNATURE = OpenApiParameter(
    "X-Twilio-Signature", str, OpenApiParameter.HEADER, required=True, description="By the account's auth token."
)


class TwilioCallbackView(ApiView):
    """Takes signed reports. Which deliveries there are is told to nobody: a stranger's report and one about nothing
    are refused alike."""

    dialect: Dialect = "configuration"
    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False
    http_method_names = ("post", "options")

    @extend_schema(
        operation_id="twilioStatusCallback",
        tags=["two-factor"],
        parameters=[_SIGNATURE],
        request={"application/x-www-form-urlencoded": OpenApiTypes.OBJECT},
        responses={204: None} | dict.fromkeys((400, 403, 413, 503), ConfigurationErrorSerializer),
        auth=NOBODY,
    )
    def post(self, request: Request, delivery: str) -> HttpResponse:
        """Keep the status. Raises Forbidden."""
        plain = plain_request(request)
        known = delivery if _ID.match(delivery) else ""
        row = Delivery.objects.filter(pk=known, gateway="twilio").select_related("application").first()
        form = {name: plain.POST[name] for name in ("MessageSid", "MessageStatus", "ErrorCode") if name in plain.POST}
        if not _is_signed(plain, row) or row is None:
            raise Forbidden(reason="a report with another's signature, or about no delivery")
        sid = form.get("MessageSid", "")
        if row.provider_id and sid != row.provider_id:
            raise Forbidden(reason="a report about another message")
        code = form.get("ErrorCode", "")
        delivery_report(
            delivery=row,
            status=form.get("MessageStatus", "").lower(),
            provider_id=sid if _SID.match(sid) else "",
            provider_code=code if _CODE.match(code) else "",
        )
        answer = HttpResponse(status=204)
        del answer["Content-Type"]
        return answer


def _is_signed(request: HttpRequest, row: Delivery | None) -> bool:
    """By the token of the delivery's application. The address is ours as we know it: ``Host`` is a caller's word.

    Where there is no such delivery as much is computed, with a token that nobody has.
    """
    try:
        token = TWILIO_TOKEN.of(row.application) if row is not None else ""
    except SealBroken:
        token = ""
    query = request.META.get("QUERY_STRING", "")
    url = settings.DESKGATE_PUBLIC_URL + request.path + (f"?{query}" if query else "")
    signature = request.headers.get("X-Twilio-Signature", "")
    right: bool = RequestValidator(token or "-").validate(url, request.POST, signature)
    return right and bool(token)
