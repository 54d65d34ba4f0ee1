"""Counting tokens: what texts and messages cost, and texts cut to a number of tokens."""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, assert_never

from oi_core.messages import AssistantMessage, Message, SystemMessage, ToolMessage, UserMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tiktoken

BYTES_PER_TOKEN = 3
"""Prose has about 4 bytes a token in cl100k_base and o200k_base, code 3 to 3.5: a low figure counts too many."""

TOKENS_PER_MESSAGE = 8
"""What a server adds around a message or a call: role, separators, identifier."""

TOKENS_PER_IMAGE = 1100
"""A picture of 1024 by 1024 pixels in high detail costs a vision model about this much."""

PIECE_CHARS = 16_384
"""Longer texts are tokenised in pieces: tiktoken before 0.8 takes quadratic time for a long run without a break, and
the pattern of o200k_base overflows its stack on a million spaces."""

_MARK_TOKENS = 24


class Counting(Protocol):
    """A way to count tokens."""

    def count(self, text: str) -> int:
        """Return how many tokens the text has."""
        ...

    def cut(self, text: str, limit: int) -> str:
        """Return the text's head and tail with a line between them that counts what is left out: ``limit`` tokens at most.

        A text that has no more than that is returned as it is. Where the limit is too small for the line, the head alone.
        """
        ...


def message_tokens(message: Message, counting: Counting) -> int:
    """Return what a message costs in a prompt. Reasoning is not counted: it is not sent again with the wire's messages."""
    count = counting.count
    match message:
        case SystemMessage(text=text) | ToolMessage(text=text):
            return TOKENS_PER_MESSAGE + count(text)
        case UserMessage(text=text, images=images):
            return TOKENS_PER_MESSAGE + count(text) + TOKENS_PER_IMAGE * len(images)
        case AssistantMessage(text=text, blocks=blocks):
            tokens = TOKENS_PER_MESSAGE + count(text) if text else TOKENS_PER_MESSAGE
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
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        return -(-size // BYTES_PER_TOKEN)

    def cut(self, text: str, limit: int) -> str:
        """Return the text's head and tail."""
        if self.count(text) <= limit:
            return text
        raw = text.encode("utf-8", "surrogatepass")
        head, tail = _shares(limit)
        beginning = raw[: head * BYTES_PER_TOKEN].decode("utf-8", "ignore")
        if not tail:
            return beginning
        ending = raw[len(raw) - tail * BYTES_PER_TOKEN :].decode("utf-8", "ignore")
        return _joined(beginning, ending, self.count(text) - head - tail)


class Tokenizer:
    """Counts with an encoding: exactly, but for one token more or less where a long text is taken in pieces."""

    def __init__(self, encoding: tiktoken.Encoding) -> None:
        # Text that spells a special token is text like any other here, and never an error.
        self._encode = encoding.encode_ordinary
        self._decode = encoding.decode
        self._tokens = lru_cache(maxsize=4)(self._tokenised)
        self._cut = lru_cache(maxsize=64)(self._head_and_tail)

    def count(self, text: str) -> int:
        """Return the number of tokens."""
        if len(text) <= PIECE_CHARS:
            return len(self._encode(text))
        return sum(len(self._encode(piece)) for piece in pieces(text))

    def cut(self, text: str, limit: int) -> str:
        """Return the text's head and tail; a giant text is tokenised once, not at every call."""
        if len(text) <= limit:
            return text
        return self._cut(text, limit)

    def _tokenised(self, text: str) -> array[int]:
        tokens: array[int] = array("I")
        for piece in pieces(text):
            tokens.extend(self._encode(piece))
        return tokens

    def _head_and_tail(self, text: str, limit: int) -> str:
        tokens = self._tokens(text)
        if len(tokens) <= limit:
            return text
        room = limit
        while True:
            head, tail = _shares(room)
            beginning = self._decode(tokens[:head].tolist(), "ignore")
            cut = beginning
            if tail:
                ending = self._decode(tokens[len(tokens) - tail :].tolist(), "ignore")
                cut = _joined(beginning, ending, len(tokens) - head - tail)
            # Where words were cut, the same text can take a token more than its pieces had.
            excess = self.count(cut) - limit
            if excess <= 0 or room <= 0:
                return cut
            room -= excess


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


def _joined(head: str, tail: str, missing: int) -> str:
    return f"{head}\n[… {missing:,} tokens left out to fit the model's window …]\n{tail}"
