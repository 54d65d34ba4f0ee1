"""What strangers' text may do on a terminal, nothing: escapes taken out, controls made visible, lines resolved.

Three steps for three needs. :func:`neutralise` makes any string harmless and keeps what it holds visible.
:func:`strip_escapes` takes complete escape sequences out of text meant for a model. :class:`LineEmulator` plays what a
program prints on a virtual screen of a few lines, so that a progress bar is one line and not a thousand.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

STRING_LIMIT: Final = 1 << 16
"""Characters an operating system command may have; a longer one is taken for text, so that nothing is swallowed."""
COLUMN_LIMIT: Final = 4096
"""The furthest column a cursor movement reaches; a larger number would only ask for memory."""

_ESCAPE: Final = re.compile(
    r"(?:\x1b\[|\x9b)(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"  # control sequence
    rf"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x18\x1a\n]{{0,{STRING_LIMIT}}}(?:\x07|\x1b\\|\x9c|\x18|\x1a)"  # system command
    rf"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c\x18\x1a]{{0,{STRING_LIMIT}}}(?:\x1b\\|\x9c|\x18|\x1a)"  # strings
    r"|\x1b(?P<short>[ -/]*[0-OQ-WYZ\\`-~])"  # two or three characters
)
_UNFINISHED: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*"
    rf"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x18\x1a\n]{{0,{STRING_LIMIT}}}\x1b?"
    rf"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c\x18\x1a]{{0,{STRING_LIMIT}}}\x1b?"
    r"|\x1b[ -/]*"
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NOT_PLAIN: Final = re.compile(r"[^\x20-\x7e\n\t]+")
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks by category that are drawn as nothing: they can hide a difference between two names."""


def neutralise(text: str) -> str:
    """Return ``text`` with everything a terminal would act on, or not show, written out visibly.

    Printable characters, spaces of any width, newlines and tabs stay. A control character becomes its picture (``␛``),
    anything else its number (``U+202E`` in angle quotes). Works character by character: neutralising pieces gives the
    same as neutralising the whole.
    """
    return _NOT_PLAIN.sub(lambda run: "".join(map(_visible, run.group())), text)


def neutralise_line(text: str) -> str:
    """Return ``text`` harmless and on one line: newlines and tabs are made visible too."""
    return neutralise(text).replace("\n", "␊").replace("\t", "␉")


def _visible(character: str) -> str:
    if character.isprintable():
        hidden = character in _INVISIBLE or "\U000e0100" <= character <= "\U000e01ef"
    else:
        hidden = unicodedata.category(character) != "Zs"
    if not hidden:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\u2039U+{code:04X}\u203a"


def strip_escapes(text: str) -> str:
    """Return ``text`` without its complete escape sequences; what is left of a cut one stays."""
    return _ESCAPE.sub("", text) if _CONTROL.search(text) else text


class _Line:
    """One line of the virtual screen; long appends stay whole, and only a line that is written over is taken apart."""

    __slots__ = ("_by_character", "_cells", "length")

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._by_character = False
        self.length = 0

    def write(self, column: int, text: str) -> None:
        if column >= self.length:
            self._append(" " * (column - self.length) + text)
            return
        self._take_apart()
        self._cells[column : column + len(text)] = text
        self.length = len(self._cells)

    def erase(self, start: int, end: int | None = None) -> None:
        """Blank the columns from ``start`` to ``end``; without an end, cut the line."""
        self._take_apart()
        if end is None or end >= self.length:
            del self._cells[start:]
        else:
            self._cells[start:end] = " " * (end - start)
        self.length = len(self._cells)

    def _append(self, text: str) -> None:
        if self._by_character:
            self._cells.extend(text)
        else:
            self._cells.append(text)
        self.length += len(text)

    def _take_apart(self) -> None:
        if not self._by_character:
            self._cells = list("".join(self._cells))
            self._by_character = True

    def __str__(self) -> str:
        return "".join(self._cells)


