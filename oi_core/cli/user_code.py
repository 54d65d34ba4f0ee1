"""Code that the person runs themselves with ``!``: through the reviewers, to the screen, and told to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oi_core.closing import closing_iterator
from oi_core.events import Executed, Level, Notice
from oi_core.messages import USER_CODE_HEADING, UserCodeMessage
from oi_core.review import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_core.events import Event
    from oi_core.results import ExecutionResult
    from oi_core.session import Session

SHELL: Final = "shell"
EXPLANATION: Final = (
    "!COMMAND runs a command in the session's shell, where its variables and folder stay.\n"
    "Nobody is asked; forbidden commands stay forbidden. The model sees the command and its output."
)


def run_typed_shell(session: Session, command: str) -> Iterator[Event]:
    """Run a command in the shell of the session and yield what it reports; the conversation is told.

    Typing it is consent enough for what would be asked about; what a reviewer forbids does not run.

    Raises:
        InterpreterError: there is no shell, or the session is busy.
    """
    review = session.review_code(SHELL, command)
    if review.verdict is Verdict.BLOCK:
        why = f"{review.reviewer}: {review.reason}"
        yield Notice(f"not run: {why} · interpreter config explain forbidden-commands", Level.ERROR)
        return
    with closing_iterator(session.run_code(SHELL, command)) as events:
        for event in events:
            if isinstance(event, Executed):
                session.results.append(event.result)
                session.conversation.add(told(event.result))
            yield event


def told(result: ExecutionResult) -> UserCodeMessage:
    """Return what the model is told of it."""
    block = result.block
    return UserCodeMessage(
        f"{USER_CODE_HEADING}\n[{block.language}:]\n{block.code}\n[its result:]\n{result.as_text()}", result.images
    )
