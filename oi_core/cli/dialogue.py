"""How a person at a terminal is asked things: for a message, for leave to run code, for a program's input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from oi_core.approval import Decision
    from oi_core.events import InputRequested
    from oi_core.messages import CodeBlock
    from oi_core.review import Review
    from oi_core.view import View


YES: Final = ("y", "yes")


class Dialogue(Protocol):
    """One way to talk with a person; it owns the terminal whenever the view does not."""

    @property
    def view(self) -> View:
        """What shows the events of a turn."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """Hand the terminal to the view for as long as a turn lasts."""
        ...

    def say(self, text: str) -> None:
        """Show lines of the program's own between turns."""
        ...

    def read_message(self, draft: str = "") -> str:
        """Return what the person types at the prompt, in which ``draft`` stands already.

        Raises:
            EOFError: they leave.
            KeyboardInterrupt: they pressed Ctrl-C at an empty prompt.
        """
        ...

    def confirm(self, question: str) -> bool:
        """Ask for a yes or no; anything but yes is no."""
        ...

    def copy(self, text: str) -> Sequence[str]:
        """Put text on the clipboard, and return the ways in which that was done, in words."""
        ...

    def ask(self, block: CodeBlock, review: Review) -> Decision:
        """Ask whether this code may run."""
        ...

    def read_input(self, request: InputRequested) -> str | None:
        """Return the line that a running program asks for, None for end of file.

        Raises:
            KeyboardInterrupt: they would rather stop the program.
        """
        ...


def is_flagged(review: Review) -> bool:
    """Whether a reviewer asks about this code, so that it takes more than Enter to run it."""
    from oi_core.review import Verdict

    return review.verdict is not Verdict.ALLOW
