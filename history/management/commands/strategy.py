"""``manage.py strategy``: engagement strategies from a shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.text import capfirst

from config.admin.faults import fault_lines
from config.encryption import SealBroken
from config.http.errors import Refusal
from history.models import Strategy
from history.scxml import LONGEST, problems_of
from history.selectors.strategies import is_changed, published_url, state_of, with_state
from history.services.strategy_versions import (
    scxml_download,
    strategy_deploy,
    strategy_regenerate,
    strategy_version,
)
from history.services.strategy_workflows import is_mapped, strategy_download_workflow, strategy_upload_workflow
from history.workflow import LONGEST as LONGEST_WORKFLOW

_OPTIONS = {
    "file": "--file",
    "version": "--version",
    "user_variable": "--user-variable",
    "password_variable": "--password-variable",
}
_VERBS = ("regenerate", "deploy", "list", "upload", "download", "validate")
_COLUMNS = ("application", "name", "user", "deployed", "state", "")


class Command(BaseCommand):
    """Everything by the services that the admin uses. Exit code 1 for a refusal, and for a document with problems."""

    help = (
        "Engagement strategies: manage.py strategy regenerate NAME --application APP, deploy NAME --application APP "
        "[--version N], list, upload NAME --application APP --file default.workflow, download NAME --application APP "
        "[--version N | --workflow] [--file F], validate --file some.scxml."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb each."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(_VERBS))
        regenerate = verbs.add_parser("regenerate", help="make the next version of the properties, and validate it")
        deploy = verbs.add_parser("deploy", help="publish a version; an earlier one is a rollback")
        upload = verbs.add_parser("upload", help="keep a default.workflow of Composer")
        download = verbs.add_parser("download", help="SCXML of a version, or the default.workflow; both hold passwords")
        for one in (regenerate, deploy, upload, download):
            one.add_argument("name")
            one.add_argument("--application", required=True, help="name of the Web Engagement Server application")
        for one in (regenerate, deploy, upload):
            one.add_argument("--reason", default="", help="kept in the change log")
        deploy.add_argument("--version", type=int, dest="number", help="default: the newest")
        which = download.add_mutually_exclusive_group()
        which.add_argument("--version", type=int, dest="number", help="default: the deployed one, else the newest")
        which.add_argument("--workflow", action="store_true", help="the default.workflow with the credentials in it")
        download.add_argument("--file", type=Path, help="default: standard output")
        upload.add_argument("--file", type=Path, required=True)
        upload.add_argument("--user-variable", default="", help="default: found by its name")
        upload.add_argument("--password-variable", default="", help="default: found by its name")
        validate = verbs.add_parser("validate", help="say what is wrong with any SCXML document")
        validate.add_argument("--file", type=Path, required=True)
        listing = verbs.add_parser("list", help="all of them, without secrets")
        listing.add_argument("--application", default="")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Raises CommandError naming the option that is wrong."""
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "regenerate": self._regenerate,
            "deploy": self._deploy,
            "list": self._list,
            "upload": self._upload,
            "download": self._download,
            "validate": self._validate,
        }
        with _faults_told():
            verbs[verb](options)

    def _regenerate(self, options: dict[str, Any]) -> None:
        version = strategy_regenerate(_strategy(options), reason=options["reason"] or None)
        for problem in version.problems:
            self.stderr.write(f"line {problem['line']}: {problem['words']}")
        if not version.is_valid:
            raise CommandError(f"{version} was generated and has problems: it cannot be deployed.")
        self.stdout.write(capfirst(f"{version} was generated and validated."))

    def _deploy(self, options: dict[str, Any]) -> None:
        strategy = _strategy(options)
        version = strategy_version(strategy, options["number"])
        strategy_deploy(strategy, version=version, reason=options["reason"] or None)
        self.stdout.write(capfirst(f"{version} is deployed: {published_url(strategy)}"))

    def _upload(self, options: dict[str, Any]) -> None:
        strategy = _strategy(options)
        workflow = strategy_upload_workflow(
            strategy,
            data=_read(options["file"], LONGEST_WORKFLOW),
            user_variable=options["user_variable"],
            password_variable=options["password_variable"],
            reason=options["reason"] or None,
        )
        self.stdout.write(f"The file was kept: {len(workflow.variables)} Entry variables.")
        if is_mapped(strategy, workflow):
            told = f"user: {strategy.user_variable}, password: {strategy.password_variable}"
            self.stdout.write(f"Mapped: {told}.")
        else:
            self.stderr.write("Not mapped: name them with --user-variable and --password-variable.")

    def _download(self, options: dict[str, Any]) -> None:
        strategy = _strategy(options)
        if options["workflow"]:
            data = strategy_download_workflow(strategy)
        else:
            deployed = strategy.deployed if options["number"] is None else None
            data = scxml_download(deployed or strategy_version(strategy, options["number"]))
        if options["file"] is None:
            sys.stdout.buffer.write(data)
            return
        # It holds a password: for its owner alone.
        with os.fdopen(_created(options["file"]), "wb") as file:
            file.write(data)
        self.stdout.write(f"Written: {options['file']}")

    def _validate(self, options: dict[str, Any]) -> None:
        problems = problems_of(_read(options["file"], LONGEST))
        for problem in problems:
            self.stdout.write(str(problem))
        if problems:
            raise CommandError(f"{len(problems)} problems.")
        self.stdout.write("No problems.")

    def _list(self, options: dict[str, Any]) -> None:
        rows = with_state(Strategy.objects.all())
        if options["application"]:
            rows = rows.filter(application__name=options["application"])
        lines = [_COLUMNS, *(_cells(row) for row in rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
        for line in lines:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@contextmanager
def _faults_told() -> Iterator[None]:
    """A service's refusal by the options that were typed."""
    try:
        yield
    except (Refusal, ValidationError) as fault:
        told = [f"{_OPTIONS.get(field, field)}: {words}" if field else words for field, words in fault_lines(fault)]
        raise CommandError("\n".join(told)) from None
    except SealBroken as broken:
        raise CommandError(f"{broken}.") from None


def _strategy(options: dict[str, Any]) -> Strategy:
    rows = with_state(Strategy.objects.all())
    found = rows.filter(application__name=options["application"], name=options["name"]).first()
    if found is None:
        raise CommandError(f"There is no strategy {options['name']} of the application {options['application']}.")
    return found


def _cells(row: Strategy) -> tuple[str, ...]:
    deployed = str(row.deployed.number) if row.deployed else ""
    changed = "properties changed since the deployed version" if is_changed(row) else ""
    return (row.application.name, row.name, row.user, deployed, str(state_of(row).label), changed)


def _read(file: Path, most: int) -> bytes:
    """The file, and one byte more than is taken, so that what is too long is refused by whoever reads it."""
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise CommandError(f"--file: {error.strerror}.") from None


def _created(file: Path) -> int:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)  # one that was there keeps its mode otherwise
        return descriptor
    except OSError as error:
        raise CommandError(f"--file: {error.strerror}.") from None
