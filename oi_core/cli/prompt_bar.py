"""What stands around the prompt: hints beside it while it is empty, the status line or a remark below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from prompt_toolkit.application.current import get_app
from prompt_toolkit.filters import Condition, is_done
from prompt_toolkit.layout.containers import ConditionalContainer, Window
from prompt_toolkit.layout.controls import FormattedTextControl

from oi_core.cli.status_line import READY, Field, status_line
from oi_core.view.spans import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from oi_core.cli.prompt_completion import Candidate
    from oi_core.review import Approval

HINTS: Final = "@ files  / commands  ! shell"
LEAST_ROWS: Final = 4
"""In a lower window the prompt has all of it."""
ASKS_AUTO: Final = "run code without asking from now on? y yes, other keys no"


@dataclass(frozen=True, slots=True)
class PromptHost:
    """What a prompt asks of the session it belongs to.

    ``candidates`` completes what stands before the cursor. ``show_output`` shows the last output and returns what is to
    be said about it, if anything.
    """

    candidates: Callable[[str], Iterable[Candidate]]
    status: Callable[[], list[Field]]
    approval: Callable[[], Approval]
    set_approval: Callable[[Approval], None]
    show_output: Callable[[], str]


class PromptBar:
    """The status line, in whose place a question or a remark may stand until the next key."""

    def __init__(self, status: Callable[[], list[Field]]) -> None:
        self._status = status
        self.remark = ""
        self.asks_auto = False

    def container(self) -> ConditionalContainer:
        """Return what shows the line for as long as the prompt is open.

        prompt_toolkit's own toolbar needs the cursor's position, which terminals are not asked for here.
        """
        window = Window(FormattedTextControl(self._fragments), height=1, dont_extend_height=True, wrap_lines=False)
        has_room = Condition(lambda: get_app().output.get_size().rows >= LEAST_ROWS)
        return ConditionalContainer(window, filter=has_room & ~is_done)

    def hints(self) -> StyleAndTextTuples:
        """Return what stands beside an empty prompt, where there is room for it."""
        app = get_app()
        room = app.output.get_size().columns - len("> ") - 3
        shown = not app.is_done and not app.current_buffer.text and len(HINTS) <= room
        return [("dim", HINTS)] if shown else []

    def _fragments(self) -> StyleAndTextTuples:
        width = get_app().output.get_size().columns - 1
        if self.asks_auto:
            return [("bold", cut(ASKS_AUTO, width))]
        if self.remark:
            return [("", cut(self.remark, width))]
        return [("dim", status_line(READY, self._status(), width))]
