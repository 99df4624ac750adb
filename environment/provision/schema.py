"""The JSON Schema of provisioning files, made from the rows that the rooms declare."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from environment.provision.kinds import kinds
from environment.provision.reading import DEMO


def schema() -> dict[str, Any]:
    """One schema for all files; editors take it for completion and checking."""
    rows = [(one.row, "validation") for one in kinds()]
    names, definitions = models_json_schema(rows, ref_template="#/$defs/{model}")  # type: ignore[arg-type]
    properties: dict[str, Any] = {DEMO: {"type": "boolean", "description": "The demo's; taken in demo mode only."}}
    for one in kinds():
        item = names[one.row, "validation"]
        told = {"description": (one.__doc__ or "").strip()}
        properties[one.name] = told | (item if one.single else {"type": "array", "items": item})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Deskgate provisioning file",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": definitions["$defs"],
    }
