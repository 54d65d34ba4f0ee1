"""A JSON Schema of the records that the view for programs writes."""

from __future__ import annotations

from typing import Any, Final

from oi_core.events import Level, TurnOutcome
from oi_core.results import Outcome
from oi_core.review import Verdict
from oi_core.view.json_lines import FORMAT_VERSION

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]  # whatever JSON Schema allows

_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}
_STATUS: Final[Schema] = {"type": ["integer", "null"], "description": "where the language has one"}
_TOKENS: Final[Schema] = dict.fromkeys(("input_tokens", "output_tokens", "cached_tokens"), _COUNT)
_BYTES: Final[Schema] = {"type": "object", "properties": {"base64": _TEXT}, "required": ["base64"]}

_RECORDS: Final[dict[str, tuple[str, Schema]]] = {
    "session.start": (
        "opens the stream",
        {
            "version": _TEXT,
            "session": {"type": "string", "description": "what --resume takes; empty where nothing is saved"},
            "model": _TEXT,
            "folder": _TEXT,
            "approval": _TEXT,
            "languages": _TEXTS,
        },
    ),
    "message.delta": ("a part of the model's text", {"text": _TEXT}),
    "reasoning.delta": ("a part of what the model thought first", {"text": _TEXT}),
    "code": ("a block that the model wants run", {"id": _TEXT, "language": _TEXT, "code": _TEXT}),
    "approval": (
        "what the reviewers say of a block, strictest first",
        {
            "id": _TEXT,
            "code": _TEXT,
            "verdict": {"enum": [verdict.name.lower() for verdict in Verdict]},
            "reason": _TEXT,
            "reviewer": _TEXT,
        },
    ),
    "output": ("a part of what the code prints", {"text": _TEXT, "stream": {"enum": ["stdout", "stderr"]}}),
    "display": (
        "a value or a figure that the code shows, by MIME type",
        {"data": {"type": "object", "additionalProperties": {"anyOf": [_TEXT, _BYTES]}}},
    ),
    "input": ("the code asks for a line, and reads end of file", {"prompt": _TEXT, "secret": {"type": "boolean"}}),
    "code.end": (
        "the end of a block, run or not",
        {
            "id": _TEXT,
            "outcome": {"enum": [outcome.value for outcome in Outcome]},
            "exit_status": _STATUS,
            "note": _TEXT,
            "seconds": {"type": "number", "minimum": 0},
            "output": {"type": "string", "description": "bounded, as the model is shown it"},
        },
    ),
    "usage": ("the tokens of one reply", _TOKENS),
    "notice": ("a line for the person", {"level": {"enum": [level.value for level in Level]}, "text": _TEXT}),
    "result": (
        "the last record, whatever happened",
        {
            "text": {"type": "string", "description": "all of the model's text"},
            "outcome": {"enum": [outcome.value for outcome in TurnOutcome]},
            "exit_code": {"type": "integer", "minimum": 0, "maximum": 255},
            "code_count": {"type": "integer", "minimum": 0, "description": "blocks that ran"},
            "usage": {"type": "object", "properties": _TOKENS, "required": [*_TOKENS]},
        },
    ),
}


def record_schema() -> Schema:
    """Return the schema of one record, which is a line. Records may get more fields without another version."""
    return {
        "$schema": DRAFT,
        "title": "A record of interpreter --json",
        "oneOf": [_record(kind, meaning, fields) for kind, (meaning, fields) in _RECORDS.items()],
    }


def _record(kind: str, meaning: str, fields: Schema) -> Schema:
    head: Schema = {"v": {"const": FORMAT_VERSION}, "seq": {"type": "integer", "minimum": 1}, "type": {"const": kind}}
    return {
        "title": kind,
        "description": meaning,
        "type": "object",
        "properties": {**head, **fields},
        "required": [*head, *fields],
    }
