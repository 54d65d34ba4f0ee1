"""Styled text before it is drawn: lines of spans, measured and wrapped in terminal cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, get_character_cell_size

DIM = "2"
BOLD = "1"
RED = "31"
GREEN = "32"
YELLOW = "33"
CYAN = "36"


class Span(NamedTuple):
    """A piece of harmless text and how it looks: the parameters of an SGR sequence, nothing for plain.

    ``link`` is an address that a click on it opens, where the terminal knows OSC 8.
    """

    text: str
    style: str = ""
    link: str = ""


Line: TypeAlias = Sequence[Span]


def width_of(line: Line) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(span.text) for span in line)


def painted(line: Line, colour: bool, links: bool = False) -> str:
    """Return a line as the terminal gets it; without ``colour`` and ``links`` just its text."""
    if not (colour or links):
        return "".join(span.text for span in line)
    return "".join(_painted(span, colour, links) for span in line)


def _painted(span: Span, colour: bool, links: bool) -> str:
    text = f"\x1b[{span.style}m{span.text}\x1b[0m" if colour and span.style and span.text else span.text
    return f"\x1b]8;;{span.link}\x1b\\{text}\x1b]8;;\x1b\\" if links and span.link else text


def wrapped(line: Line, width: int) -> list[list[Span]]:
    """Break a line into pieces of at most ``width`` cells; nothing is left out. A line without text is one piece."""
    width = max(width, 2)
    rows: list[list[Span]] = [[]]
    used = 0
    for span in line:
        start = 0
        text = span.text
        if used + cell_len(text) <= width:
            rows[-1].append(span)
            used += cell_len(text)
            continue
        for index, character in enumerate(text):
            cells = get_character_cell_size(character)
            if used + cells > width:
                rows[-1].append(span._replace(text=text[start:index]))
                rows.append([])
                start, used = index, 0
            used += cells
        rows[-1].append(span._replace(text=text[start:]))
    return rows


def folded(text: str, width: int) -> list[str]:
    """Break words into lines of at most ``width`` cells, between words where that is possible."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        lines += [line] if line else []
        *full, rest = ("".join(span.text for span in row) for row in wrapped([Span(word)], width))
        lines += full
        line = rest
    return [*lines, line]


def cut(text: str, width: int) -> str:
    """Return the start of ``text`` that fits into ``width`` cells, with an ellipsis where something is missing."""
    if len(text) <= width and cell_len(text) <= width:
        return text
    kept: list[str] = []
    room = max(width - 1, 0)
    for character in text:
        room -= get_character_cell_size(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


def cut_spans(line: Line, width: int) -> list[Span]:
    """Return the start of a line that fits into ``width`` cells, with an ellipsis where something is missing."""
    if width_of(line) <= width:
        return list(line)
    kept: list[Span] = []
    room = width
    for span in line:
        text = cut(span.text, room)
        kept.append(span._replace(text=text))
        room -= cell_len(text)
        if text != span.text:
            return kept
        if room <= 1:
            break
    return [*kept, Span("…")]


def prefixed(prefix: Span, line: Line, width: int, continuation: Span | None = None) -> list[list[Span]]:
    """Wrap a line to ``width`` cells, a prefix before its first row and another of the same width before the rest."""
    further = continuation if continuation is not None else prefix
    rows = wrapped(line, width - cell_len(prefix.text))
    return [[prefix if index == 0 else further, *row] for index, row in enumerate(rows)]


def plain_spans(lines: Iterable[str], style: str = "") -> list[list[Span]]:
    """Return lines of one span each."""
    return [[Span(line, style)] for line in lines]


def hanging(prefix: Span, mark: Span, words: Span, width: int) -> list[list[Span]]:
    """Wrap words behind a prefix and a mark, further rows below the first one's words."""
    indent = cell_len(prefix.text + mark.text)
    rows = [row for line in words.text.split("\n") for row in folded(line, width - indent)]
    leads = [[prefix, mark], *[[Span(" " * indent)]] * (len(rows) - 1)]
    return [[*lead, Span(row, words.style)] for lead, row in zip(leads, rows, strict=True)]
