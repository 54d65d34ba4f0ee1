"""One block on the screen, from its code to its end: a frame that grows downwards and is never changed above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oi_core.view.code_frame import frame_head, highlighted, numbered
from oi_core.view.displayed import DisplayedFiles, SavedPicture, linked
from oi_core.view.output_pane import MARGIN, OutputPane
from oi_core.view.spans import DIM, GREEN, RED, Span, hanging
from oi_core.view.words import ending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from oi_core.messages import CodeBlock
    from oi_core.results import ExecutionResult
    from oi_core.view.looks import Looks

OUTPUT_HEAD: Final = [Span("├─ output", DIM)]


class BlockFrame:
    """Draws the rows of one block after the other, each of them once; ``width`` is asked for with every row."""

    def __init__(self, lexers: Mapping[str, str], output_lines: int, width: Callable[[], int]) -> None:
        self._lexers = lexers
        self._output_lines = output_lines
        self._width = width
        self._displayed = DisplayedFiles()
        self._framed: CodeBlock | None = None
        self._pane: OutputPane | None = None
        self._pane_open = False
        self.code: list[list[Span]] = []
        """The lines of the code that was framed last."""

    @property
    def output(self) -> OutputPane:
        """What the block has printed."""
        if self._pane is None:
            self._pane = OutputPane(self._output_lines)
        return self._pane

    def frame(self, block: CodeBlock, looks: Looks) -> list[list[Span]]:
        """Return the code whole, unless it stands right above."""
        if self._framed == block:
            return []
        self._framed = block
        self.code = highlighted(block.code, self.lexer(block.language), looks.style_of)
        return [frame_head(block.language), *numbered(self.code, self._width())]

    def lexer(self, language: str) -> str:
        """Return the name of the Pygments lexer for a language."""
        return self._lexers.get(language, language)

    def begin_output(self) -> None:
        """Begin anew: nothing has been printed."""
        self._pane, self._pane_open = OutputPane(self._output_lines), False

    def saved(self, data: Mapping[str, str | bytes]) -> SavedPicture | None:
        """Save the picture of a rich value; any other value is added to the output."""
        picture = self._displayed.picture(data)
        if picture is None:
            self.output.add_lines(self._displayed.lines(data))
        return picture

    def name_picture(self, picture: SavedPicture, remark: str = "") -> None:
        """Add the line that names a picture to the output, and below it what there is to say of it."""
        self.output.add_lines([linked(picture.line), *([remark] if remark else [])])

    def drawn_picture(self, picture: SavedPicture, rows: int) -> tuple[list[list[Span]], list[list[Span]]]:
        """Return the rows of output that are new, with empty ones for a picture of so many rows, and its name's."""
        above = self.finished_output()
        above += [] if self._pane_open else [OUTPUT_HEAD]
        self._pane_open = True
        self.name_picture(picture)
        return [*above, *[[MARGIN]] * rows], self.finished_output()

    def live_output(self) -> list[list[Span]]:
        """Return the rows of output that can still change."""
        if self._pane is None or not self._pane.lines:
            return []
        return [*([] if self._pane_open else [OUTPUT_HEAD]), *self._pane.live(self._width())]

    def finished_output(self, prompt: str = "") -> list[list[Span]]:
        """Return the rows of output that are new since the last time, the head before the first ones."""
        rows = self._pane.finished(self._width(), prompt) if self._pane is not None else []
        head = [OUTPUT_HEAD] if rows and not self._pane_open else []
        self._pane_open = self._pane_open or bool(rows)
        return [*head, *rows]

    def end(self, result: ExecutionResult, looks: Looks) -> list[list[Span]]:
        """Return the rows that end a block, and the frame before them where there was none."""
        rows = [*self.frame(result.block, looks), *self.finished_output()]
        end = ending(result, self._pane.lines if self._pane is not None else 0)
        mark = Span("✓ ", GREEN) if end.good else Span("✗ ", RED)
        words = Span(end.text, DIM if end.good else "")
        rows += hanging(Span("╰─ ", DIM), mark, words, self._width())
        self._pane, self._pane_open, self._framed = None, False, None
        return rows

    def forget(self) -> None:
        """Let the next block be framed, whatever it is."""
        self._framed = None
