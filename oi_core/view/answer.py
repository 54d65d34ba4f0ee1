"""The model's text on its way to the screen: finished blocks as drawn lines, the rest as a tail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oi_core.printed.untrusted_text import neutralise
from oi_core.view.code_frame import TAB_CELLS
from oi_core.view.highlighting import CodeHighlighter
from oi_core.view.spans import Span, painted, prefixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.view.block_parts import BlockPart
    from oi_core.view.looks import Looks
    from oi_core.view.markdown import MarkdownRenderer
    from oi_core.view.markdown_stream import MarkdownStream, Piece

MARGIN: Final = Span("  ")
"""Before code that is only shown."""


class Answer:
    """Draws Markdown block by block, with a blank line between blocks.

    What it takes to draw is imported with the first text: the prompt before it need not wait for that.
    """

    def __init__(self, looks: Looks) -> None:
        self._looks = looks
        self._stream: MarkdownStream | None = None
        self._renderer: MarkdownRenderer | None = None
        self._begun = False
        self._part: BlockPart | None = None
        self._highlighter: CodeHighlighter | None = None
        self._code_begun = False

    def change_looks(self, looks: Looks) -> None:
        """Draw what comes from now on differently."""
        self._looks, self._renderer = looks, None

    @property
    def tail(self) -> str:
        """The source of what is not drawn yet; of a long block only its end."""
        if self._stream is None:
            return ""
        return f"{self._part.carried_words} {self._stream.tail}".lstrip(" ") if self._part else self._stream.tail

    def feed(self, text: str, width: int) -> list[str]:
        """Take the next piece; return the lines it finishes."""
        if self._stream is None:
            from oi_core.view.markdown_stream import MarkdownStream

            self._stream = MarkdownStream()
        return self._drawn(self._stream.feed(text), width)

    def finish(self, width: int) -> list[str]:
        """Return the lines of what is left, because something else follows."""
        lines = self._drawn(self._stream.finish(), width) if self._stream is not None else []
        self._begun, self._highlighter = False, None
        return lines

    def _drawn(self, pieces: Sequence[Piece], width: int) -> list[str]:
        if not pieces:
            return []
        from oi_core.view.markdown_stream import Part

        drawn: list[str] = []
        for piece in pieces:
            source = piece.source
            match piece.part:
                case Part.BLOCK if piece.goes_on or self._part is not None:
                    drawn += self._draw_part(piece, width)
                case Part.BLOCK:
                    drawn += self._apart(self._draw_block(source, width))
                case Part.FENCE:
                    self._begin_code(source)
                case Part.CODE:
                    lines = self._draw_code(source, width)
                    drawn += lines if self._code_begun else self._apart(lines)
                    self._code_begun = True
                case Part.END:
                    self._highlighter = None
        return drawn

    def _apart(self, lines: list[str]) -> list[str]:
        """Put a blank line before what begins, unless nothing was there before."""
        before = [""] if lines and self._begun else []
        self._begun = self._begun or bool(lines)
        return before + lines

    def _draw_part(self, piece: Piece, width: int) -> list[str]:
        """Draw the next part of a long block, right below those before it."""
        if self._part is None:
            from oi_core.view.block_parts import BlockPart

            self._part = BlockPart()
            return self._apart(self._draw_block(piece.source, width, self._part))
        self._part.is_last = not piece.goes_on
        lines = self._draw_block(piece.source, width, self._part)
        self._part = self._part if piece.goes_on else None
        return lines

    def _draw_block(self, source: str, width: int, part: BlockPart | None = None) -> list[str]:
        if self._renderer is None:
            from oi_core.view.markdown import MarkdownRenderer

            self._renderer = MarkdownRenderer(self._looks)
        return self._renderer.lines(source, width, part)

    def _begin_code(self, fence: str) -> None:
        words = fence.strip().lstrip("`~").split()
        self._highlighter = CodeHighlighter(words[0] if words else "", lambda kind: self._looks.style_of(kind))
        self._code_begun = False

    def _draw_code(self, source: str, width: int) -> list[str]:
        harmless = neutralise(source).expandtabs(TAB_CELLS).rstrip()
        spans = self._highlighter.line(harmless) if self._highlighter is not None else [Span(harmless)]
        return [painted(row, self._looks.colour).rstrip() for row in prefixed(MARGIN, spans, width)]
