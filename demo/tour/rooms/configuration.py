"""Environment API v3: what administrators decide, for scripts."""

from __future__ import annotations

from demo.tour.visitor import Visitor

TITLE = "Configuration: the Environment API"
ORDER = 20
OPS = ("ops", "demo-ops-1!")


def walk(visitor: Visitor) -> None:
    """Contact centers, then an application's options."""
    path = "/environment/v3"
    visitor.ask("The contact centers, as the ops credential sees them", "GET", f"{path}/contact-centers", user=OPS)
    options = f"{path}/applications/Agent%20Desktop/options"
    answer = visitor.ask("An application's options", "GET", options, user=OPS)
    visitor.expect("etag" in answer.headers, "the options have no ETag")
