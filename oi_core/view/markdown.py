"""Markdown drawn as lines for the terminal, block by block."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, ClassVar, Final

from markdown_it.token import Token
from rich.color import ColorSystem
from rich.console import Console, Group
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.segment import Segment
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.text import Text
from rich.theme import Theme

from oi_core.printed.untrusted_text import neutralise_prose, strip_escapes
from oi_core.view.block_parts import PARTS, BlockPart
from oi_core.view.markdown_stream import parser

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderResult

    from oi_core.view.looks import Looks, Palette

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


class _Document(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        **PARTS,
        "heading_open": _PlainHeading,
        "fence": _PlainCode,
        "code_block": _PlainCode,
    }
    part: BlockPart | None = None


def _with_pictures_as_text(token: Token) -> Token:
    """Put what a picture shows, and where it is, in its place: rich would put it before the text it stands in."""
    if token.children:
        token.children = [_with_pictures_as_text(child) for child in token.children]
    if token.type != "image":
        return token
    shown = f"🖼 {token.content} ({token.attrs.get('src', '')})".replace("  ", " ")
    return Token("text", "", 0, content=shown, level=token.level)


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

    def lines(self, source: str, width: int, part: BlockPart | None = None) -> list[str]:
        """Return the lines of a block, without blank ones around it, none wider than ``width`` cells.

        Where it is a ``part`` of a block, what is left of those before is drawn with it.
        """
        source = neutralise_prose(source).expandtabs(4)
        if part is not None:
            source = part.with_head(source)
        document = _Document("", hyperlinks=False)  # which it would parse with a parser of its own
        document.part = part
        document.code_theme = self._theme  # type: ignore[assignment]  # rich hands it to Syntax, which takes both kinds
        document.parsed = [_with_pictures_as_text(token) for token in self._parser.parse(source)]
        before = part.left_before(document.parsed) if part is not None else []
        options = self._console.options.update(width=max(width, 10), height=None)
        drawn = self._console.render_lines(Group(*before, document), options, pad=False)
        rows = [self._painted(row) for row in drawn]
        if part is not None:
            part.note_head(source, document.parsed)
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
