"""The lines of a saved session's file: messages, runs and pictures as JSON records, one function each way.

::

    {"v": 1, "type": "session", "id": …, "title": …, "folder": …, "model": …, "started": …}     the first line
    {"type": "message", "role": "user" | "own" | "summary" | "assistant" | "result" | "system", …}
    {"type": "run", "language": …, "code": …, "output": …, "outcome": …, "shown": […], …}
    {"type": "picture", "id": …, "kind": …, "data": …}          base64, before the first record that names its id
    {"type": "rewind", "messages": N}                           the conversation goes on from its first N messages
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, assert_never

from oi_core.messages import (
    AssistantMessage,
    CodeBlock,
    Message,
    SummaryMessage,
    SystemMessage,
    ToolMessage,
    UserCodeMessage,
    UserMessage,
)
from oi_core.results import ExecutionResult, Outcome
from oi_core.saved.archive import About, Bundle, Run, SavedSession

FORMAT_VERSION: Final = 1
_DATA_URL: Final = re.compile(r"data:([^;,]+);base64,(.*)", re.DOTALL)
ROLES: Final = {UserMessage: "user", UserCodeMessage: "own", SummaryMessage: "summary"}
_LOST: Final = "data:,"
"""Stands for a picture whose record is damaged."""

Record: TypeAlias = dict[str, Any]  # Any: whatever JSON holds


def about_record(about: About) -> Record:
    """Return the first line."""
    return {
        "v": FORMAT_VERSION,
        "type": "session",
        "id": about.id,
        "title": about.title,
        "folder": about.folder,
        "model": about.model,
        "started": about.started.isoformat(timespec="seconds"),
    }


def read_about(record: Mapping[str, Any]) -> About:
    """Return what a first line says.

    Raises:
        ValueError: it is not one.
    """
    texts = {key: text_in(record, key) for key in ("id", "title", "folder", "model")}
    return About(**texts, started=datetime.fromisoformat(text_in(record, "started")).astimezone(UTC))


def all_records(saved: SavedSession, writer: RecordWriter) -> Iterator[Record]:
    """Yield every record of a session, the first line first."""
    yield about_record(saved.about)
    runs = deque(saved.runs)
    for index, message in enumerate(saved.messages):
        while runs and runs[0].position <= index:
            yield from writer.run(runs.popleft())
        yield from writer.message(message)
    for run in runs:
        yield from writer.run(run)


class RecordWriter:
    """Makes the records of one file; a picture that is in it already is named, not repeated."""

    def __init__(self) -> None:
        self._pictures: set[str] = set()

    def message(self, message: Message) -> Iterator[Record]:
        """Yield the records of a message, pictures first."""
        match message:
            case SystemMessage(text=text):
                yield {"type": "message", "role": "system", "text": text}
            case UserMessage(text=text, images=images):
                role = ROLES[type(message)]
                pictures = yield from self._urls(images)
                yield {"type": "message", "role": role, "text": text, **pictures}
            case AssistantMessage(text=text, blocks=blocks, reasoning=reasoning, state=state):
                more = {"reasoning": reasoning, "state": list(state)}
                calls = [{"call": b.call_id, "language": b.language, "code": b.code} for b in blocks]
                kept = {key: value for key, value in {"calls": calls, **more}.items() if value}
                yield {"type": "message", "role": "assistant", "text": text, **kept}
            case ToolMessage(call_id=call, text=text, images=images):
                pictures = yield from self._urls(images)
                yield {"type": "message", "role": "result", "call": call, "text": text, **pictures}
            case _:
                assert_never(message)

    def run(self, run: Run) -> Iterator[Record]:
        """Yield the records of a run, pictures first; those that went to the model stand in its message."""
        result = run.result
        shown = []
        for bundle in run.shown:
            values: Record = {}
            for kind, value in bundle.items():
                values[kind] = value if isinstance(value, str) else (yield from self._picture(kind, _encoded(value)))
            shown.append(values)
        yield {
            "type": "run",
            "call": result.block.call_id,
            "language": result.block.language,
            "code": result.block.code,
            "output": result.output,
            "outcome": result.outcome.value,
            "exit_status": result.exit_status,
            "note": result.note,
            "seconds": round(result.seconds, 3),
            "spool": result.spool,
            "shown": shown,
        }

    def rewind(self, count: int) -> Record:
        """Return the record after which the conversation goes on from its first ``count`` messages."""
        return {"type": "rewind", "messages": count}

    def _urls(self, urls: tuple[str, ...]) -> Generator[Record, None, Record]:
        images: list[object] = []
        for url in urls:
            parts = _DATA_URL.fullmatch(url)
            images.append((yield from self._picture(*parts.groups())) if parts else url)
        return {"images": images} if images else {}

    def _picture(self, kind: str, data: str) -> Generator[Record, None, Record]:
        name = hashlib.sha256(f"{kind},{data}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
        if name not in self._pictures:
            self._pictures.add(name)
            yield {"type": "picture", "id": name, "kind": kind, "data": data}
        return {"picture": name}


class RecordReader:
    """Reads the records of one file in order."""

    def __init__(self) -> None:
        self._pictures: dict[str, tuple[str, str]] = {}

    def picture(self, record: Mapping[str, Any]) -> None:
        """Remember a picture for the records that name it.

        Raises:
            ValueError: it is none.
        """
        self._pictures[text_in(record, "id")] = (text_in(record, "kind"), text_in(record, "data"))

    def message(self, record: Mapping[str, Any]) -> Message:
        """Return the message of a record.

        Raises:
            ValueError: it is none.
        """
        text = text_in(record, "text")
        match record.get("role"):
            case "system":
                return SystemMessage(text)
            case "user":
                return UserMessage(text, self._images(record))
            case "own":
                return UserCodeMessage(text, self._images(record))
            case "summary":
                return SummaryMessage(text, self._images(record))
            case "assistant":
                blocks = tuple(_block(call) for call in list_in(record, "calls"))
                state = tuple(_text(each) for each in list_in(record, "state"))
                return AssistantMessage(text, blocks, _text(record.get("reasoning", "")), state)
            case "result":
                return ToolMessage(text_in(record, "call"), text, self._images(record))
            case role:
                raise ValueError(f"no message has the role {role!r}")

    def run(self, record: Mapping[str, Any], position: int) -> Run:
        """Return the run of a record that stands behind ``position`` messages.

        Raises:
            ValueError: it is none.
        """
        status, seconds = record.get("exit_status"), record.get("seconds", 0.0)
        if not isinstance(status, int | None) or not isinstance(seconds, int | float):
            raise ValueError("a run's status and seconds are numbers")
        result = ExecutionResult(
            _block(record),
            text_in(record, "output"),
            Outcome(text_in(record, "outcome")),
            status,
            _text(record.get("note", "")),
            float(seconds),
            _text(record.get("spool", "")),
        )
        return Run(result, position, tuple(self._bundle(values) for values in list_in(record, "shown")))

    def _images(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        urls = [self._url(image) for image in list_in(record, "images")]
        return tuple(url for url in urls if url != _LOST)

    def _url(self, image: object) -> str:
        if isinstance(image, str):
            return image
        kind, data = self._pictures.get(_name(image), ("", ""))
        return f"data:{kind};base64,{data}" if kind else _LOST

    def _bundle(self, values: object) -> Bundle:
        if not isinstance(values, Mapping):
            raise ValueError("a displayed value is an object")
        return {str(kind): self._value(value) for kind, value in values.items()}

    def _value(self, value: object) -> str | bytes:
        if isinstance(value, str):
            return value
        _, data = self._pictures.get(_name(value), ("", ""))
        return _decoded(data)


def text_in(record: Mapping[str, Any], key: str) -> str:
    """Return the text under a key.

    Raises:
        ValueError: there is none.
    """
    return _text(record.get(key))


def list_in(record: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list under a key, an empty one where there is none.

    Raises:
        ValueError: it is something else.
    """
    value = record.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{key} is no list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text was expected, found {type(value).__name__}")
    return value


def _block(record: object) -> CodeBlock:
    if not isinstance(record, Mapping):
        raise ValueError("a call is an object")
    return CodeBlock(text_in(record, "call"), text_in(record, "language"), text_in(record, "code"))


def _name(reference: object) -> str:
    if not isinstance(reference, Mapping):
        raise ValueError("a picture is text, or an object that names it")
    return text_in(reference, "picture")


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return b""
