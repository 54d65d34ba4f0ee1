"""Markdown that is still being written: finished blocks are cut off its start and drawn once."""

from __future__ import annotations

import io
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from markdown_it import MarkdownIt
from rich.color import ColorSystem
from rich.console import Console
from rich.markdown import CodeBlock, Heading, ImageItem, Markdown, MarkdownElement
from rich.segment import Segment
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.text import Text
from rich.theme import Theme

from oi_core.printed.untrusted_text import neutralise_prose, strip_escapes

if TYPE_CHECKING:
    from markdown_it.token import Token
    from rich.console import ConsoleOptions, RenderResult

    from oi_core.view.looks import Looks, Palette

PATIENCE: Final = 2000
"""Characters of one unfinished block from which on it is looked at again only when it has grown by a quarter."""
TAIL: Final = 200
"""Lines, and pieces of the line being written, that are enough to show what is being written."""
STYLES: Final = {
    "markdown.h1": "bold underline",
    "markdown.h2": "bold",
    "markdown.h3": "bold",
    "markdown.h4": "italic",
    "markdown.code": "cyan",
    "markdown.block_quote": "dim",
    "markdown.item.number": "bold",
    "markdown.table.border": "dim",
    "markdown.table.header": "bold",
    "markdown.link": "blue",
    "markdown.hr": "dim",
}
"""In place of rich's own where those put text on a ground of their own, which half of all terminals have not."""


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
    """The source of something finished, without the newline at its end."""

    source: str
    part: Part = Part.BLOCK


class MarkdownStream:
    """Splits Markdown into finished top-level blocks as it arrives; every source line comes out exactly once.

    Code between fences comes line by line: it may be long, and its lines do not depend on those that follow.
    """

    def __init__(self) -> None:
        self._parser = parser()
        self._open: list[str] = []
        self._partial: list[str] = []
        self._size = 0
        self._look_again = 0
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
        first, *others = text.split("\n")
        self._partial.append(first)
        finished: list[Piece] = []
        for line in others:
            complete, self._partial = "".join(self._partial), [line]
            if self._fence:
                finished.append(self._code(complete))
                continue
            self._open.append(complete)
            self._size += len(complete) + 1
            if self._may_end_a_block() and self._size >= self._look_again:
                finished += self._cut()
        return finished

    def finish(self) -> list[Piece]:
        """End the text; return what is left."""
        rest = "".join(self._partial)
        if self._fence:
            left = [self._code(rest)] if rest else []
        else:
            source = "\n".join([*self._open, rest])
            left = [Piece(source)] if source.strip() else []
        self._open, self._partial, self._size, self._look_again, self._fence = [], [], 0, 0, ""
        return left

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

    def _cut(self) -> list[Piece]:
        tokens = self._parser.parse("\n".join(self._open) + "\n")
        blocks = [token for token in tokens if token.level == 0 and token.map and token.nesting >= 0]
        if not blocks:
            return []
        closed = blocks if self._is_closed(blocks[-1]) else blocks[:-1]
        end = _extent(blocks[-1])[0] if len(closed) < len(blocks) else len(self._open)
        starts = [0, *[_extent(block)[0] for block in closed[1:]], end] if closed else []
        pieces = [Piece("\n".join(self._open[start:stop])) for start, stop in pairwise(starts)]
        if closed:
            del self._open[:end]
        if blocks[-1].type == "fence" and len(self._open) == 1:
            pieces.append(Piece(self._open.pop(), Part.FENCE))
            self._fence = blocks[-1].markup
        self._size = sum(len(line) + 1 for line in self._open)
        self._look_again = int(self._size * 1.25) if not pieces and self._size > PATIENCE else 0
        return pieces

    def _is_closed(self, block: Token) -> bool:
        """Whether the last block cannot grow: a blank line follows a paragraph."""
        return block.type in ("heading_open", "hr", "paragraph_open") and not self._open[-1].strip()


def _extent(block: Token) -> tuple[int, int]:
    start, end = block.map or [0, 0]
    return start, end


class _PlainHeading(Heading):
    """A heading at the left, whatever its level."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = self.text.copy()
        text.justify = "left"
        yield text


class _PlainCode(CodeBlock):
    """Code that is only shown: indented, on the terminal's own ground."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        yield Syntax(
            code, self.lexer_name, theme=self.theme, word_wrap=True, padding=(0, 2), background_color="default"
        )


class _PlainImage(ImageItem):
    """A picture that the text points to: what it shows, and where it is."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text.assemble("🖼 ", self.text, f" ({self.destination})", end="")


class _Document(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _PlainHeading,
        "fence": _PlainCode,
        "code_block": _PlainCode,
        "image": _PlainImage,
    }


def _code_theme(palette: Palette) -> ANSISyntaxTheme:
    """Return the colours of code for rich, which reads them as a terminal would."""
    return ANSISyntaxTheme({tuple(kind.split(".")): _style(parameters) for kind, parameters in palette.items()})


def _style(parameters: str) -> Style:
    (span,) = Text.from_ansi(f"\x1b[{parameters}mx").spans
    return span.style if isinstance(span.style, Style) else Style.parse(span.style)


class MarkdownRenderer:
    """Draws the source of finished blocks as lines for the terminal."""

    def __init__(self, looks: Looks) -> None:
        self._theme = _code_theme(looks.palette)
        self._colour = looks.colour
        self._parser = parser()
        self._console = Console(
            file=io.StringIO(),
            force_terminal=True,
            color_system="256",
            legacy_windows=False,
            highlight=False,
            theme=Theme(STYLES),
        )

    def lines(self, source: str, width: int) -> list[str]:
        """Return the lines of a block, without blank ones around it, none wider than ``width`` cells."""
        source = neutralise_prose(source).expandtabs(4)
        document = _Document(source, hyperlinks=False)
        document.code_theme = self._theme  # type: ignore[assignment]  # rich hands it to Syntax, which takes both kinds
        document.parsed = self._parser.parse(source)
        options = self._console.options.update(width=max(width, 10), height=None)
        rows = [self._painted(row) for row in self._console.render_lines(document, options, pad=False)]
        while rows and not strip_escapes(rows[0]).strip():
            rows.pop(0)
        while rows and not strip_escapes(rows[-1]).strip():
            rows.pop()
        return rows

    def _painted(self, row: list[Segment]) -> str:
        """Draw a row; its text is neutralised again, because Markdown can write any character as ``&#27;``."""
        parts = []
        segments = [segment for segment in row if not segment.control]
        if segments and not segments[-1].text.strip() and not (segments[-1].style or Style.null()).underline:
            segments.pop()
        for text, style, _control in segments:
            harmless = neutralise_prose(text)
            drawn = style.update_link(None) if style and self._colour else None
            parts.append(drawn.render(harmless, color_system=ColorSystem.EIGHT_BIT) if drawn else harmless)
        return "".join(parts).rstrip()
