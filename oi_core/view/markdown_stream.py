"""Markdown that is still being written: finished blocks, and parts of long ones, are cut off its start."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from markdown_it import MarkdownIt

from oi_core.view.long_blocks import LONG, column_of_part, lines_of_part, table_head

if TYPE_CHECKING:
    from markdown_it.token import Token

PATIENCE: Final = 2000
"""Characters of one unfinished block from which on it is looked at again only when it has grown by a quarter."""
TAIL: Final = 200
"""Lines, and pieces of the line being written, that are enough to show what is being written."""


ENDED_BY_BLANK: Final = ("heading_open", "hr", "paragraph_open", "table_open", "blockquote_open")


def parser() -> MarkdownIt:
    """Return a parser that leaves nothing out: HTML (``<int>`` of ``vector<int>``) and link definitions are text."""
    return MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"]).disable("reference")


class Part(Enum):
    """What a piece of Markdown is."""

    BLOCK = "a block with all that is in it"
    FENCE = "the line that begins code; what follows the fence names its language"
    CODE = "a line of code"
    END = "the line that ends code"


class Piece(NamedTuple):
    """The source of something finished, without the newline at its end.

    ``goes_on`` is whether the next piece is more of the same block; ``joint`` is what stood between the two.
    """

    source: str
    part: Part = Part.BLOCK
    goes_on: bool = False
    joint: str = "\n"


class MarkdownStream:
    """Splits Markdown into finished top-level blocks as it arrives; every source line comes out exactly once.

    Code between fences comes line by line: it may be long, and its lines do not depend on those that follow. Long
    lists, tables, paragraphs and indented code come in parts.
    """

    def __init__(self) -> None:
        self._parser = parser()
        self._open: list[str] = []
        self._partial: list[str] = []
        self._partial_size = 0
        self._size = 0
        self._look_again = 0
        self._long_at = LONG
        self._long_line_at = LONG
        self._table_head: list[str] = []
        self._fence = ""

    @property
    def tail(self) -> str:
        """The source that is not finished yet; of a long block only its end."""
        return "\n".join([*self._open[-TAIL:], "".join(self._partial[-TAIL:])])

    @property
    def empty(self) -> bool:
        """Whether nothing is left unfinished."""
        return not self._open and not any(self._partial)

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece of text; return what it finished."""
        finished: list[Piece] = []
        for number, line in enumerate(text.split("\n")):
            if number:
                finished += self._end_line()
            self._partial.append(line)
            self._partial_size += len(line)
            while self._partial_size >= self._long_line_at and not self._fence:
                finished += self._cut_line()
        return finished

    def finish(self) -> list[Piece]:
        """End the text; return what is left."""
        rest = "".join(self._partial)
        left = ([self._code(rest)] if rest else []) if self._fence else self._all(rest)
        self._open, self._partial, self._table_head, self._fence = [], [], [], ""
        self._size = self._partial_size = self._look_again = 0
        self._long_at = self._long_line_at = LONG
        return left

    def _all(self, rest: str) -> list[Piece]:
        """Take away every block, whether it could grow or not."""
        self._open.append(rest)
        _, blocks = self._parsed()
        pieces = self._taken(blocks, len(self._open))
        if not pieces and "\n".join(self._open).strip():
            return [Piece("\n".join(self._open))]
        return pieces

    def _end_line(self) -> list[Piece]:
        line = "".join(self._partial)
        self._partial, self._partial_size, self._long_line_at = [], 0, LONG
        if self._fence:
            return [self._code(line)]
        self._open.append(line)
        self._size += len(line) + 1
        pieces = self._cut() if self._may_end_a_block() and self._size >= self._look_again else []
        if self._size >= self._long_at and not self._fence:
            pieces += self._cut_long()
        return pieces

    def _code(self, line: str) -> Piece:
        """Take a line after a fence: code, or the fence that ends it."""
        bare = line.strip(" \t")
        ends = len(bare) >= len(self._fence) and set(bare) == set(self._fence) and not line.startswith("    ")
        if not ends:
            return Piece(line, Part.CODE)
        self._fence = ""
        return Piece(line, Part.END)

    def _may_end_a_block(self) -> bool:
        line = self._open[-1].strip()
        return not line or line.startswith(("```", "~~~"))

    def _parsed(self, *more: str) -> tuple[list[Token], list[Token]]:
        """Return the tokens of what is open, and those of them that begin its blocks."""
        tokens = self._parser.parse("\n".join([*self._table_head, *self._open, *more]) + "\n")
        return tokens, [token for token in tokens if token.level == 0 and token.map and token.nesting >= 0]

    def _cut(self) -> list[Piece]:
        """Take away the blocks that cannot grow any more."""
        _, blocks = self._parsed()
        if not blocks:
            return []
        closed = blocks if self._is_closed(blocks[-1]) else blocks[:-1]
        pieces = self._taken(closed, len(self._open) if closed is blocks else self._start(blocks[-1]))
        if blocks[-1].type == "fence" and len(self._open) == 1:
            pieces.append(Piece(self._open.pop(), Part.FENCE))
            self._fence = blocks[-1].markup
        self._measure()
        self._look_again = int(self._size * 1.25) if not pieces and self._size > PATIENCE else 0
        self._long_at = self._long_at if not pieces else LONG
        return pieces

    def _cut_long(self) -> list[Piece]:
        """Take away what can be drawn of a block that has grown long."""
        pieces: list[Piece] = []
        tokens, blocks = self._parsed()
        if len(blocks) > 1:
            pieces = self._cut()
        elif blocks:
            head = len(self._table_head)
            count = lines_of_part(self._parser, [*self._table_head, *self._open], tokens) - head
            if count > 0:
                if blocks[0].type == "table_open" and not head:
                    self._table_head = table_head(self._open, blocks[0])
                pieces.append(Piece("\n".join(self._open[:count]), goes_on=True))
                del self._open[:count]
        self._measure()
        self._long_at = max(LONG, int(self._size * 1.25))
        return pieces

    def _cut_line(self) -> list[Piece]:
        """Take away what can be drawn of a paragraph in whose last line, still being written, there is much.

        What has come of it beyond a fixed length is not looked at: any split of the same text gives the same parts.
        """
        line = "".join(self._partial)
        beginning = line[: self._long_line_at]
        _, blocks = self._parsed(beginning)
        column = 0
        if blocks and blocks[-1].type == "paragraph_open" and not self._table_head:
            column = column_of_part(self._parser, self._open[self._start(blocks[-1]) :], beginning)
        if not column:
            self._long_line_at = int(self._long_line_at * 1.25)
            return []
        pieces = self._taken(blocks[:-1], self._start(blocks[-1]))
        pieces.append(Piece("\n".join([*self._open, line[:column]]), goes_on=True, joint=" "))
        self._open, self._partial, self._partial_size = [], [line[column + 1 :]], len(line) - column - 1
        self._long_line_at = self._long_at = LONG
        self._measure()
        return pieces

    def _taken(self, closed: list[Token], end: int) -> list[Piece]:
        """Take these blocks away, up to the open line ``end``, as a piece each."""
        if not closed:
            return []
        starts = [0, *[self._start(block) for block in closed[1:]], end]
        pieces = [Piece("\n".join(self._open[start:stop])) for start, stop in pairwise(starts)]
        del self._open[:end]
        self._table_head = []
        return pieces

    def _start(self, block: Token) -> int:
        """Return the open line at which a block begins."""
        return max(0, (block.map or [0])[0] - len(self._table_head))

    def _measure(self) -> None:
        self._size = sum(len(line) + 1 for line in self._open)

    def _is_closed(self, block: Token) -> bool:
        """Whether the last block cannot grow: a blank line follows a paragraph."""
        return block.type in ENDED_BY_BLANK and not self._open[-1].strip()
