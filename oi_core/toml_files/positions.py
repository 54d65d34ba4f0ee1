"""Where each key of a TOML document stands: line, column and width, for messages that point at it.

``tomllib`` gives values without positions and tomlkit, the well-kept library that keeps a document's layout, does not
say where its items stand; hence this scanner. It reads documents that ``tomllib`` has accepted, so it checks nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of tables and indices of arrays."""

DEPTH_LIMIT = 32
"""Parts a path may have; what lies deeper has no place of its own. Without a bound a megabyte of brackets would make
paths of gigabytes."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|(?!""")[^\\])*"{3,5}'
    r"|'''(?:(?!''').)*'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_OTHER_SCALAR = re.compile(r"[^\n,\]}#]*")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BLANK_OR_COMMA = re.compile(r"(?:[ \t\n,]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text: line and column counted from 1, the column and ``width`` in characters."""

    line: int
    column: int
    width: int = 1


def key_positions(text: str) -> dict[KeyPath, Position]:
    r"""Return where every key of ``text`` is first written, and where every element of an array begins.

    ``text`` is a document that ``tomllib`` accepts, with ``\n`` as its only line end. A key of a dotted name or of a
    table's header stands where its own part begins; element 2 of ``a`` has the path ``("a", 2)``.
    """
    return _Scanner(text).document()


class _Scanner:
    """One pass over a document."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._found: dict[KeyPath, Position] = {}
        self._tables_in: dict[KeyPath, int] = {}  # an array of tables → how many [[headers]] it has had so far

    def document(self) -> dict[KeyPath, Position]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            before = self._at
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._value(self._key(table))
            self._skip(_BLANK)
            if self._at == before:
                break  # not TOML after all: better a few positions than a loop without end
        return self._found

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _header(self) -> KeyPath:
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        self._skip(_SPACE)
        start = self._at
        path = self._key((), opens_table=True)
        if brackets == 2:
            index = self._tables_in.get(path, 0)
            self._tables_in[path] = index + 1
            path = (*path, index)
            self._record(path, start, start + len(self._text[start : self._at].rstrip()))
        self._at += brackets
        return path

    def _key(self, table: KeyPath, *, opens_table: bool = False) -> KeyPath:
        """Read a key, dotted or not, and the equals sign after it unless it stands in a header."""
        path = table
        while True:
            self._skip(_SPACE)
            if path in self._tables_in:  # [a.b] after [[a]] means b of the last a
                path = (*path, self._tables_in[path] - 1)
            match = _STRING.match(self._text, self._at) or _BARE_KEY.match(self._text, self._at)
            if match is None:
                return path
            path = _below(path, _unquoted(match.group()))
            self._record(path, *match.span())
            self._at = match.end()
            self._skip(_SPACE)
            if not self._text.startswith(".", self._at):
                break
            self._at += 1
        if not opens_table:
            self._at += 1
            self._skip(_SPACE)
        return path

    def _value(self, path: KeyPath) -> None:
        """Read a value and everything in it; the open brackets are a list of our own, so that depth costs no stack."""
        containers: list[tuple[KeyPath, str]] = []
        sizes: list[int] = []
        position: KeyPath | None = path
        while position is not None and self._at < len(self._text):
            opening = self._text[self._at]
            if opening in "[{":
                containers.append((position, opening))
                sizes.append(0)
                self._at += 1
            else:
                self._scalar()
            position = self._next_in(containers, sizes)

    def _next_in(self, containers: list[tuple[KeyPath, str]], sizes: list[int]) -> KeyPath | None:
        """Go to the next value inside the open containers and return its path, or None when all of them are closed."""
        while containers and self._at < len(self._text):
            self._skip(_BLANK_OR_COMMA)
            if self._text[self._at : self._at + 1] in ("]", "}"):
                containers.pop()
                sizes.pop()
                self._at += 1
                continue
            path, opening = containers[-1]
            if opening == "{":
                before = self._at
                key = self._key(path)
                return key if self._at > before else None
            element = _below(path, sizes[-1])
            sizes[-1] += 1
            self._record(element, self._at, self._at + 1)
            return element
        return None

    def _scalar(self) -> None:
        match = _STRING.match(self._text, self._at) or _OTHER_SCALAR.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _record(self, path: KeyPath, start: int, end: int) -> None:
        if path not in self._found:
            line = bisect_right(self._line_starts, start)
            self._found[path] = Position(line, start - self._line_starts[line - 1] + 1, end - start)


def _below(path: KeyPath, part: str | int) -> KeyPath:
    return (*path, part) if len(path) < DEPTH_LIMIT else path


def _unquoted(written: str) -> str:
    """Return the key that is written so; tomllib knows the escapes."""
    import tomllib

    if written[0] not in "\"'":
        return written
    return next(iter(tomllib.loads(f"{written} = 0")))
