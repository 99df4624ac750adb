"""/twofactor/v1/customers: listed, made, changed and deleted by scripts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.db.models.functions import Lower
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.configuring import NO_STORE
from config.http.errors import FieldError, InvalidParameter
from config.http.members import number_of
from config.policy import require
from twofactor.customer_records import CustomerRecord, customer_told
from twofactor.customer_serializers import (
    CustomerChangeSerializer,
    CustomerListSerializer,
    CustomerRequestSerializer,
    CustomerSerializer,
)
from twofactor.models import Customer
from twofactor.selectors.customers import called, has_authenticator, with_authenticator
from twofactor.services.customers import customer_create, customer_delete, customer_update
from twofactor.views.customers_base import (
    ACCOUNT,
    CONTACT_CENTER,
    CustomersBase,
    contact_center_asked,
    judged,
    told,
)

MOST, USUAL, LAST_PAGE = 1_000, 100, 1_000_000


class CustomersView(CustomersBase):
    """The list, and new ones."""

    @extend_schema(
        operation_id="listCustomers",
        request=None,
        parameters=[
            CONTACT_CENTER,
            OpenApiParameter("account", str, description="The whole account, in any case."),
            OpenApiParameter("page", int, description="From 1."),
            OpenApiParameter("pageSize", int, description=f"1 to {MOST}; {USUAL} unless told."),
        ],
        responses=told({200: CustomerListSerializer}),
    )
    def get(self, request: Request) -> Response:
        """The customers of one contact center, by account."""
        require("read", Customer)
        page, size = _page_asked(request.query_params)
        rows = Customer.objects.filter(contact_center=contact_center_asked(request.query_params))
        account = request.query_params.get("account", "")
        if account:
            rows = called(rows, account)
        listed = with_authenticator(rows).order_by(Lower("account"))[(page - 1) * size : page * size]
        items = [customer_told(row, is_enrolled=row.is_enrolled) for row in listed]  # type: ignore[attr-defined]
        return Response({"items": items, "total": rows.count(), "page": page, "pageSize": size}, headers=NO_STORE)

    @extend_schema(
        operation_id="createCustomer",
        request=CustomerRequestSerializer,
        parameters=[CONTACT_CENTER],
        responses=told({201: CustomerSerializer}, 409, 413, 415),
    )
    def post(self, request: Request) -> Response:
        """Make one. Its e-mail address and telephone number count as verified."""
        require("write", Customer)
        home = contact_center_asked(request.query_params)
        values = judged(CustomerRecord.parse(self.sent(), stored=None, whole=True))
        made = customer_create(contact_center=home, **values)
        headers = NO_STORE | {"Location": f"/twofactor/v1/customers/{quote(made.account, safe='')}"}
        return Response(customer_told(made, is_enrolled=False), status=201, headers=headers)


class CustomerView(CustomersBase):
    """One customer."""

    @extend_schema(
        operation_id="getCustomer",
        request=None,
        parameters=[ACCOUNT, CONTACT_CENTER],
        responses=told({200: CustomerSerializer}),
    )
    def get(self, request: Request, account: str) -> Response:
        """With masked addresses."""
        return _answer(self.customer(account))

    @extend_schema(
        operation_id="replaceCustomer",
        request=CustomerChangeSerializer,
        parameters=[ACCOUNT, CONTACT_CENTER],
        responses=told({200: CustomerSerializer}, 413, 415),
    )
    def put(self, request: Request, account: str) -> Response:
        """Write it whole: an address that is not sent is taken away."""
        return self._change(account, whole=True)

    @extend_schema(
        operation_id="changeCustomer",
        request=CustomerChangeSerializer,
        parameters=[ACCOUNT, CONTACT_CENTER],
        responses=told({200: CustomerSerializer}, 413, 415),
    )
    def patch(self, request: Request, account: str) -> Response:
        """Change the members that are sent."""
        return self._change(account, whole=False)

    @extend_schema(
        operation_id="deleteCustomer",
        request=None,
        parameters=[ACCOUNT, CONTACT_CENTER],
        responses=told({204: None}),
    )
    def delete(self, request: Request, account: str) -> Response:
        """Delete it, with its authenticator."""
        customer_delete(self.customer(account))
        return Response(status=204, headers=NO_STORE)

    def _change(self, account: str, *, whole: bool) -> Response:
        row = self.customer(account)
        require("write", row)
        record = CustomerRecord.parse(self.sent(), stored=row, whole=whole, is_enrolled=has_authenticator(row))
        return _answer(customer_update(row, **judged(record)))


def _answer(row: Customer) -> Response:
    return Response(customer_told(row, is_enrolled=has_authenticator(row)), headers=NO_STORE)


def _page_asked(query: Any) -> tuple[int, int]:
    """``page`` and ``pageSize``. Raises InvalidParameter naming what is wrong."""
    taken, faults = {"page": 1, "pageSize": USUAL}, []
    for name, most in (("page", LAST_PAGE), ("pageSize", MOST)):
        written = query.get(name)
        value = number_of(written, 1, most) if written else taken[name]
        if value is None:
            words = f"The parameter '{name}' is a whole number from 1 to {most}."
            faults.append(FieldError(name, "invalid", words))
        else:
            taken[name] = value
    if faults:
        raise InvalidParameter(faults[0].message, fields=faults)
    return taken["page"], taken["pageSize"]
