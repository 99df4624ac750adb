"""A missing program skips the tests that need it, saying what to install; under DESKGATE_NO_SKIPS=1 it fails them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house.conftest import ROOT
from tests.tools import NO_SKIPS, needs

A_TEST = "tests/house/test_tools.py::test_nothing_but_a_need"


@needs("jq")
def test_nothing_but_a_need() -> None:
    """Run by the test below where no program is found."""


@pytest.mark.slow
@pytest.mark.parametrize(("no_skips", "told"), [("", "1 skipped"), ("1", "1 error")])
def test_a_missing_program_skips_or_fails(no_skips: str, told: str) -> None:
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", A_TEST]
    environ = os.environ | {NO_SKIPS: no_skips, "PATH": os.devnull}
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert told in done.stdout
    assert "apt-get install jq" in done.stdout
    assert done.returncode == (1 if no_skips else 0)


def test_a_misspelt_tool_is_refused() -> None:
    with pytest.raises(AssertionError, match="ngnix"):
        needs("ngnix")
