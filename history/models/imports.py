"""Imports of files: how far each came, so that one that was broken off goes on where it stopped."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from config.policy import Governed
from environment.models import Application


class HistoryImport(models.Model):
    """A file that is, or was, imported. It is written together with the lines that it counts."""

    governed: ClassVar[Governed] = Governed("history", contact_center="application__contact_center_id")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+", db_index=False)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the file, as it lies there.")
    file_name = models.CharField("file", max_length=255)
    lines_done = models.BigIntegerField("lines done", default=0)
    stored = models.BigIntegerField(default=0, help_text="Visits and events that were new.")
    duplicates = models.BigIntegerField(default=0, help_text="Visits and events that were there already.")
    refused = models.BigIntegerField(default=0, help_text="Lines that could not be taken.")
    started_at = models.DateTimeField("started")
    last_at = models.DateTimeField("last written")
    finished_at = models.DateTimeField("finished", null=True, blank=True)

    class Meta:
        verbose_name = "import"
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint("application", "fingerprint", name="history_import_once")]

    def __str__(self) -> str:
        return self.file_name
