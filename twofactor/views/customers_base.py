"""What the calls of ``/twofactor/v1/customers`` share: their dialect, whose customers are meant, how a body is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.serializers import BaseSerializer

from config.context import current
from config.http import plain_request
from config.http.configuring import ConfigurationView, answers
from config.http.dialects import Dialect
from config.http.errors import MissingParameter, NotFound, PayloadTooLarge, UnsupportedMedia, ValidationRefused
from config.http.serializers import ConfigurationErrorSerializer
from config.policy import require
from environment.models import ContactCenter
from environment.selectors import contact_center_called, contact_center_of_domain
from twofactor.customer_records import CustomerRecord
from twofactor.models import Customer
from twofactor.selectors.customers import customer_called

LONGEST_BODY = 16 * 1024  # bytes
CONTACT_CENTER = OpenApiParameter(
    "contactCenter", str, description="ID, number or domain. Needed by whoever may see more than one."
)
ACCOUNT = OpenApiParameter("account", str, OpenApiParameter.PATH)


class CustomersBase(ConfigurationView):
    """Answers to the ops credential, a contact center's Basic credentials and bearers with scope ``configuration``."""

    dialect: Dialect = "configuration"

    def sent(self) -> dict[str, Any]:
        """The body's object. Raises PayloadTooLarge, UnsupportedMedia, MalformedJson, InvalidParameter."""
        plain = plain_request(self.request)
        if len(plain.body) > LONGEST_BODY:
            raise PayloadTooLarge(f"The request body is longer than {LONGEST_BODY} bytes.")
        if plain.body.strip() and plain.content_type != "application/json":
            raise UnsupportedMedia("Send the body as application/json.")
        return self.json()

    def customer(self, account: str) -> Customer:
        """The customer that the path names. Raises Forbidden, MissingParameter, NotFound."""
        require("read", Customer)
        found = customer_called(contact_center_asked(self.request.query_params), account)
        if found is None:
            raise NotFound("There is no such customer.")
        return found


def contact_center_asked(query: Mapping[str, str]) -> ContactCenter:
    """The one that the query names, or the caller's only one. Raises MissingParameter, NotFound."""
    principal, sent = current().principal, query.get("contactCenter", "")
    rows = visible_centers()
    if not sent:
        first_two = [] if principal.everywhere else list(rows[:2])
        if len(first_two) != 1:
            raise MissingParameter("The parameter 'contactCenter' is missing.", field="contactCenter")
        return first_two[0]
    found = contact_center_called(sent) or contact_center_of_domain(sent)
    if found is None or not rows.filter(pk=found.pk).exists():
        raise NotFound("There is no such contact center.", field="contactCenter")
    return found


def visible_centers() -> Any:
    """The contact centers that the caller's rights reach."""
    principal = current().principal
    rows = ContactCenter.objects.order_by("number")
    return rows if principal.everywhere else rows.filter(pk__in=principal.contact_center_ids)


def judged(record: CustomerRecord) -> Mapping[str, Any]:
    """What the record holds. Raises ValidationRefused with all that is wrong."""
    if record.faults:
        raise ValidationRefused(fields=record.faults)
    return record.values


def told(success: dict[int, type[BaseSerializer[Any]] | None], *refused: int) -> dict[int, Any]:
    """What a call may answer, for the schema."""
    return answers(success, 404, *refused, error=ConfigurationErrorSerializer)
