"""One turn shown: the events of a session go to a view, and what matters for the exit code is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oi_core.cli.exit_codes import ExitCode
from oi_core.closing import closing_iterator
from oi_core.errors import InterpreterError
from oi_core.events import Executed, InputRequested, Level, Notice, TurnEnded, TurnOutcome
from oi_core.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oi_core.approval import AskInput
    from oi_core.events import Event
    from oi_core.results import ExecutionResult
    from oi_core.session import Session
    from oi_core.view import View

OF_OUTCOME: Final = {
    TurnOutcome.DONE: ExitCode.DONE,
    TurnOutcome.DECLINED: ExitCode.APPROVAL,
    TurnOutcome.INTERRUPTED: ExitCode.INTERRUPTED,
    TurnOutcome.FAILED: ExitCode.MODEL,
    TurnOutcome.LIMIT: ExitCode.LIMIT,
}


@dataclass(frozen=True, slots=True)
class TurnReport:
    """How a turn ended, and the last code in it that ran; ``error`` is what kept it from being taken at all."""

    outcome: TurnOutcome
    last: ExecutionResult | None = None
    error: InterpreterError | None = None

    def exit_code(self, *, of_code: bool = False) -> int:
        """Return the exit code; ``of_code`` makes code that failed count."""
        if self.error is not None:
            return self.error.exit_code
        if self.outcome is TurnOutcome.DONE and self.last is not None and not self.last.started:
            return ExitCode.LANGUAGE
        if self.outcome is TurnOutcome.DONE and of_code and self.last is not None:
            return ExitCode.DONE if self.last.outcome is Outcome.FINISHED else ExitCode.CODE_FAILED
        return OF_OUTCOME[self.outcome]


def show_turn(
    session: Session,
    view: View,
    text: str,
    read_input: AskInput | None,
    images: Sequence[str] = (),
    *,
    data: str = "",
) -> TurnReport:
    """Take a turn and show it; a program that asks for input reads what ``read_input`` returns, else end of file.

    Every ``@picture.png`` in the text is sent with it, and so is every text file; ``images`` are others, as URLs.
    ``data`` goes below the text as it stands.

    Raises:
        OSError: what the view writes to is gone or full.
    """
    try:
        if "@" in text:
            text, named, remark = _with_files(text, session)
            images = (*images, *named)
            if remark:
                view.show(Notice(remark))
        text = f"{text}\n\n{data}" if data else text
        return show_events(session, view, session.stream(text, images), read_input)
    except InterpreterError as error:
        view.show(Notice(str(error), Level.ERROR))
        view.show(TurnEnded(TurnOutcome.FAILED))
        return TurnReport(TurnOutcome.FAILED, error=error)


def _with_files(text: str, session: Session) -> tuple[str, Sequence[str], str]:
    """Return a message with what its files add to it, its pictures, and a line that names the files."""
    from oi_core.cli.file_mentions import with_attachments  # here: few messages name a file, every start would pay
    from oi_core.images import attachments

    said, images = attachments(text, session.config.folder)
    attached = with_attachments(said, session.config.folder)
    return attached.text, images, attached.remark


def show_events(session: Session, view: View, events: Iterable[Event], read_input: AskInput | None) -> TurnReport:
    """Show events as they come, those of a turn or of code that the person runs; see :func:`show_turn`.

    Raises:
        InterpreterError: the turn could not be taken any further.
        OSError: what the view writes to is gone or full.
    """
    outcome, last = TurnOutcome.DONE, None
    with closing_iterator(iter(events)) as shown:
        for event in shown:
            view.show(event)
            match event:
                case InputRequested():
                    _answer(session, event, read_input)
                case Executed(result=result) if result.outcome.ran:
                    last = result
                case TurnEnded(outcome=ended):
                    outcome = ended
                case _:
                    pass
    return TurnReport(outcome, last)


def _answer(session: Session, request: InputRequested, read_input: AskInput | None) -> None:
    try:
        session.answer(read_input(request) if read_input is not None else None)
    except KeyboardInterrupt:
        session.interrupt()
