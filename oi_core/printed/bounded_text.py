"""Text of bounded length from a stream of any length: the head and the tail are kept, the middle is counted."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from oi_core.printed.line_emulator import plain_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from oi_core.printed.spool import Spool

RAW_PER_PLAIN = 4
"""How many raw characters are kept for each one wanted: colours and redrawn lines leave less text than they take."""


class BoundedText:
    """Collects pieces of text; holds at most about ``limit`` characters whatever is added (0: no limit).

    The first half of the limit keeps the beginning, the second half the end. What is left out is counted in characters
    and lines, and the count stands in its place.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._head_limit = limit // 2
        self._tail_limit = limit - self._head_limit
        self._head: list[str] = []
        self._head_length = 0
        self._tail: deque[str] = deque()
        self._tail_length = 0
        self.dropped_characters = 0
        self.dropped_lines = 0

    @property
    def head(self) -> str:
        """The beginning, up to half the limit."""
        return "".join(self._head)

    @property
    def tail(self) -> str:
        """The end, of what does not stand in the beginning."""
        return "".join(self._tail)

    def add(self, text: str) -> None:
        """Append a piece."""
        if not self._limit:
            self._head.append(text)
            return
        room = self._head_limit - self._head_length
        if room > 0:
            self._head.append(text[:room])
            self._head_length += min(room, len(text))
            text = text[room:]
        if text:
            self._add_to_tail(text)

    def _add_to_tail(self, text: str) -> None:
        excess = len(text) - self._tail_limit
        if excess > 0:
            for piece in self._tail:
                self._drop(piece)
            self._tail.clear()
            self._tail_length = 0
            self._drop(text[:excess])
            text = text[excess:]
        self._tail.append(text)
        self._tail_length += len(text)
        while self._tail_length > self._tail_limit:
            oldest = self._tail.popleft()
            over = self._tail_length - self._tail_limit
            self._drop(oldest[:over])
            self._tail_length -= min(over, len(oldest))
            if over < len(oldest):
                self._tail.appendleft(oldest[over:])

    def _drop(self, text: str) -> None:
        self.dropped_characters += len(text)
        self.dropped_lines += text.count("\n")

    def text(self) -> str:
        """Return the head, a line that counts what was left out if anything was, and the tail."""
        if not self.dropped_characters:
            return self.head + self.tail
        lines = f" ({self.dropped_lines:,} lines)" if self.dropped_lines else ""
        return f"{self.head}\n[… {self.dropped_characters:,} characters{lines} left out …]\n{self.tail}"


class BoundedOutput:
    """What a program printed, as plain text of bounded length: escapes taken out, overwritten lines resolved.

    Only what is kept is made plain, at the end: a flood costs no more than counting it. As soon as something must be
    left out, the whole goes to a spool that ``new_spool`` makes, as it was printed.
    """

    def __init__(self, limit: int, new_spool: Callable[[], Spool] | None = None) -> None:
        self._limit = limit
        self._raw = BoundedText(limit * RAW_PER_PLAIN)
        self._room = limit * RAW_PER_PLAIN
        self._new_spool = new_spool
        self.spool: Spool | None = None

    def add(self, text: str) -> None:
        """Take the next piece of output."""
        self._room -= len(text)
        if self.spool is not None:
            self.spool.write(text)
        elif self._limit and self._room < 0 and self._new_spool is not None:
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
        if not self._raw.dropped_characters:
            plain = plain_text(self._raw.head + self._raw.tail)
            if not self._limit or len(plain) <= self._limit:
                return plain
            head, tail = plain, ""
        else:
            head, tail = plain_text(self._raw.head), plain_text(self._raw.tail)
        return self._head_and_tail(head, tail)

    def _head_and_tail(self, head: str, tail: str) -> str:
        half = self._limit // 2
        if not tail:
            head, tail = head[:half], head[half:]
        cut_head, cut_tail = head[half:], tail[: max(0, len(tail) - half)]
        characters = self._raw.dropped_characters + len(cut_head) + len(cut_tail)
        lines = self._raw.dropped_lines + cut_head.count("\n") + cut_tail.count("\n")
        count = f"[… {characters:,} characters ({lines:,} lines) left out{self._where()} …]"
        return f"{head[:half]}\n{count}\n{tail[len(cut_tail) :]}"

    def _where(self) -> str:
        if self._new_spool is None:
            return ""
        spool = self.spool or self._open_spool(self._new_spool())
        spool.close()
        return f"; {spool.problem}" if spool.problem else f"; the whole output is in {spool.path}"


def plain_text(text: str) -> str:
    """Return what ``text``, printed by a program, leaves on a screen; a newline at its end stays."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return "" if text == "\n" else text
    plain = "\n".join(plain_lines(text))
    return f"{plain}\n" if text.endswith("\n") and plain else plain
