"""Long lists, tables and paragraphs drawn part by part: what one part leaves to the next, so that no seam shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich import box
from rich.cells import cell_len
from rich.markdown import ListElement, Markdown, MarkdownElement, Paragraph, TableElement, TableRowElement
from rich.table import Table
from rich.text import Text

from oi_core.view.long_blocks import table_head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from rich.console import Console, ConsoleOptions, RenderResult

COLUMN_GAP: Final = 3
SPARE: Final = 2
"""Cells that a column is given for longer words in the rows to come."""


@dataclass(slots=True)
class BlockPart:
    """What is known of a long block from the parts that are drawn already."""

    is_last: bool = False
    next_number: int | None = None
    """Of an ordered list."""
    digits: int = 0
    table_head: str = ""
    widths: list[int] = field(default_factory=list)
    carried: Text | None = None
    """The last row of a paragraph, which more words may follow."""

    @property
    def carried_words(self) -> str:
        """The text that has come and is not drawn."""
        return self.carried.plain if self.carried is not None else ""

    def with_head(self, source: str) -> str:
        """Return the source of a part as one that can be read by itself: rows of a table with its head."""
        return f"{self.table_head}\n{source}" if self.table_head else source

    def note_head(self, source: str, tokens: Sequence[Token]) -> None:
        """Keep the lines that the rows of a table need above them to be read."""
        if not self.table_head and tokens and tokens[0].type == "table_open":
            self.table_head = "\n".join(table_head(source.split("\n"), tokens[0]))

    def widths_for(self, rows: Sequence[TableRowElement], room: int) -> list[int]:
        """Return how wide the columns of these rows are: as before, unless they need more."""
        columns = zip(*([cell_len(cell.content.plain) for cell in row.cells] for row in rows), strict=False)
        needed = [max(1, *column) for column in columns]
        if any(need > width for need, width in zip(needed, self.widths or [0] * len(needed), strict=True)):
            before = self.widths or needed
            self.widths = [max(need + SPARE, width) for need, width in zip(needed, before, strict=True)]
        return _fitting(self.widths, room)

    def left_before(self, tokens: Sequence[Token]) -> list[Text]:
        """Return, and forget, the row that a paragraph has left, when something else turns out to follow."""
        if self.carried is None or (tokens and tokens[0].type == "paragraph_open"):
            return []
        left, self.carried = [self.carried], None
        return left


class _PartOfList(ListElement):
    """A list whose numbers go on where the part before ended."""

    part: BlockPart | None = None

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> _PartOfList:
        element = cls(token.type, int(token.attrs.get("start", 1)))
        element.part = getattr(markdown, "part", None) if token.level == 0 else None
        return element

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.part is None or self.list_type == "bullet_list_open":
            yield from super().__rich_console__(console, options)
            return
        part, first = self.part, self.list_start or 0
        number = first if part.next_number is None else part.next_number
        part.next_number = number + len(self.items)
        part.digits = max(part.digits, len(str(part.next_number)))
        for each, item in enumerate(self.items, number):
            yield from item.render_number(console, options, each, 10**part.digits - 1)


class _PartOfTable(TableElement):
    """Rows of a table whose columns are as wide as those of the parts before; no word of a cell is left out."""

    part: BlockPart | None = None

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> _PartOfTable:
        element = cls()
        element.part = getattr(markdown, "part", None) if token.level == 0 else None
        return element

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.header is None or self.header.row is None:
            return
        part, head, rows = self.part, self.header.row.cells, self.body.rows if self.body is not None else []
        table = Table(
            box=box.SIMPLE,
            pad_edge=False,
            style="markdown.table.border",
            collapse_padding=True,
            show_header=part is None or not part.table_head,
        )
        widths = (
            part.widths_for([self.header.row, *rows], options.max_width) if part is not None else [None] * len(head)
        )
        for cell, width in zip(head, widths, strict=True):
            heading = cell.content.copy()
            heading.stylize("markdown.table.header")
            table.add_column(heading, width=width, overflow="fold")
        for row in rows:
            table.add_row(*(cell.content for cell in row.cells))
        yield table


def _fitting(widths: Sequence[int], room: int) -> list[int]:
    """Take from the widest columns until all of them fit."""
    fitting = list(widths)
    while sum(fitting) + COLUMN_GAP * len(fitting) > room and max(fitting) > 1:
        fitting[fitting.index(max(fitting))] -= 1
    return fitting


class _PartOfParagraph(Paragraph):
    """Words that fill up the last row of the part before, and leave their own last row to the next."""

    part: BlockPart | None = None

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> Paragraph:
        element = cls(justify=markdown.justify or "left")
        element.part = getattr(markdown, "part", None) if token.level == 0 else None
        return element

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        part = self.part
        if part is None:
            yield from super().__rich_console__(console, options)
            return
        text = Text(" ").join([part.carried, self.text]) if part.carried is not None else self.text
        rows = text.wrap(console, options.max_width, justify="default")
        part.carried = None
        if not part.is_last:
            part.carried = rows.pop()
            part.carried.rstrip()
        yield from rows


PARTS: Final[dict[str, type[MarkdownElement]]] = {
    "bullet_list_open": _PartOfList,
    "ordered_list_open": _PartOfList,
    "table_open": _PartOfTable,
    "paragraph_open": _PartOfParagraph,
}
"""The elements that know of parts; what is no part they draw as ever."""
