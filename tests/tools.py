"""Programs that some tests need. What is missing skips them; where nothing may be skipped (CI), it fails them.

A test file says ``pytestmark = needs("nginx")``; ``tests/conftest.py`` looks before the test's fixtures start.
``python -m tests.tools`` prints the packages that are missing here, for ``make test`` and ``.ci/run`` to install.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from typing import NamedTuple, NoReturn

import pytest

NO_SKIPS = "DESKGATE_NO_SKIPS"
"""Set to 1, a missing tool fails the tests that need it. ``.ci/run`` sets it."""
# A user's PATH on Debian has no sbin, where nginx and apache2 are.
WHERE = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])


class Tool(NamedTuple):
    """A Debian package and the names that its program has here and there, or the path of its file."""

    package: str
    programs: tuple[str, ...]


TOOLS = {
    "apache": Tool("apache2", ("apache2", "httpd")),
    "chromium": Tool("chromium", ("chromium", "chromium-browser", "google-chrome")),
    "jq": Tool("jq", ("jq",)),
    "mod_auth_openidc": Tool("libapache2-mod-auth-openidc", ("/usr/lib/apache2/modules/mod_auth_openidc.so",)),
    "nginx": Tool("nginx", ("nginx",)),
    "node": Tool("nodejs", ("node", "nodejs")),
    "npm": Tool("npm", ("npm",)),
    "oathtool": Tool("oathtool", ("oathtool",)),
}


def program(tool: str) -> str | None:
    """The path of a tool's program or file, or None."""
    return next(filter(None, map(_found, TOOLS[tool].programs)), None)


def _found(name: str) -> str | None:
    if name.startswith("/"):
        return name if os.path.exists(name) else None  # noqa: PTH110 - a module to load, not a program
    return shutil.which(name, path=WHERE)


def needs(*tools: str) -> pytest.MarkDecorator:
    """A mark for tests that need these tools, by their names in ``TOOLS``."""
    unknown = set(tools) - TOOLS.keys()
    assert not unknown, f"not in TOOLS: {unknown}"
    return pytest.mark.needs(*tools)


def packages(tools: Iterable[str]) -> str:
    """The packages of those that are not here, for apt-get."""
    return " ".join(TOOLS[tool].package for tool in tools if program(tool) is None)


def look_for(tools: tuple[str, ...]) -> None:
    """Skip or fail the running test unless all of them are here."""
    if absent := packages(tools):
        missing(f"a program is not installed: apt-get install {absent}")


def missing(reason: str) -> NoReturn:
    """Skip the running test for want of something; fail it where nothing may be skipped."""
    if os.environ.get(NO_SKIPS) == "1":
        pytest.fail(f"{NO_SKIPS}=1 and {reason}", pytrace=False)
    pytest.skip(reason)


if __name__ == "__main__":
    print(packages(TOOLS))  # noqa: T201
