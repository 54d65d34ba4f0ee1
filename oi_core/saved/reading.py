"""Reading a saved session: what can be read of its file, whatever happened to the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from oi_core.errors import ConfigError
from oi_core.messages import Message
from oi_core.saved.archive import About, Run, SavedSession, rewound, title_of
from oi_core.saved.records import FORMAT_VERSION, RecordReader, read_about
from oi_core.toml_files.document import shown_path
from oi_core.wire import from_wire

NOT_ONE = "interpreter sessions export --format json writes one"
HEAD_BYTES = 1 << 16
"""More than a first line has."""


def read_saved(path: Path) -> SavedSession:
    """Return the session in a file: JSON lines, the JSON of an export, or a list of OpenAI-shaped messages.

    A line that is damaged, as the last one of a program that was killed may be, is left out and counted.

    Raises:
        ConfigError: the file cannot be read, or holds no session.
    """
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{shown_path(path)} is no ordinary file", "name a saved session's file")
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{shown_path(path)} cannot be read: {error.strerror or error}", "check its name") from error
    saved = _document(content, path) or _session(_records(content.split(b"\n")), path)
    if saved is None:
        raise ConfigError(f"{shown_path(path)} holds no saved session", NOT_ONE)
    return saved


def read_head(path: Path) -> About | None:
    """Return what the first line of a session's file says; None when it is no such file."""
    try:
        with path.open("rb") as file:
            record = _parsed(file.readline(HEAD_BYTES))
            return None if record is None or record.get("type") != "session" else read_about(record)
    except (OSError, ValueError):
        return None


def count_asked(path: Path) -> int:
    """Return how many messages of the person's a session's file holds, without reading what is in them."""
    try:
        with path.open("rb") as file:
            return sum(line.startswith(b'{"type":"message","role":"user"') for line in file)
    except OSError:
        return 0


def _document(content: bytes, path: Path) -> SavedSession | None:
    """Return the session of a file that is one JSON value; None for JSON lines."""
    if b"\n" in content.rstrip() and content.startswith(b'{"v":'):
        return None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and value:
        messages = tuple(from_wire(value))
        return SavedSession(About(title=title_of(messages)), messages)
    if isinstance(value, Mapping) and isinstance(value.get("records"), list):
        return _session(iter(value["records"]), path)
    return None


def _records(lines: Iterable[bytes]) -> Iterator[object]:
    for line in lines:
        if line.strip():
            yield _parsed(line)


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _session(records: Iterator[object], path: Path) -> SavedSession | None:
    first = next(records, None)
    if not isinstance(first, dict) or first.get("type") != "session":
        return None
    if first.get("v") != FORMAT_VERSION:
        raise ConfigError(f"{shown_path(path)} was saved by another version of interpreter", "use that one to read it")
    try:
        about = read_about(first)
    except ValueError as error:
        raise ConfigError(f"the first line of {shown_path(path)} is damaged: {error}", NOT_ONE) from error
    reader, messages, runs, damaged = RecordReader(), list[Message](), list[Run](), 0
    for record in records:
        try:
            _take(record, reader, messages, runs)
        except (ValueError, TypeError):
            damaged += 1
    return SavedSession(about, tuple(messages), tuple(runs), damaged)


def _take(record: object, reader: RecordReader, messages: list[Message], runs: list[Run]) -> None:
    """Add to what was read before what a record says.

    Raises:
        ValueError: it says nothing that can be understood.
    """
    if not isinstance(record, dict):
        raise ValueError("a record is an object")
    match record.get("type"):
        case "message":
            messages.append(reader.message(record))
        case "run":
            runs.append(reader.run(record, len(messages)))
        case "picture":
            reader.picture(record)
        case "rewind":
            count = _count(record.get("messages"))
            del messages[count:]
            runs[:] = [rewound(run, count) for run in runs]
        case kind:
            raise ValueError(f"there is no record of type {kind!r}")


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("a count was expected")
    return value
