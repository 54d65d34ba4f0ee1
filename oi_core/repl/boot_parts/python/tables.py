"""Rows of values as text that is aligned in a terminal, and as HTML."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 80  # characters of a value that are shown


def table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows as lines of text: numbers to the right, the rest to the left."""
    cells = [[shown(name) for name in names], *([shown(value) for value in row] for row in rows)]
    widths = [max(map(columns_of, column)) for column in zip(*cells)]  # noqa: B905  (Python 3.8 has no other)
    cells.insert(1, ["-" * width for width in widths])
    lines = []
    for number, texts in enumerate(cells):
        padded = []
        for index, text in enumerate(texts):
            space = " " * (widths[index] - columns_of(text))
            is_number = number > 1 and isinstance(rows[number - 2][index], (int, float))
            padded.append(space + text if is_number else text + space)
        lines.append("  ".join(padded).rstrip() + "\n")
    return "".join(lines)


def html_table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows as a table in HTML."""
    lines = [row_in_html("th", names), *(row_in_html("td", row) for row in rows)]
    return f"<table>{''.join(lines)}</table>"


def row_in_html(tag: str, values: Sequence[object]) -> str:
    """Return values as a row in HTML."""
    import html

    return f"<tr>{''.join(f'<{tag}>{html.escape(shown(value))}</{tag}>' for value in values)}</tr>"


def shown(value: object) -> str:
    """Return a value as one short line."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value[: WIDTH // 2].hex()}'" + ("…" if len(value) > WIDTH // 2 else "")
    text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in str(value)[: WIDTH + 1])
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
