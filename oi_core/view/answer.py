"""The model's text on its way to the screen: finished blocks as drawn lines, the rest as a tail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.view.looks import Looks
    from oi_core.view.markdown import MarkdownRenderer, MarkdownStream


class Answer:
    """Draws Markdown block by block, with a blank line between blocks.

    What it takes to draw is imported with the first text: the prompt before it need not wait for that.
    """

    def __init__(self, looks: Looks) -> None:
        self._looks = looks
        self._stream: MarkdownStream | None = None
        self._renderer: MarkdownRenderer | None = None
        self._begun = False

    def change_looks(self, looks: Looks) -> None:
        """Draw what comes from now on differently."""
        self._looks, self._renderer = looks, None

    @property
    def tail(self) -> str:
        """The source of what is not drawn yet; of a long block only its end."""
        return "" if self._stream is None else self._stream.tail

    def feed(self, text: str, width: int) -> list[str]:
        """Take the next piece; return the lines it finishes."""
        if self._stream is None:
            from oi_core.view.markdown import MarkdownStream

            self._stream = MarkdownStream()
        return self._drawn(self._stream.feed(text), width)

    def finish(self, width: int) -> list[str]:
        """Return the lines of what is left, because something else follows."""
        lines = self._drawn(self._stream.finish(), width) if self._stream is not None else []
        self._begun = False
        return lines

    def _drawn(self, sources: Sequence[str], width: int) -> list[str]:
        if sources and self._renderer is None:
            from oi_core.view.markdown import MarkdownRenderer

            self._renderer = MarkdownRenderer(self._looks)
        drawn: list[str] = []
        for source in sources:
            lines = self._renderer.lines(source, width) if self._renderer is not None else []
            if lines and self._begun:
                drawn.append("")
            drawn += lines
            self._begun = self._begun or bool(lines)
        return drawn
