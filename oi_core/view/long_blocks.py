"""Where a block that grows long can be cut, so that its parts, drawn one after the other, look as the whole would."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONG: Final = 600
"""Characters of one block from which on it is drawn in parts: what rich draws in well under 20 ms."""
TRIES: Final = 8
"""Places in a paragraph that are looked at, from its end."""
TOO_LONG: Final = 8000
"""Characters of a paragraph from which on it is cut though something may be open in it: a lone ``*``."""
TABLE_HEAD: Final = 2
"""Lines: the names of the columns, and the rule below them."""

_OPENS: Final = re.compile(r"`|(?:\*|~~|(?<!\w)_)(?=\S)")


def lines_of_part(parser: MarkdownIt, lines: Sequence[str], tokens: Sequence[Token]) -> int:
    """Return how many of a block's ``lines``, whose ``tokens`` are given, can be drawn by themselves; 0 for none.

    What is left begins with the line after them, and is never empty.
    """
    last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
    match tokens[0].type:
        case "bullet_list_open" | "ordered_list_open":
            return max(
                token.map[0] for token in tokens if token.type == "list_item_open" and token.level == 1 and token.map
            )
        case "table_open":
            return last if last >= _start(tokens[0]) + TABLE_HEAD + 1 else 0
        case "code_block":
            return next((n for n in range(last, 0, -1) if lines[n].strip() and lines[n - 1].strip()), 0)
        case "paragraph_open":
            seams = (n for n in range(last, 0, -1) if _is_seam(lines[n - 1], lines[n]))
            return _first_settled(parser, (("\n".join(lines[:n]), n) for n in seams))
        case _:
            return 0


def column_of_part(parser: MarkdownIt, lines: Sequence[str], line: str) -> int:
    """Return where a paragraph can be cut at a blank in its last ``line``, which is a long one; 0 for nowhere."""
    blanks = (match.start() for match in reversed(list(re.finditer(" ", line))))
    columns = (at for at in blanks if _is_seam(line[:at], line[at + 1 :]))
    return _first_settled(parser, (("\n".join([*lines, line[:at]]), at) for at in columns))


def table_head(lines: Sequence[str], table: Token) -> list[str]:
    """Return the two lines without which the rows of a table are none."""
    return list(lines[_start(table) : _start(table) + TABLE_HEAD])


def _start(block: Token) -> int:
    return block.map[0] if block.map else 0


def _is_seam(before: str, after: str) -> bool:
    """Whether text can be cut here: no forced line break, and what follows is no block of its own."""
    return bool(before.strip()) and before[-1:] not in " \t\\" and after[:1].isalpha()


def _first_settled(parser: MarkdownIt, places: Iterable[tuple[str, int]]) -> int:
    """Return the first of these places before which nothing is open that what follows could close."""
    forced = 0
    for tried, (text, place) in enumerate(places):
        forced = forced or (place if len(text) >= TOO_LONG else 0)
        if tried == TRIES:
            break
        if _is_settled(parser, text):
            return place
    return forced


def _is_settled(parser: MarkdownIt, text: str) -> bool:
    plain = " ".join(_texts(parser.parseInline(text)))
    return not _OPENS.search(plain) and plain.count("[") <= plain.count("]")


def _texts(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "text":
            yield token.content
        yield from _texts(token.children or ())
