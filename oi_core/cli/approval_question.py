"""The question whether code may run, asked on a terminal with single keys."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final, TextIO

from oi_core.approval import Decision, Decline, Run, RunEdited
from oi_core.cli.dialogue import is_flagged
from oi_core.cli.editor import EditorError, edit_in, editor_command
from oi_core.cli.keyboard import END_OF_FILE, ENTER, GUARD_SECONDS, INTERRUPT, Keyboard
from oi_core.cli.signals import interrupt_raises
from oi_core.untrusted_text import neutralise_line
from oi_core.view.code_frame import code_lines
from oi_core.view.painter import Painter
from oi_core.view.spans import BOLD, DIM, YELLOW, Line, Span, painted, prefixed
from oi_core.view.words import spell_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from oi_core.messages import CodeBlock
    from oi_core.review import Review

INDENT: Final = Span("   ")
NO_REASON: Final = Decline()
"""Ends the turn."""


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
        describe: Callable[[str], str],
        *,
        colour: bool,
    ) -> None:
        self._keyboard = keyboard
        self._out = out
        self._size = size
        self._describe = describe
        self._colour = colour
        self._always: set[str] = set()

    def __call__(self, block: CodeBlock, review: Review) -> Decision:
        """Ask, and return what the person decides."""
        if block.language in self._always and not is_flagged(review):
            return Run()
        remark = ""
        while True:
            try:
                key = self._press(block, review, remark)
                decision = self._decide(key, block)
            except EditorError as error:
                remark = str(error)
                continue
            except (KeyboardInterrupt, EOFError):
                return NO_REASON
            if decision is not None:
                return decision
            remark = "nothing was changed"

    def _press(self, block: CodeBlock, review: Review, remark: str) -> str:
        """Show the question until one of its keys is pressed."""
        flagged = is_flagged(review)
        allowed = {"y", "e", "n", INTERRUPT, END_OF_FILE} | (set() if flagged else {"a", ENTER})
        painter = Painter(self._out, self._size)
        with interrupt_raises(), self._keyboard.single_keys():
            try:
                painter.frame([], [painted(line, self._colour) for line in self._rows(block, review, remark)])
                not_before = time.monotonic() + GUARD_SECONDS
                while (key := self._keyboard.read_key(not_before).lower()) not in allowed:
                    pass
            finally:
                painter.clear()
        return key

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
                return Decline(self._reason())
            case _:
                return NO_REASON

    def _edited(self, block: CodeBlock) -> Decision | None:
        """Return the code as the person changed it; None when it is as it was, or nothing is left of it."""
        command = editor_command(os.environ)
        if command:
            code = edit_in(command, block.code, block.language)
        else:
            from oi_core.cli.prompt import read_line

            try:
                message = "edit, alt-enter takes it, ctrl-c leaves it as it was\n"
                code = read_line(self._out, message, default=block.code, multiline=True)
            except (KeyboardInterrupt, EOFError):
                return None
        return RunEdited(code) if code.strip() and code != block.code else None

    def _reason(self) -> str:
        from oi_core.cli.prompt import read_line

        return read_line(self._out, "   why not? (goes to the model; enter alone ends the turn) ").strip()

    def _rows(self, block: CodeBlock, review: Review, remark: str) -> list[Line]:
        width = max(self._size().columns - 1, 8)
        language = neutralise_line(block.language)
        if is_flagged(review):
            reason = neutralise_line(review.reason) or f"{neutralise_line(review.reviewer)} asks about it"
            head: Line = [Span("! ", YELLOW), Span(f"{language} · {reason}", BOLD)]
            keys = "y run   e edit   n no + tell why        (enter does nothing here)"
        else:
            facts = [spell_count(len(code_lines(block.code)), "line"), neutralise_line(self._describe(block.language))]
            head = [Span(f"Run this {language}?", BOLD), Span("  " + " · ".join(fact for fact in facts if fact), DIM)]
            keys = f"y run   e edit   a always {language} this session   n no + tell why"
        rows: list[Line] = [*prefixed(Span("╰─ ", DIM), head, width, INDENT)]
        if remark:
            rows += prefixed(INDENT, [Span(neutralise_line(remark), DIM)], width)
        for line in packed(keys, width - len(INDENT.text)):
            rows += prefixed(INDENT, [Span(line)], width)
        return rows


def packed(keys: str, width: int) -> list[str]:
    """Return the keys, which stand three blanks apart, on as few lines as hold them without breaking one."""
    lines: list[str] = []
    for key in filter(None, map(str.strip, keys.split("   "))):
        if lines and len(lines[-1]) + 3 + len(key) <= width:
            lines[-1] += f"   {key}"
        else:
            lines.append(key)
    return lines
