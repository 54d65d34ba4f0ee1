"""Code as it stands on the screen: a head, numbered lines in colour, nothing folded and nothing left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oi_core.printed.untrusted_text import neutralise, neutralise_line
from oi_core.view.spans import DIM, Span, prefixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pygments.token import _TokenType  # type: ignore[import-untyped]  # pygments has no types of its own

TAB_CELLS: Final = 4


def code_lines(code: str) -> list[str]:
    """Return the lines of code as they are counted: a newline at the end does not begin another one."""
    lines = code.split("\n")
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def frame_head(language: str) -> list[Span]:
    """Return the line above the code."""
    return [Span("╭─ ", DIM), Span(neutralise_line(language), "1")]


def numbered(lines: list[list[Span]], width: int, first: int = 1) -> Iterator[list[Span]]:
    """Yield rows of code behind line numbers, long lines wrapped."""
    digits = max(3, len(str(first + len(lines))))
    more = Span(f"│ {'↳':>{digits}} ", DIM)
    for number, line in enumerate(lines, first):
        yield from prefixed(Span(f"│ {number:{digits}} ", DIM), line, width, more)


def highlighted(code: str, lexer_name: str, style_of: Callable[[_TokenType], str]) -> list[list[Span]]:
    """Return the lines of code in colour, every character of it shown; plain when there is no such lexer."""
    harmless = [neutralise(line).expandtabs(TAB_CELLS) for line in code_lines(code)]
    try:
        lines = list(_coloured("\n".join(harmless), lexer_name, style_of))
    except LookupError:
        lines = []
    if ["".join(span.text for span in line) for line in lines] != harmless:
        return [[Span(line)] for line in harmless]
    return lines


def _coloured(code: str, lexer_name: str, style_of: Callable[[_TokenType], str]) -> Iterator[list[Span]]:
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # pygments has no types
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]  # pygments has no types

    try:
        lexer = get_lexer_by_name(lexer_name, stripnl=False, ensurenl=False)
    except ClassNotFound as error:
        raise LookupError(lexer_name) from error
    line: list[Span] = []
    for kind, text in lexer.get_tokens(code):
        first, *others = text.split("\n")
        style = style_of(kind)
        line.append(Span(first, style))
        for other in others:
            yield line
            line = [Span(other, style)]
    yield line
