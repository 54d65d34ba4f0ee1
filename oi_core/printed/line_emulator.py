"""What a program prints, played on a virtual screen of a few lines: a progress bar is one line and not a thousand."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Final

from oi_core.printed.graphic_rendition import rendered, rendition
from oi_core.printed.untrusted_text import CONTROL, ESCAPE_SEQUENCE, UNFINISHED_SEQUENCE

COLUMN_LIMIT: Final = 4096
"""The furthest column a cursor movement reaches; a larger number would only ask for memory."""


class _Line:
    """One line of the virtual screen; long appends stay whole, and only a line that is written over is taken apart."""

    __slots__ = ("_by_character", "_pieces", "length")

    def __init__(self) -> None:
        self._pieces: list[tuple[str, str]] = []
        self._by_character = False
        self.length = 0

    def write(self, column: int, text: str, style: str) -> None:
        if column > self.length:
            self._append(" " * (column - self.length), "")
        if column == self.length:
            self._append(text, style)
            return
        self._take_apart()
        self._pieces[column : column + len(text)] = [(character, style) for character in text]
        self.length = len(self._pieces)

    def erase(self, start: int, end: int | None = None) -> None:
        """Blank the columns from ``start`` to ``end``; without an end, cut the line."""
        self._take_apart()
        if end is None or end >= self.length:
            del self._pieces[start:]
        else:
            self._pieces[start:end] = [(" ", "")] * (end - start)
        self.length = len(self._pieces)

    def _append(self, text: str, style: str) -> None:
        if self._by_character:
            self._pieces.extend((character, style) for character in text)
        else:
            self._pieces.append((text, style))
        self.length += len(text)

    def _take_apart(self) -> None:
        if not self._by_character:
            self._pieces = [(character, style) for text, style in self._pieces for character in text]
            self._by_character = True

    def __str__(self) -> str:
        runs = groupby(self._pieces, key=itemgetter(1))
        return "".join(rendered("".join(text for text, _style in run), style) for style, run in runs)


class LineEmulator:
    """Turns what a program prints into plain lines, piece by piece: any split of the same text gives the same lines.

    ``reach`` is how many lines above the cursor's stay open, so that a program may go up and change them. Carriage
    return, backspace, cursor movement and erasing work on the open lines; everything else an escape
    sequence could ask for is dropped. Columns count characters, not cells. Lines come out as they are otherwise:
    neutralise them before showing them.

    With ``colours``, lines come out with the renditions that programs may have, each piece of them closed; see
    :mod:`oi_core.printed.graphic_rendition`.
    """

    def __init__(self, reach: int = 0, *, colours: bool = False) -> None:
        self._reach = reach
        self._colours = colours
        self._style = ""
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
            found = CONTROL.search(text, position)
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

    def finish(self, *, is_cut: bool = False) -> list[str]:
        """End the output: return all lines that are left, without an empty one at the end.

        Of output that ``is_cut`` the rest is left out elsewhere: an escape sequence that it ends in is left out whole.
        """
        held, self._held = self._held, ""
        if held and held != "\r" and not is_cut:
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
        self._done.extend(rendered(text, self._style) for text in lines[: len(lines) - len(kept)])
        for text in kept:
            self._lines.append(_Line())
            self._lines[-1].write(0, text, self._style)
        self._row = len(self._lines) - 1
        self._column = self._lines[-1].length

    def _put(self, text: str) -> None:
        if text:
            self._lines[self._row].write(self._column, text, self._style)
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
        if whole := ESCAPE_SEQUENCE.match(text, start):
            if final := whole["final"]:
                self._control_sequence(final, whole["parameters"])
            elif whole["short"] == "M":
                self._move_rows(-1)
            elif whole["short"] == "c":
                self._new_page()
            return whole.end() - start
        if UNFINISHED_SEQUENCE.fullmatch(text, start):
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
            case "m" if self._colours:
                self._style = rendition(self._style, parameters)
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


def plain_lines(text: str, *, is_cut: bool = False) -> list[str]:
    """Return the lines that ``text``, printed by a program, leaves on a screen; see :meth:`LineEmulator.finish`."""
    emulator = LineEmulator(reach=50)
    return emulator.feed(text) + emulator.finish(is_cut=is_cut)
