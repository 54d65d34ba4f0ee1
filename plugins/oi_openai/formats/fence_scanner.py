"""Markdown's fenced code blocks found in text that is still arriving, as CommonMark 0.31 defines them (section 4.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

LONGEST_MARK = 300
"""A line that may open or close a fence is held back until its end; a longer one does neither."""
_OPENING = re.compile(r"( {0,3})(`{3,}|~{3,})([^\n]*)\n?")
_MAYBE_OPENING = re.compile(r" {0,3}(`{0,2}|~{0,2}|`{3,}[^`\n]*|~{3,}[^\n]*)")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(r"[\w+#.-]+")


@dataclass(frozen=True, slots=True)
class Prose:
    """Text outside fences, as it stands."""

    raw: str


@dataclass(frozen=True, slots=True)
class FenceOpened:
    """The line that opens a fence; ``words`` are those behind the marks, in lower case."""

    raw: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FencedText:
    """A piece of what stands inside a fence: ``text`` is without the indentation of the fence."""

    raw: str
    text: str


@dataclass(frozen=True, slots=True)
class FenceClosed:
    """The line that closes a fence."""

    raw: str


Segment: TypeAlias = Prose | FenceOpened | FencedText | FenceClosed


class FenceScanner:
    """Reads Markdown in fragments cut anywhere. The ``raw`` texts of the segments joined are the text that was fed.

    A fence that is still open at the end gets no ``FenceClosed``. Fences inside quotes and lists are found as far as
    they are indented by at most three blanks.
    """

    def __init__(self) -> None:
        self._line = ""
        self._line_has_begun = False
        self._marks = ""
        self._indent = 0

    def feed(self, fragment: str) -> Iterator[Segment]:
        """Yield the segments that a fragment makes certain."""
        for piece in _LINES.findall(fragment):
            yield from self._piece(piece)

    def finish(self) -> Iterator[Segment]:
        """Yield the rest."""
        line, self._line = self._line, ""
        if not line:
            return
        if not self._marks:
            yield Prose(line)
        elif self._closes(line):
            self._marks = ""
            yield FenceClosed(line)
        else:
            yield self._inside(line)

    def _piece(self, piece: str) -> Iterator[Segment]:
        """Take a piece of one line, which may be the end of it."""
        self._line += piece
        if self._line.endswith("\n"):
            line, self._line = self._line, ""
            begun, self._line_has_begun = self._line_has_begun, False
            yield self._rest(line) if begun else self._whole(line)
        elif self._line and (self._line_has_begun or not self._could_matter()):
            line, self._line = self._line, ""
            begun, self._line_has_begun = self._line_has_begun, True
            yield self._rest(line) if begun or not self._marks else self._inside(line)

    def _rest(self, text: str) -> Segment:
        return FencedText(text, text) if self._marks else Prose(text)

    def _whole(self, line: str) -> Segment:
        """Return what a line that was held back whole is."""
        if len(line) > LONGEST_MARK + 1:
            return self._inside(line) if self._marks else Prose(line)
        if self._marks:
            if self._closes(line):
                self._marks = ""
                return FenceClosed(line)
            return self._inside(line)
        opening = _OPENING.fullmatch(line)
        if opening is None or (opening[2][0] == "`" and "`" in opening[3]):
            return Prose(line)
        self._indent, self._marks = len(opening[1]), opening[2]
        return FenceOpened(line, tuple(_WORD.findall(opening[3].lower())))

    def _inside(self, line: str) -> FencedText:
        blanks = len(line) - len(line.lstrip(" "))
        return FencedText(line, line[min(blanks, self._indent) :])

    def _closes(self, line: str) -> bool:
        stripped = line.rstrip(" \t\r\n")
        marks = stripped.lstrip(" ")
        return len(stripped) - len(marks) <= 3 and len(marks) >= len(self._marks) and not marks.strip(self._marks[0])

    def _could_matter(self) -> bool:
        """Whether the beginning of a line may still become one that opens or closes a fence."""
        if len(self._line) > LONGEST_MARK:
            return False
        if not self._marks:
            return _MAYBE_OPENING.fullmatch(self._line) is not None
        marks = self._line.lstrip(" ")
        if len(self._line) - len(marks) > 3:
            return False
        rest = marks.lstrip(self._marks[0])
        return not rest.strip(" \t\r") and (not rest or len(marks) - len(rest) >= len(self._marks))


def fenced(word: str, code: str) -> str:
    """Return code as a fence that it cannot close."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{word}\n{code}{'' if code.endswith(chr(10)) or not code else chr(10)}{marks}"
