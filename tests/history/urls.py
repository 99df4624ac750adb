"""The house's paths, with a resource that only tells who answered: for tests of doors and lock."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as house
from history.urls import doors, resource
from history.views.base import HistoryView


class WhoAnswersView(HistoryView):
    """Tells the application, and what of the path came to the handler."""

    def get(self, request: Request, **words: Any) -> Response:
        return Response({"application": self.application.name, "words": words})

    def post(self, request: Request, **words: Any) -> Response:
        return Response({"application": self.application.name}, status=201)


urlpatterns = [
    *doors(
        resource("who", WhoAnswersView.as_view(), "history-who"),
        resource(r"who/(?P<what>[^/]+)", WhoAnswersView.as_view(), "history-who-what"),
    ),
    *house,
]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
