"""Searching saved sessions: the lines of messages, code and output that hold a text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.printed.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES_A_SESSION = 3
_STANDS_AS_IT_IS = re.compile(r"[ !#-\[\]-~]+")
"""Text that JSON writes without escapes: ASCII but for quotes, backslashes and controls."""
BEFORE = 30
"""Characters of a long line that are shown before what was found."""
PLACES = {
    ("message", "user"): "you",
    ("message", "own"): "you",
    ("message", "summary"): "summary",
    ("message", "assistant"): "answer",
    ("run", ""): "output",
}


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line that holds the text, and whose it is: you, answer, code, output or summary."""

    where: str
    line: str

    def around(self, text: str, width: int) -> str:
        """Return the line, or of a long one the part with the text, harmless to show."""
        place = self.line.lower().find(text.lower())
        if len(self.line) <= width or place <= BEFORE:
            return neutralise_line(self.line)
        return f"…{neutralise_line(self.line[place - BEFORE :])}"

    def record(self) -> dict[str, str]:
        """Return it for JSON."""
        return {"where": self.where, "line": self.line}


def lines_with(path: Path, text: str, most: int = LINES_A_SESSION) -> list[FoundLine]:
    """Return the first lines of a session's file that hold ``text``, in any case."""
    wanted = text.lower()
    as_stored = wanted.encode() if _STANDS_AS_IT_IS.fullmatch(wanted) else b""
    found: list[FoundLine] = []
    try:
        with path.open("rb") as file:
            for raw in file:
                if as_stored not in raw.lower():  # most lines need not be parsed
                    continue
                found += [line for line in _lines(raw) if wanted in line.line.lower() and line not in found]
                if len(found) >= most:
                    break
    except OSError:  # removed meanwhile
        return []
    return found[:most]


def _lines(raw: bytes) -> Iterator[FoundLine]:
    if raw.startswith(b'{"type":"picture"'):
        return
    try:
        record = json.loads(raw)
        texts = list(_texts(record)) if isinstance(record, dict) else []
    except (ValueError, TypeError, AttributeError, RecursionError):  # a damaged line
        return
    for where, text in texts:
        for line in text.splitlines():
            yield FoundLine(where, line.strip())


def _texts(record: dict[str, object]) -> Iterator[tuple[str, str]]:
    where = PLACES.get((str(record.get("type")), str(record.get("role", ""))))
    if where is None:
        return
    for key, place in (("text", where), ("code", "code"), ("output", where)):
        value = record.get(key)
        if isinstance(value, str):
            yield place, value
    if where == "answer" and isinstance(calls := record.get("calls"), list):
        for call in calls:
            if isinstance(call, dict) and isinstance(call.get("code"), str):
                yield "code", call["code"]
