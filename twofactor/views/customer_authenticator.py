"""/twofactor/v1/customers/{account}/authenticator: a link to enrol by, and taking the authenticator away."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.configuring import NO_STORE
from config.http.errors import NotFound
from twofactor.customer_records import moment_told
from twofactor.customer_serializers import EnrolmentSerializer
from twofactor.services.authenticators import authenticator_begin, authenticator_reset
from twofactor.views.customers_base import ACCOUNT, CONTACT_CENTER, CustomersBase, told


class CustomerAuthenticatorView(CustomersBase):
    """The authenticator of one customer."""

    @extend_schema(
        operation_id="enrolCustomer",
        request=None,
        parameters=[ACCOUNT, CONTACT_CENTER],
        responses=told({201: EnrolmentSerializer}),
    )
    def post(self, request: Request, account: str) -> Response:
        """A link by which the customer enrols, in place of an earlier one. An authenticator in use stays until then."""
        begun = authenticator_begin(self.customer(account))
        told_once = {"url": begun.url, "expiresAt": moment_told(begun.expires_at)}
        return Response(told_once, status=201, headers=NO_STORE)

    @extend_schema(
        operation_id="resetCustomerAuthenticator",
        request=None,
        parameters=[ACCOUNT, CONTACT_CENTER],
        responses=told({204: None}),
    )
    def delete(self, request: Request, account: str) -> Response:
        """Take away the authenticator, its recovery codes, and a link that waits."""
        if not authenticator_reset(self.customer(account)):
            raise NotFound("This customer has no authenticator.")
        return Response(status=204, headers=NO_STORE)
