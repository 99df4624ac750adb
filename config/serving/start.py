"""What forbids a start, asked of the rooms by the names in ``settings.DESKGATE_START_FAULTS``."""

import logging

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


def migrations_missing() -> int:
    """How many migrations of this release the database lacks; more than these it may have."""
    try:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        logger.warning("migrations could not be asked for: %s", error)
        return 0


def start_faults() -> list[str]:
    """One line for each thing that forbids a start. A database that is away forbids none: readiness tells of it."""
    faults: list[str] = []
    for name in settings.DESKGATE_START_FAULTS:
        try:
            faults.extend(import_string(name)())
        except DatabaseError as error:
            logger.warning("%s could not be asked: %s", name, error)
    return faults
