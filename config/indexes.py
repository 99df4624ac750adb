"""Indexes on tables that are large and in use."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState
from django.db.models import Index, Model

_IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"


class AddIndexWithoutLock(AddIndex):
    """``AddIndex`` that on PostgreSQL lets readers and writers go on (CREATE INDEX CONCURRENTLY); plain elsewhere.

    For migrations with ``atomic = False``, which a fault leaves half done: run again, it keeps an index that is
    complete, and builds one anew that was broken off. Lock: SHARE UPDATE EXCLUSIVE, which hinders DDL and VACUUM only.
    Duration: two scans of the table; each waits for the transactions that are open when it begins, and gives up after
    ``lock_timeout``. (Django's own operation for this needs psycopg on SQLite too.)
    """

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Build it, unless it is there."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        is_valid = None if schema_editor.collect_sql else _is_valid(schema_editor, self.index)
        if is_valid is False:
            _drop(schema_editor, model, self.index)
        if not is_valid:
            schema_editor.add_index(model, self.index, concurrently=True)  # type: ignore[call-arg]

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop it, without a lock too."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            _drop(schema_editor, model, self.index)

    def describe(self) -> str:
        """For people."""
        return f"Without a lock: {super().describe()}"


def _is_valid(schema_editor: BaseDatabaseSchemaEditor, index: Index) -> bool | None:
    """Whether the index is complete; None without one."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_IS_VALID, [schema_editor.quote_name(index.name)])
        row: Any = cursor.fetchone()
    return None if row is None else bool(row[0])


def _drop(schema_editor: BaseDatabaseSchemaEditor, model: type[Model], index: Index) -> None:
    schema_editor.remove_index(model, index, concurrently=True)  # type: ignore[call-arg]
