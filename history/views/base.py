"""What every path of the History API shares: the door, then its lock, then whatever the path is about."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from config.http.address import is_relayed
from config.http.authorization import basic_of
from config.http.configuring import NO_STORE
from config.http.dialects import Dialect
from config.http.views import ApiView
from environment.models import Application
from history.selectors.doors import door_default, door_named
from history.services.lock import door_pass


class HistoryRenderer(JSONRenderer):
    """JSON that names its character set, as the real service does."""

    charset = "UTF-8"


class HistoryView(ApiView):
    """Asks who comes before it looks at anything but the method; ``application`` is the door's.

    The path's ``door`` is taken here: handlers get what their resource is called by only.
    """

    dialect: Dialect = "history"
    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False
    renderer_classes = (HistoryRenderer,)
    application: Application

    @property
    def default_response_headers(self) -> dict[str, str]:
        """What visitors did is for who asked, not for caches."""
        return NO_STORE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Method, door, lock. Raises MethodNotAllowed, NotFound, NoDefaultDoor, NotAuthorized, Forbidden."""
        # The very dict that the handler's arguments are taken from.
        name: str | None = self.kwargs.pop("door", None)
        super().initial(request, *args, **kwargs)
        if request.method == "OPTIONS":
            return
        self.application = door_default() if name is None else door_named(name)
        door_pass(self.application, basic_of(request), relayed=is_relayed(request))
