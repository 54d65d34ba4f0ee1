"""What a block printed, as plain text that the model is told: head and tail by tokens, the whole in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from oi_core.printed.bounded_text import BoundedText
from oi_core.printed.line_emulator import plain_lines
from oi_core.printed.untrusted_text import ESCAPE_SEQUENCE, STRING_LIMIT
from oi_core.surrogates import mend

if TYPE_CHECKING:
    from collections.abc import Callable

    from oi_core.printed.spool import Spool

RAW_PER_UNIT = 16
"""Raw characters that are kept for each token wanted: a token has some four, and colours and redrawn lines leave less
text than they take."""
LINE_SHARE = 5
"""A line that was cut is left out whole where that is no more than such a part of what is kept."""
NOTICE_TOKENS = 64
"""About what the line takes that stands for what is left out."""


class Measure(Protocol):
    """Measures texts in a unit of which no text has more than it has bytes."""

    def count(self, text: str) -> int:
        """Return how many units the text has."""
        ...

    def head(self, text: str, limit: int) -> str:
        """Return about as much of the text's beginning as has at most ``limit`` units."""
        ...

    def tail(self, text: str, limit: int) -> str:
        """Return about as much of the text's end as has at most ``limit`` units."""
        ...


class Characters:
    """Measures in characters."""

    def count(self, text: str) -> int:
        """Return the number of characters."""
        return len(text)

    def head(self, text: str, limit: int) -> str:
        """Return the first characters."""
        return text[: max(0, limit)]

    def tail(self, text: str, limit: int) -> str:
        """Return the last characters."""
        return text[-limit:] if limit > 0 else ""


@dataclass(frozen=True, slots=True)
class OutputBound:
    """How much of an output is told: at most ``limit`` units of a measure; 0 is no limit.

    ``measure`` makes the measure; it is called only when an output has more bytes than ``limit``. ``unit`` is what its
    units are called.
    """

    limit: int = 0
    measure: Callable[[], Measure] = Characters
    unit: str = "characters"


@dataclass(frozen=True, slots=True)
class _Missing:
    """How much of an output was dropped."""

    characters: int = 0
    lines: int = 0

    def besides(self, plain: str, kept: str) -> _Missing:
        """Return what is missing where of a plain text besides only a part is kept."""
        characters = self.characters + len(plain) - len(kept)
        return _Missing(characters, self.lines + plain.count("\n") - kept.count("\n"))


class BoundedOutput:
    """What a program printed, as plain text of bounded length: escapes taken out, overwritten lines resolved.

    While it streams, as much of its head and tail is kept as may be needed, in constant memory; only what is kept is
    made plain and measured, at the end: a flood costs no more than counting it. As soon as something must be left out,
    the whole goes to a spool that ``new_spool`` makes, as it was printed.
    """

    def __init__(self, bound: OutputBound, new_spool: Callable[[], Spool] | None = None) -> None:
        self._bound = bound
        # An escape sequence that the tail would begin in the middle of, begins in what is kept before it.
        self._raw = BoundedText(bound.limit * RAW_PER_UNIT, before_tail=STRING_LIMIT)
        self._room = bound.limit * RAW_PER_UNIT + STRING_LIMIT
        self._new_spool = new_spool
        self.spool: Spool | None = None

    def add(self, text: str) -> None:
        """Take the next piece of output."""
        self._room -= len(text)
        if self.spool is not None:
            self.spool.write(text)
        elif self._bound.limit and self._room < 0 and self._new_spool is not None:
            self._open_spool(self._new_spool()).write(text)
        self._raw.add(text)

    def _open_spool(self, spool: Spool) -> Spool:
        self.spool = spool
        spool.write(self._raw.head + self._raw.tail)
        return spool

    def text(self) -> str:
        """Return the output, or its head and tail with a line between them that counts what was left out.

        That line names the file with the whole, or says why there is none. Ends the spool.
        """
        raw, limit = self._raw, self._bound.limit
        if not raw.dropped_characters:
            plain = plain_text(raw.head + raw.tail)
            if not limit or _bytes(plain) <= limit or self._bound.measure().count(plain) <= limit:
                return plain
            return self._head_and_tail(plain, None, _Missing())
        start = _start_of_tail(raw.tail)
        before = raw.tail[:start]
        missing = _Missing(raw.dropped_characters + start, raw.dropped_lines + before.count("\n"))
        return self._head_and_tail(plain_text(raw.head, is_cut=True), plain_text(raw.tail[start:]), missing)

    def _head_and_tail(self, head: str, tail: str | None, missing: _Missing) -> str:
        """Cut a head, and a tail with something missing before it; without one, the end of the head is the tail."""
        measure, limit = self._bound.measure(), self._bound.limit
        room = max(limit // 2, limit - NOTICE_TOKENS)
        while True:
            first = _to_end_of_line(measure.head(head, room - room // 2))
            last = _from_start_of_line(measure.tail(head[len(first) :] if tail is None else tail, room // 2))
            left_out = missing.besides(head + (tail or ""), first + last)
            gap = "" if first.endswith("\n") else "\n"
            text = f"{first}{gap}[… {self._amount(left_out, first + last, measure)} left out{self._where()} …]\n{last}"
            excess = measure.count(text) - limit
            if excess <= 0 or room <= limit // 2:
                return text
            room = max(limit // 2, room - excess)

    def _amount(self, missing: _Missing, kept: str, measure: Measure) -> str:
        amount = f"{missing.characters:,} characters ({missing.lines:,} lines"
        if self._bound.unit != "characters":
            share = measure.count(kept) / max(1, len(kept))
            amount += f", about {_rounded(missing.characters * share):,} {self._bound.unit}"
        return f"{amount})"

    def _where(self) -> str:
        if self._new_spool is None:
            return ""
        spool = self.spool or self._open_spool(self._new_spool())
        spool.close()
        return f"; {spool.problem}" if spool.problem else f"; the whole output is in {spool.path}"


def plain_text(text: str, *, is_cut: bool = False) -> str:
    """Return what ``text``, printed by a program, leaves on a screen; a newline at its end stays.

    Where text ``is_cut``, an escape sequence that it ends in is left out.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return "" if text == "\n" else text
    plain = mend("\n".join(plain_lines(text, is_cut=is_cut)))
    return f"{plain}\n" if text.endswith("\n") and plain else plain


def _start_of_tail(text: str) -> int:
    """Return where the tail begins in a text with ``STRING_LIMIT`` characters before it: not in an escape sequence."""
    for sequence in ESCAPE_SEQUENCE.finditer(text):
        if sequence.end() > STRING_LIMIT:
            return sequence.end() if sequence.start() < STRING_LIMIT else STRING_LIMIT
    return STRING_LIMIT


def _to_end_of_line(text: str) -> str:
    """Return a head without the line it was cut in, unless that is long."""
    end = text.rfind("\n", len(text) - len(text) // LINE_SHARE) + 1
    return text[:end] if end else text


def _from_start_of_line(text: str) -> str:
    """Return a tail without the line it was cut in, unless that is long."""
    return text[text.find("\n", 0, len(text) // LINE_SHARE) + 1 :]


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _rounded(amount: float) -> int:
    """Round to two digits: it is an estimate."""
    return int(float(f"{amount:.1e}"))
