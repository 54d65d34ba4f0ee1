"""Server-sent events as real servers send them: bytes in, one JSON object per event out."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any

DONE = "[DONE]"


class NotAnEvent(Exception):
    """The server sent something that is neither an event nor JSON; the text is its beginning."""


class EventReader:
    """Yields the objects of an event stream; ``done`` is true once the stream said ``[DONE]``.

    Comments are passed over. A last event without its empty line counts, objects on bare lines count, and so do
    several ``data`` lines in one event that are an object each: servers have been seen to do all of these.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.done = False

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield one object after the other until ``[DONE]`` or the end.

        Raises:
            NotAnEvent: a web page, or anything else that is no event.
        """
        data: list[str] = []
        kind = ""
        for line in _lines(self._pieces):
            if not line:
                yield from self._objects(data, kind)
                data, kind = [], ""
            elif line[0] in "{[":
                data.append(line)
            elif line[0] == "<":
                raise NotAnEvent(line)
            else:
                field, _, value = line.partition(":")
                if field == "data":
                    data.append(value.removeprefix(" "))
                elif field == "event":
                    kind = value.strip()
            if self.done:
                return
        yield from self._objects(data, kind)

    def _objects(self, data: list[str], kind: str) -> Iterator[dict[str, Any]]:
        for text in _documents(data):
            if text == DONE:
                self.done = True
                return
            value = _parsed(text)
            if not isinstance(value, dict):
                raise NotAnEvent(text)
            yield {"error": value} if kind == "error" and "error" not in value else value


def _documents(data: list[str]) -> list[str]:
    """Return the texts that are a document each: all lines together, as the standard says, or line by line."""
    lines = [line for line in data if line.strip()]
    whole = "\n".join(lines).strip()
    if len(lines) < 2 or _parsed(whole) is not None:
        return [whole] if whole else []
    return [line.strip() for line in lines]


def _parsed(text: str) -> Any:  # whatever the JSON holds; None when it is none
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of the bytes, however they are cut; a line is decoded whole, so no character is cut."""
    parts: list[bytes] = []
    for piece in _without_mark(pieces):
        *complete, rest = piece.split(b"\n")
        for end in complete:
            parts.append(end)
            yield from _decoded(parts)
            parts.clear()
        if rest:
            parts.append(rest)
    if parts:
        yield from _decoded(parts)


def _without_mark(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes less a byte order mark at their beginning, which some servers on Windows write."""
    beginning = b""
    for piece in pieces:
        if len(beginning) >= len(codecs.BOM_UTF8):
            yield piece
            continue
        beginning += piece
        if len(beginning) >= len(codecs.BOM_UTF8):
            yield beginning.removeprefix(codecs.BOM_UTF8)
    if 0 < len(beginning) < len(codecs.BOM_UTF8):
        yield beginning


def _decoded(parts: list[bytes]) -> list[str]:
    line = b"".join(parts).decode(errors="replace")
    return line.removesuffix("\r").split("\r")
