"""A demo for the samples of docs/clients/, and their clients registered as the pages tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.config.test_serve import free_port
from tests.docs.pages import Page
from tests.house.conftest import Place, demo_of


@pytest.fixture(scope="session")
def live_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The demo, one for all samples: what they register does not meet."""
    var_dir = tmp_path_factory.mktemp("demo")
    var_dir.chmod(0o700)
    with demo_of(Place(var_dir, free_port())) as place:
        yield place


@pytest.fixture(scope="session")
def page_of(live_demo: Place, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Page]:
    """A page by its file's name, with what it tells to register registered."""

    def page_of(name: str) -> Page:
        page = Page(name, live_demo, free_port())
        page.register(tmp_path_factory.mktemp("files"))
        return page

    return page_of
