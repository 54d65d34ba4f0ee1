"""A JSON Schema of every setting there is, for editors that complete and check ``pyproject.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from oi_core.config import settings_table
from oi_core.setting_types import choices_of, element_of, is_union, mapped_of, members_of, plain
from oi_core.validate import Setting, Table, table_of

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The draft that editors' TOML plugins and validate-pyproject read."""
_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", Path: "string"}


def config_schema(plugin_settings: Mapping[str, type]) -> dict[str, Any]:
    """Return the schema of ``[tool.interpreter]``, and of the person's own file, with the tables of these plugins."""
    return {
        "$schema": DRAFT,
        "title": "Settings of interpreter",
        **_table_schema(settings_table(plugin_settings)),
    }


def _table_schema(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _entry_schema(entry) for name, entry in table.entries.items()},
        "additionalProperties": table.tolerant,
    }
    if table.by_name is not None:
        schema["additionalProperties"] = _table_schema(table_of(table.by_name))
    return schema


def _entry_schema(entry: Setting | Table) -> dict[str, Any]:
    return _table_schema(entry) if isinstance(entry, Table) else _setting_schema(entry)


def _setting_schema(setting: Setting) -> dict[str, Any]:
    schema = _type_schema(setting.annotation)
    scope = setting.info.scope
    schema["description"] = f"{setting.info.help} (scope: {scope})".strip() if setting.info.help else f"scope: {scope}"
    if setting.info.minimum is not None:
        schema["minimum"] = setting.info.minimum
    if setting.default is not None:
        schema["default"] = _as_json(setting.default)
    return schema


def _type_schema(annotation: Any) -> dict[str, Any]:  # Any: a type, or what typing makes of one
    annotation = plain(annotation)
    if choices_of(annotation):
        return {"enum": choices_of(annotation)}
    if is_union(annotation):
        return {"anyOf": [_type_schema(member) for member in members_of(annotation)]}
    if element_of(annotation) is not None:
        return {"type": "array", "items": _type_schema(element_of(annotation))}
    if mapped_of(annotation) is not None:
        return {"type": "object", "additionalProperties": _type_schema(mapped_of(annotation))}
    return {"type": _TYPES[annotation]}


def _as_json(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_as_json(item) for item in value]
    return value
