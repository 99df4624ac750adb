"""/events: what happened."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from history.schema import PAIR, reads
from history.selectors.found import event_found
from history.serializers import EventSerializer
from history.told import event_told
from history.views.lists import ResourceView


class EventView(ResourceView):
    """One."""

    @extend_schema(operation_id="queryEvent", responses=reads(EventSerializer, 404), auth=PAIR)
    def get(self, request: Request, event_id: str) -> Response:
        """The event of this id."""
        self.asked(is_list=False)
        return Response(event_told(event_found(self.application, event_id)))
