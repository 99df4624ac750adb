"""A program of ``npm/`` as an object: its steps are methods, its errors exceptions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.tools import missing, program

NPM = Path(__file__).with_name("npm")


class ClientError(Exception):
    """What a library threw: its class, code, OAuth error, status and message."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told)
        self.type = told.get("type")
        self.code = told.get("code")
        self.error = told.get("error")
        self.status = told.get("status")


class Library:
    """A conversation with ``npm/<name>.mjs``."""

    def __init__(self, name: str) -> None:
        if not (NPM / "node_modules" / name).is_dir():
            missing("the npm clients are not installed (make test does it): npm ci --prefix tests/flows/npm")
        self.name = name
        self.metadata: dict[str, Any] = {}
        self.process = subprocess.Popen(
            [str(program("node")), f"{name}.mjs"], cwd=NPM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, step: str, **words: Any) -> Any:
        """Do a step; its result. Raises ClientError with what the library threw."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([step, words]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{self.name} ended at {step}"
        answer = json.loads(line)
        if "error" in answer:
            raise ClientError(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """Hang up; the program ends with its input."""
        self.process.communicate(timeout=30)