class LineEmulator:
    """Turns what a program prints into plain lines, piece by piece: any split of the same text gives the same lines.

    ``reach`` is how many lines above the cursor's stay open, so that a program may go up and change them. Carriage
    return, backspace, cursor movement and erasing work on the open lines; colours and everything else an escape
    sequence could ask for is dropped. Columns count characters, not cells. Lines come out as they are otherwise:
    neutralise them before showing them.
    """

    def __init__(self, reach: int = 0) -> None:
        self._reach = reach
        self._lines = [_Line()]
        self._row = 0
        self._column = 0
        self._held = ""
        self._done: list[str] = []

    @property
    def open_lines(self) -> list[str]:
        """The lines that can still change, the last one being empty when the output ended in a newline."""
        return [str(line) for line in self._lines]

    def feed(self, text: str) -> list[str]:
        """Take the next piece of output; return the lines that can no longer change."""
        text = (self._held + text).replace("\r\n", "\n")
        self._held = ""
        position = 0
        while position < len(text):
            found = _CONTROL.search(text, position)
            self._write_plain(text[position : found.start() if found else len(text)])
            if found is None:
                break
            consumed = self._act(text, found.start())
            if not consumed:
                self._held = text[found.start() :]
                break
            position = found.start() + consumed
        done, self._done = self._done, []
        return done

    def finish(self) -> list[str]:
        """End the output: return all lines that are left, without an empty one at the end."""
        held, self._held = self._held, ""
        if held and held != "\r":
            self._write_plain(held)
        lines = self._done + self.open_lines
        self._done, self._lines, self._row, self._column = [], [_Line()], 0, 0
        return lines if lines[-1] else lines[:-1]

    def _write_plain(self, text: str) -> None:
        """Write text without controls but newlines; whole lines at the bottom of the screen take the short way."""
        first, *others = text.split("\n")
        self._put(first)
        if others and self._row == len(self._lines) - 1:
            self._scroll(others)
            return
        for line in others:
            self._next_line()
            self._put(line)

    def _scroll(self, lines: list[str]) -> None:
        kept = lines[-(self._reach + 1) :]
        excess = len(self._lines) + len(kept) - (self._reach + 1)
        if excess > 0:
            self._done.extend(str(line) for line in self._lines[:excess])
            del self._lines[:excess]
        self._done.extend(lines[: len(lines) - len(kept)])
        for text in kept:
            self._lines.append(_Line())
            self._lines[-1].write(0, text)
        self._row = len(self._lines) - 1
        self._column = self._lines[-1].length

    def _put(self, text: str) -> None:
        if text:
            self._lines[self._row].write(self._column, text)
            self._column += len(text)

    def _next_line(self) -> None:
        if self._row == len(self._lines) - 1:
            self._scroll([""])
        else:
            self._row += 1
        self._column = 0

    def _act(self, text: str, start: int) -> int:
        """Obey the control at ``start``; return how many characters it has, 0 when more must come first."""
        match text[start]:
            case "\r":
                if start + 1 == len(text):
                    return 0
                self._column = 0
            case "\b":
                self._column = max(0, self._column - 1)
            case "\x07":
                pass
            case "\x0b" | "\x0c":
                self._next_line()
            case "\x1b" | "\x90" | "\x98" | "\x9b" | "\x9d" | "\x9e" | "\x9f":
                return self._escape(text, start)
            case other:
                self._put(other)
        return 1

    def _escape(self, text: str, start: int) -> int:
        if whole := _ESCAPE.match(text, start):
            if final := whole["final"]:
                self._control_sequence(final, whole["parameters"])
            elif whole["short"] == "M":
                self._move_rows(-1)
            elif whole["short"] == "c":
                self._new_page()
            return whole.end() - start
        if _UNFINISHED.fullmatch(text, start):
            return 0
        self._put(text[start])
        return 1

    def _control_sequence(self, final: str, parameters: str) -> None:
        first = parameters.split(";")[0]
        number = min(int(first), COLUMN_LIMIT) if first.isascii() and first.isdigit() else None
        count = max(1, number or 1)
        match final:
            case "A" | "F":
                self._move_rows(-count)
            case "B" | "E":
                self._move_rows(count)
            case "C":
                self._column = min(self._column + count, max(self._column, COLUMN_LIMIT))
            case "D":
                self._column = max(0, self._column - count)
            case "G" | "`":
                self._column = count - 1
            case "K":
                self._erase_in_line(number or 0)
            case "J" if number in (2, 3):
                self._new_page()
            case "J" if not number:
                self._lines[self._row].erase(self._column)
                del self._lines[self._row + 1 :]
            case "H" | "f":
                self._new_page()
            case _:
                return
        if final in "EF":
            self._column = 0

    def _erase_in_line(self, mode: int) -> None:
        if mode == 0:
            self._lines[self._row].erase(self._column)
        elif mode == 1:
            self._lines[self._row].erase(0, self._column + 1)
        else:
            self._lines[self._row].erase(0)

    def _move_rows(self, rows: int) -> None:
        wanted = min(max(0, self._row + rows), self._reach)
        while len(self._lines) <= wanted:
            self._lines.append(_Line())
        self._row = wanted

    def _new_page(self) -> None:
        """Start again below when a program clears the screen or goes home: nothing it printed is lost."""
        self._row = len(self._lines) - 1
        if self._lines[-1].length:
            self._scroll([""])
        self._column = 0
        self._done.extend(str(line) for line in self._lines[:-1])
        self._lines, self._row = [_Line()], 0


def plain_lines(text: str) -> list[str]:
    """Return the lines that ``text``, printed by a program, leaves on a screen."""
    emulator = LineEmulator(reach=50)
    return emulator.feed(text) + emulator.finish()
