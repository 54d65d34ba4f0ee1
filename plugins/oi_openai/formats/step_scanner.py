"""The JSON of one step, ``{"text": …, "language": …, "code": …}``, read while it arrives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BLANK = re.compile(r"[ \t\r\n]*")
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_WHOLE_ESCAPES = re.compile(r'(?:[^"\\]+|\\u[0-9a-fA-F]{4}|\\[^u])+', re.DOTALL)
_SCALAR = re.compile(r"[^\s,}\]\"{\[]+")
_INCOMPLETE_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the string that ``key`` has, as it stands in the JSON; escapes are never cut."""

    key: str
    raw: str


class NotAStep(Exception):
    """The text is not the JSON of a flat object of strings."""


class StepScanner:
    """Reads an object's strings in fragments cut anywhere; ``complete`` says that the object is closed.

    Numbers and the like are passed over. What follows the object stays in :attr:`rest`.
    """

    def __init__(self) -> None:
        self.complete = False
        self._text = ""
        self._at = 0
        self._key: str | None = None
        self._in_string = False
        self._reader = self._object()

    @property
    def rest(self) -> str:
        """What has been fed and not been read: the text behind a closed object."""
        return self._text[self._at :]

    def feed(self, fragment: str) -> Iterator[Piece]:
        """Yield the pieces of strings that a fragment completes.

        Raises:
            NotAStep: the text is something else, or gives a key twice; :attr:`rest` begins where that shows.
        """
        self._text, self._at = self.rest + fragment, 0
        if self.complete:
            return
        for piece in self._reader:
            if piece is None:
                return
            yield piece
        self.complete = True

    # The readers below yield pieces, and None when they need more text.

    def _object(self) -> Iterator[Piece | None]:
        keys: set[str] = set()
        yield from self._expect("{")
        yield from self._blank()
        if self._text[self._at] == "}":
            self._at += 1
            return
        while True:
            key = decoded((yield from self._match(_KEY)))
            if key in keys:
                raise NotAStep
            keys.add(key)
            yield from self._expect(":")
            yield from self._value(key)
            yield from self._blank()
            follows = self._text[self._at]
            self._at += 1
            if follows == "}":
                return
            if follows != ",":
                raise NotAStep

    def _value(self, key: str) -> Any:  # a generator that returns nothing
        yield from self._blank()
        if self._text[self._at] != '"':
            yield from self._match(_SCALAR, whole=False)
            return
        self._at += 1
        while True:
            match = _WHOLE_ESCAPES.match(self._text, self._at)
            if match is not None:
                self._at = match.end()
                yield Piece(key, match[0])
            elif self._at < len(self._text) and self._text[self._at] == '"':
                self._at += 1
                return
            elif _INCOMPLETE_ESCAPE.fullmatch(self._text, self._at) or self._at == len(self._text):
                yield None
            else:
                raise NotAStep

    def _blank(self) -> Any:  # a generator that returns nothing
        while True:
            match = _BLANK.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return
            yield None

    def _expect(self, sign: str) -> Any:  # a generator that returns nothing
        yield from self._blank()
        if self._text[self._at] != sign:
            raise NotAStep
        self._at += 1

    def _match(self, pattern: re.Pattern[str], *, whole: bool = True) -> Any:  # a generator that returns a str
        yield from self._blank()
        while True:
            match = pattern.match(self._text, self._at)
            if match is not None and (whole or match.end() < len(self._text)):
                self._at = match.end()
                return match[pattern.groups]
            if match is None and self._text[self._at] != '"':
                raise NotAStep
            yield None


def decoded(raw: str) -> str:
    """Return the text that the inside of a JSON string stands for; one with a wrong escape as it is."""
    try:
        value = json.loads(f'"{raw}"', strict=False)
    except ValueError:
        return raw
    return str(value)
