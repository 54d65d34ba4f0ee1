"""Text of bounded length from a stream of any length: the head and the tail are kept, the middle is counted."""

from __future__ import annotations

from collections import deque


class BoundedText:
    """Collects pieces of text; holds at most about ``limit`` characters whatever is added (0: no limit).

    The first half of the limit keeps the beginning, the second half the end, and ``before_tail`` characters before it.
    What is left out is counted in characters and lines, and the count stands in its place.
    """

    def __init__(self, limit: int, before_tail: int = 0) -> None:
        self._limit = limit
        self._head_limit = limit // 2
        self._tail_limit = limit - self._head_limit + before_tail
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
