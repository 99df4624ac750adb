#!/usr/bin/env python3
"""Deskgate's command line."""

import os
import sys


def main() -> None:
    """Run a management command; a bad environment ends in one message and exit code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line

        from config.env import BadEnvironment
    except ImportError as error:
        raise SystemExit(f"{error}. Install what is needed: pip install -r requirements.txt") from error
    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
