"""The question whether code may run, asked on a terminal with single keys."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final, TextIO

from oi_core.approval import Decision, Decline, Run, RunEdited
from oi_core.cli.approval_rows import Surroundings, explanation_rows, question_rows
from oi_core.cli.dialogue import is_flagged
from oi_core.cli.editor import EditorError, edit_in, editor_command
from oi_core.cli.keyboard import END_OF_FILE, ENTER, GUARD_SECONDS, INTERRUPT, SUSPEND, Keyboard
from oi_core.cli.signals import interrupt_raises, resizing_calls, suspend
from oi_core.view.painter import Painter
from oi_core.view.spans import Line, painted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from oi_core.messages import CodeBlock
    from oi_core.review import Review

NO_REASON: Final = Decline()
"""Ends the turn."""
WHY_NOT: Final = (
    "   why not? (for the model; enter ends the turn, esc goes back) ",
    "   why not? (enter ends the turn, esc goes back) ",
    "   why not? (esc goes back) ",
    "   why not? ",
)
"""In falling length, for windows of any width."""
REASON_CELLS: Final = 16
"""Room that a reason should have on the line of the question."""


class ApprovalQuestion:
    """Asks about one block after the other, and remembers the languages that may always run in this session.

    Enter runs only code that no reviewer asks about; what was typed before the question is dropped. Ctrl-C declines and
    ends the turn.
    """

    def __init__(
        self,
        keyboard: Keyboard,
        out: TextIO,
        size: Callable[[], os.terminal_size],
        describe: Callable[[str], Surroundings],
        *,
        colour: bool,
    ) -> None:
        self._keyboard = keyboard
        self._out = out
        self._size = size
        self._describe = describe
        self._colour = colour
        self._always: set[str] = set()
        self._reason = ""

    def __call__(self, block: CodeBlock, review: Review) -> Decision:
        """Ask, and return what the person decides."""
        if block.language in self._always and not is_flagged(review):
            return Run()
        remark = self._reason = ""
        while True:
            try:
                key = self._press(block, review, remark)
                if key == SUSPEND:
                    suspend()
                    continue
                decision = self._decide(key, block)
            except EditorError as error:
                remark = str(error)
                continue
            except (KeyboardInterrupt, EOFError):
                return NO_REASON
            if decision is not None:
                return decision
            remark = "nothing was changed" if key == "e" else ""

    def _press(self, block: CodeBlock, review: Review, remark: str) -> str:
        """Show the question until one of its keys is pressed."""
        allowed = {"y", "e", "n", INTERRUPT, END_OF_FILE, SUSPEND} | (set() if is_flagged(review) else {"a", ENTER})
        painter = Painter(self._out, self._size)
        around = self._describe(block.language)

        def paint(finished: Iterable[Line] = ()) -> None:
            rows = question_rows(block, review, around, remark, self._width())
            painter.frame(self._painted(finished), self._painted(rows))

        explained = False
        with interrupt_raises(), self._keyboard.single_keys():
            try:
                paint()
                not_before = time.monotonic() + GUARD_SECONDS
                with resizing_calls(paint):
                    while (key := self._keyboard.read_key(not_before).lower()) not in allowed:
                        if key == "x" and not explained:
                            paint(explanation_rows(block, review, around, self._width()))
                            explained = True
            finally:
                painter.clear()
        return key

    def _painted(self, lines: Iterable[Line]) -> list[str]:
        return [painted(line, self._colour) for line in lines]

    def _width(self) -> int:
        return max(self._size().columns - 1, 8)

    def _decide(self, key: str, block: CodeBlock) -> Decision | None:
        match key:
            case "y" | "\r":
                return Run()
            case "a":
                self._always.add(block.language)
                return Run()
            case "e":
                return self._edited(block)
            case "n":
                return self._declined()
            case _:
                return NO_REASON

    def _edited(self, block: CodeBlock) -> Decision | None:
        """Return the code as the person changed it; None when it is as it was, or nothing is left of it."""
        command = editor_command(os.environ)
        if command:
            with self._keyboard.lent():
                code = edit_in(command, block.code, block.language, self._out)
        else:
            from oi_core.cli.prompt import read_line

            try:
                message = "edit, alt-enter takes it, ctrl-c leaves it as it was\n"
                code = read_line(self._out, message, default=block.code, multiline=True)
            except (KeyboardInterrupt, EOFError):
                return None
        return RunEdited(code) if code.strip() and code != block.code else None

    def _declined(self) -> Decision | None:
        """Return the no with its reason; None when the person goes back, and what they typed stands there next time."""
        from oi_core.cli.prompt import WentBack, read_line_or_go_back

        room = self._size().columns - REASON_CELLS
        question = next((each for each in WHY_NOT if len(each) <= room), WHY_NOT[-1])
        try:
            return Decline(read_line_or_go_back(self._out, question, self._reason).strip())
        except WentBack as back:
            self._reason = back.text
            return None
