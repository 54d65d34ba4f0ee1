"""Counting tokens: what texts and messages cost, and texts cut to a number of tokens."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, assert_never

from oi_core.messages import AssistantMessage, Message, SystemMessage, ToolMessage, UserMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import tiktoken

BYTES_PER_TOKEN = 3
"""Prose has about 4 bytes a token in cl100k_base and o200k_base, code 3 to 3.5: a low figure counts too many."""

TOKENS_PER_MESSAGE = 8
"""What a server adds around a message or a call: role, separators, identifier."""

TOKENS_PER_IMAGE = 1100
"""A picture of 1024 by 1024 pixels in high detail costs a vision model about this much."""

STATE_CHARS_PER_TOKEN = 6
"""A server's state is mostly encrypted text in base64, of which six characters hold the bytes of about one token."""

LONG_TEXT_CHARS = 4096
PIECE_CHARS = 1024
"""Texts longer than the first are tokenised in pieces of the second: tiktoken before 0.14 takes quadratic time for a
long run without a break, and with the pattern of o200k_base a million spaces overflow its stack."""

_MARK_TOKENS = 24
_LONG_TOKEN = 6
"""Characters: hardly any text has so many a token. Of one that has, less is kept than could be."""


class Counting(Protocol):
    """A way to count tokens."""

    def count(self, text: str) -> int:
        """Return how many tokens the text has."""
        ...

    def cut(self, text: str, limit: int) -> str:
        """Return head and tail of a text that has more than ``limit`` tokens, with at most so many.

        A line between them counts what is left out; where the limit is too small for it, there is the head alone. The
        cost does not grow with the text's length.
        """
        ...

    def head(self, text: str, limit: int) -> str:
        """Return about as much of the text's beginning as has at most ``limit`` tokens."""
        ...

    def tail(self, text: str, limit: int) -> str:
        """Return about as much of the text's end as has at most ``limit`` tokens."""
        ...


def message_tokens(message: Message, counting: Counting) -> int:
    """Return what a message costs in a prompt.

    Reasoning is not counted, because it is not sent again but as a server's state, which is.
    """
    count = counting.count
    match message:
        case SystemMessage(text=text):
            return TOKENS_PER_MESSAGE + count(text)
        case UserMessage(text=text, images=images) | ToolMessage(text=text, images=images):
            return TOKENS_PER_MESSAGE + count(text) + TOKENS_PER_IMAGE * len(images)
        case AssistantMessage(text=text, blocks=blocks, state=state):
            tokens = TOKENS_PER_MESSAGE + count(text) if text else TOKENS_PER_MESSAGE
            if state:
                tokens += sum(map(len, state)) // STATE_CHARS_PER_TOKEN
            for block in blocks:
                tokens += TOKENS_PER_MESSAGE + count(block.code)
            return tokens
        case _:
            assert_never(message)


class ByteEstimate:
    """Counts by length alone: rather too many tokens than too few, for most texts.

    No text has more tokens than bytes, in any encoding that falls back to bytes: an estimate times
    :data:`BYTES_PER_TOKEN` is never too low.
    """

    def count(self, text: str) -> int:
        """Return the estimate."""
        size = len(text) if text.isascii() else len(_bytes(text))
        return -(-size // BYTES_PER_TOKEN)

    def cut(self, text: str, limit: int) -> str:
        """Return the text's head and tail."""
        head, tail = _shares(limit)
        beginning = self.head(text, head)
        return _joined(text, beginning, self.tail(text, tail)) if tail else beginning

    def head(self, text: str, limit: int) -> str:
        """Return the text's beginning."""
        size = max(0, limit) * BYTES_PER_TOKEN
        return _bytes(text[:size])[:size].decode("utf-8", "ignore")

    def tail(self, text: str, limit: int) -> str:
        """Return the text's end."""
        size = limit * BYTES_PER_TOKEN
        return _bytes(text[-size:])[-size:].decode("utf-8", "ignore") if limit > 0 else ""


class Tokenizer:
    """Counts with an encoding: exactly, but for one token more or less where a long text is taken in pieces."""

    def __init__(self, encoding: tiktoken.Encoding) -> None:
        # Text that spells a special token is text like any other here, and never an error.
        self._encode = encoding.encode_ordinary
        self._decode = encoding.decode
        self._count_of_long = lru_cache(maxsize=16)(self._counted_in_pieces)

    def count(self, text: str) -> int:
        """Return the number of tokens; a giant text is tokenised once, not at every call."""
        if len(text) <= LONG_TEXT_CHARS:
            return len(self._encode(text))
        return self._count_of_long(text)

    def _counted_in_pieces(self, text: str) -> int:
        return sum(len(self._encode(piece)) for piece in pieces(text))

    def cut(self, text: str, limit: int) -> str:
        """Return the text's head and tail."""
        head, tail = _shares(limit)
        first = self._tokens(text[: head * _LONG_TOKEN])
        last = self._tokens(text[-tail * _LONG_TOKEN :]) if tail else []
        excess = 1
        while excess > 0:
            cut = self._decode(first[:head], "ignore")
            if tail:
                cut = _joined(text, cut, self._decode(last[-tail:], "ignore"))
            # Where words were cut, the same text can take a token more than its parts had.
            excess = self.count(cut) - limit if head else 0
            head, tail = max(0, head - excess), max(0, tail - excess)
        return cut

    def head(self, text: str, limit: int) -> str:
        """Return the text's beginning."""
        tokens = self._tokens(text[: max(0, limit) * _LONG_TOKEN])
        return self._within(limit, lambda number: self._decode(tokens[:number], "ignore"))

    def tail(self, text: str, limit: int) -> str:
        """Return the text's end."""
        tokens = self._tokens(text[-limit * _LONG_TOKEN :]) if limit > 0 else []
        return self._within(limit, lambda number: self._decode(tokens[-number:], "ignore"))

    def _within(self, limit: int, part: Callable[[int], str]) -> str:
        """Return the longest part of at most ``limit`` tokens; taken by itself it can have one more than it had."""
        for number in range(limit, 0, -1):
            cut = part(number)
            if self.count(cut) <= limit:
                return cut
        return ""

    def _tokens(self, text: str) -> list[int]:
        return [token for piece in pieces(text) for token in self._encode(piece)]


def pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces of bounded length, cut before a space or behind a line's end where there is one."""
    start = 0
    while len(text) - start > PIECE_CHARS:
        end = start + PIECE_CHARS
        near = end - PIECE_CHARS // 4
        space = text.rfind(" ", near, end)
        line = text.rfind("\n", near, end) + 1
        end = space if space > 0 else line or end
        yield text[start:end]
        start = end
    yield text[start:]


def _shares(limit: int) -> tuple[int, int]:
    """Return how many tokens of a text's head and of its tail leave room for the line between them."""
    if limit < 2 * _MARK_TOKENS:
        return max(0, limit), 0
    tail = (limit - _MARK_TOKENS) // 2
    return limit - _MARK_TOKENS - tail, tail


def _joined(text: str, head: str, tail: str) -> str:
    missing = len(text) - len(head) - len(tail)
    return f"{head}\n[… {missing:,} characters left out to fit the model's window …]\n{tail}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
