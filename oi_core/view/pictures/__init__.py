"""Pictures drawn in a terminal: by kitty's protocol, as iTerm2's inline images or as sixels, whichever it takes.

``capabilities`` finds out which, ``fitting`` how large, ``raster`` decodes what has to be decoded, and ``kitty``,
``iterm2`` and ``sixel`` write it. Pictures come from code: nothing of them reaches the terminal but base64 and sixels
made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oi_core.appearance import Pictures
from oi_core.images.headers import kind_of, size_of
from oi_core.images.png import is_whole_png
from oi_core.view.pictures.capabilities import (
    Answers,
    PictureProtocol,
    answered_protocol,
    in_multiplexer,
    named_protocol,
    question,
)
from oi_core.view.pictures.errors import CannotDraw
from oi_core.view.pictures.fitting import USUAL_CELL, fitted
from oi_core.view.pictures.iterm2 import iterm2_sequence
from oi_core.view.pictures.kitty import kitty_sequence
from oi_core.view.pictures.sixel import BAND, sixel_sequence

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from oi_core.view.pictures.fitting import Cell, Placing

MOST_PIXELS: Final = 50_000_000
"""What a terminal, or Pillow, is made to unpack; a header that tells more is taken for a bomb."""
MOST_SENT: Final = 2_000_000
"""Bytes of a picture that are sent as they are; a larger one is scaled to the size that it has on the screen."""
MOST_OF_A_BLOCK: Final = 12
"""Pictures of one block that are drawn; a loop that shows hundreds leaves links."""
ANSWER_SECONDS: Final = 0.1
FAR_ANSWER_SECONDS: Final = 0.5
"""The same over ssh, where an answer may come from another continent."""
MOST_QUESTIONS: Final = 3
"""An answer that comes when the turn is over is lost; a terminal that answers never is left alone."""
WIDEST_SIXELS: Final = 1000
"""Pixels of a side; xterm draws no more (its resource maxGraphicSize)."""
_STOPPED: Final = (Pictures.KITTY, Pictures.ITERM2)
"""What does not get through tmux, which makes kitty's pictures the title of its pane."""
_TAKEN_BY_ITERM2: Final = ("image/png", "image/jpeg", "image/gif")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture for the terminal: what draws it at the cursor, and the rows and columns of cells it needs there."""

    rows: int
    columns: int
    sequence: str

    def above(self, column: int) -> str:
        """Return what draws it over the rows above the cursor's, from ``column`` on, and leaves the cursor in place.

        Those rows are there already, so that nothing scrolls, and one row is left below the picture: terminals differ
        in where a picture leaves the cursor, some of them below it.
        """
        return f"\x1b7\r\x1b[{self.rows}A\x1b[{column}C{self.sequence}\x1b8"


class TerminalPictures:
    """Draws pictures for one terminal.

    ``cell_size`` is what the terminal's driver says of the size of a cell, None where it does not say.
    ``sixels_pass`` says whether sixels get through tmux, which takes them also for terminals that do not.
    """

    def __init__(
        self,
        wanted: Pictures,
        environment: Mapping[str, str],
        cell_size: Callable[[], Cell | None],
        sixels_pass: Callable[[], bool] = lambda: True,
    ) -> None:
        if wanted in _STOPPED and in_multiplexer(environment):
            wanted = Pictures.AUTO
        self._wanted = wanted
        self._environment = environment
        self._cell_size = cell_size
        self._sixels_pass = sixels_pass
        self._answers = Answers()
        self._questions = 0 if wanted is Pictures.OFF else MOST_QUESTIONS
        self._asked = False
        self._hint_given = False
        self._drawn = 0

    @property
    def answered(self) -> bool:
        """Whether the terminal has said all it was asked."""
        return self._answers.complete

    @property
    def patience(self) -> float:
        """How many seconds a picture waits for the answer; a later one counts for the next picture."""
        far = any(self._environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
        return FAR_ANSWER_SECONDS if far else ANSWER_SECONDS

    def begin_block(self) -> None:
        """Count the pictures anew; a terminal whose answer was not seen may be asked again."""
        self._drawn = 0
        self._asked = self.answered

    def take_question(self) -> str:
        """Return what to ask the terminal before a block's first picture; nothing where all is known."""
        if self._asked or not self._questions:
            return ""
        self._asked = True
        self._questions -= 1
        sure = self._wanted is not Pictures.AUTO or named_protocol(self._environment) is not None
        if sure and self._cell_size() is not None:
            return ""
        return question(self._environment)

    def take_answer(self, sequence: str) -> None:
        """Take what the terminal answered."""
        self._answers = self._answers.with_answer(sequence)

    def drawing_or_remark(self, content: bytes, window: os.terminal_size) -> tuple[Drawing | None, str]:
        """Return the drawing of a picture, else what the person should know of why there is none."""
        try:
            return self.draw(content, window), ""
        except CannotDraw as error:
            return None, self.remark(error)

    def draw(self, content: bytes, window: os.terminal_size) -> Drawing | None:
        """Return the drawing of a picture; None where the terminal, the window or the kind of picture allows none.

        Raises:
            CannotDraw: the picture could be drawn, but for a reason that the person should know.
        """
        size, protocol = size_of(content), self._protocol()
        if size is None or protocol is None or self._drawn == MOST_OF_A_BLOCK:
            return None
        if not all(size):
            raise CannotDraw("its data is broken")
        if size[0] * size[1] > MOST_PIXELS:
            raise CannotDraw(f"too large, {size[0]}x{size[1]}")
        known = self._answers.cell or self._cell_size()
        limits = {"longest": WIDEST_SIXELS, "band": BAND} if protocol is PictureProtocol.SIXEL else {}
        placing = fitted(*size, window.columns, window.lines, known or USUAL_CELL, **limits)
        if placing is None:
            return None
        stretched = protocol is PictureProtocol.KITTY and (placing.shrunk or known is None)
        if stretched:
            placing = placing.in_whole_cells(known or USUAL_CELL)
        sequence = _sequence(content, protocol, placing, stretched=stretched)
        self._drawn += 1
        return Drawing(placing.rows, placing.columns, sequence)

    def remark(self, error: CannotDraw) -> str:
        """Return why a picture is not drawn; what to install for it is said once."""
        if not error.next_step:
            return f"not drawn: {error}"
        given, self._hint_given = self._hint_given, True
        return "" if given else f"not drawn: {error}"

    def _protocol(self) -> PictureProtocol | None:
        if self._wanted is Pictures.OFF:
            return None
        if self._wanted is not Pictures.AUTO:
            return PictureProtocol(self._wanted.value)
        protocol = named_protocol(self._environment) or answered_protocol(self._answers, self._environment)
        hidden = protocol is PictureProtocol.SIXEL and in_multiplexer(self._environment) and not self._sixels_pass()
        return None if hidden else protocol


def _sequence(content: bytes, protocol: PictureProtocol, placing: Placing, *, stretched: bool) -> str:
    kind = kind_of(content)
    if kind == "image/png" and not is_whole_png(content):
        raise CannotDraw("its data is broken")
    if protocol is PictureProtocol.SIXEL:
        from oi_core.view.pictures.raster import palette_pixels  # here and below: Pillow is not needed by most

        return sixel_sequence(palette_pixels(content, placing.width, placing.height))
    taken = kind == "image/png" or (protocol is PictureProtocol.ITERM2 and kind in _TAKEN_BY_ITERM2)
    if not taken or len(content) > MOST_SENT:
        from oi_core.view.pictures.raster import scaled_png

        content = scaled_png(content, placing.width, placing.height)
    if protocol is PictureProtocol.ITERM2:
        return iterm2_sequence(content, placing)
    return kitty_sequence(content, placing, stretched=stretched)
