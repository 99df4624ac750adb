"""What is the same for every test is worked out once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from whitenoise.middleware import WhiteNoiseMiddleware


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """A test client makes the middleware anew, and each of them walked all static files (0.05 s) to serve the same."""
    walk = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[tuple[str | None, int | None], dict[str, Any]] = {}

    def add(middleware: WhiteNoiseMiddleware) -> None:
        known = found.setdefault((middleware.static_prefix, middleware.max_age), {})
        if not known:
            beside, middleware.files = middleware.files, known
            walk(middleware)
            middleware.files = beside
        middleware.files.update(known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add)
        yield
