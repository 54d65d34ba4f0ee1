"""A long shell script in pieces: the parser's time grows with the square of some sources' length.

Pieces end where a statement does, as far as counting brackets and keywords tells; a mistake costs precision, not
safety, because what the parser cannot make sense of is read by the simpler reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from oi_forbidden.acts import TooMuch
from oi_forbidden.shell_scan import quote_end

PIECE: Final = 6_000
"""Characters at which a piece ends as soon as it may; the parser may take a second for a nonsensical one of them."""

_LONGEST_PIECE: Final = 20_000
_TOKEN: Final = re.compile(
    r"""\\.|'[^']*'?|(?P<quote>")|(?<![^\s;&|()])\#[^\n]*|(?P<here><<-?\s*['"]?\\?(?P<end>\w+)['"]?)
    |(?P<open>(?<![\w./$-])(?:if|case|do)(?![\w./=-])|\(|\$\{|(?<!\S)\{(?=\s))
    |(?P<close>(?<![\w./$-])(?:fi|esac|done)(?![\w./=-])|[)}])|(?P<newline>\n)""",
    re.VERBOSE | re.DOTALL,
)


def pieces(source: str) -> Iterator[tuple[str, int]]:
    """Yield the pieces of a source with the number of lines before each.

    Raises:
        TooMuch: a statement is too long to be parsed.
    """
    if len(source) <= PIECE:
        yield source, 0
        return
    start = line = bodies = 0
    for end, skipped in _ends(source):
        length = end - start - (skipped - bodies)
        if length >= PIECE or end == len(source):
            if length > _LONGEST_PIECE:
                raise TooMuch
            piece = source[start:end]
            yield piece, line
            line += piece.count("\n")
            start, bodies = end, skipped


def _ends(source: str) -> Iterator[tuple[int, int]]:
    """Yield where statements end, with the characters of here-documents before: these cost the parser little."""
    depth = index = skipped = 0
    waiting: list[tuple[str, bool]] = []
    while index < len(source):
        token = _TOKEN.search(source, index)
        if token is None:
            break
        index = token.end()
        match token.lastgroup:
            case "quote":
                index = quote_end(source, index)
            case "here":
                waiting.append((token["end"], token["here"].startswith("<<-")))
            case "open":
                depth += 1
            case "close":
                depth = max(depth - 1, 0)
            case "newline":
                for word, tabs in waiting:
                    body = re.compile(rf"^{chr(9) + '*' if tabs else ''}{re.escape(word)}$", re.MULTILINE).search(
                        source, index
                    )
                    after = body.end() if body is not None else len(source)
                    skipped += after - index
                    index = after
                waiting.clear()
                if depth == 0 and not source[index : index + 1].isspace():
                    yield index, skipped
    yield len(source), skipped
