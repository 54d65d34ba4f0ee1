"""One message answered for a script: the answer on stdout, the rest on stderr, or records; nothing is asked."""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from oi_core import __version__
from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.options import OutputFormat
from oi_core.cli.piped_data import piped_data
from oi_core.cli.signals import Terminated, interrupt_calls
from oi_core.cli.turns import show_turn
from oi_core.errors import InterpreterError
from oi_core.events import Level, Notice, TurnOutcome
from oi_core.view.json_lines import JsonLinesView
from oi_core.view.plain import PlainView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oi_core.cli.options import Options
    from oi_core.session import Session
    from oi_core.view import View

ASKING_HINT = "code that needs asking is shown here, not run · -y runs it, or use a terminal"


def answer_once(options: Options, find_text: Callable[[], str], *, takes_data: bool = True) -> int:
    """Answer the message that ``find_text`` returns, and return the exit code.

    With ``takes_data``, what stands on standard input after that is data for the code.

    Raises:
        InterpreterError: there is no message, or the session cannot be opened; records of it have been written.
    """
    if options.output_format is OutputFormat.TEXT:
        return _answer(options, find_text(), PlainView(sys.stdout, sys.stderr), takes_data=takes_data)
    view = JsonLinesView(sys.stdout, result_only=options.output_format is OutputFormat.JSON)
    return _in_records(view, lambda: _answer(options, find_text(), view, takes_data=takes_data))


def _in_records(view: JsonLinesView, answer: Callable[[], int]) -> int:
    """Answer, and write the result whatever happens; only an output that is gone keeps it from being written."""
    try:
        code = answer()
    except OSError:
        with suppress(OSError):
            view.finish(ExitCode.BUG, TurnOutcome.FAILED.value)
        raise
    except InterpreterError as error:
        view.show(Notice(str(error), Level.ERROR))
        view.finish(error.exit_code)
        raise
    except KeyboardInterrupt:
        view.finish(ExitCode.INTERRUPTED, TurnOutcome.INTERRUPTED.value)
        raise
    except Terminated as end:
        view.finish(end.exit_code, TurnOutcome.INTERRUPTED.value)
        raise
    except BaseException:
        view.finish(ExitCode.BUG, TurnOutcome.FAILED.value)
        raise
    view.finish(code)
    return code


def result_of_misuse(message: str, words: Sequence[str]) -> None:
    """Write the records of a command line that is wrong, if it asks for records."""
    asked = {*words, *(word.partition("=")[2] for word in words if word.startswith("--output-format="))}
    if asked.isdisjoint({"--json", *(each.value for each in OutputFormat if each is not OutputFormat.TEXT)}):
        return
    view = JsonLinesView(sys.stdout, result_only=OutputFormat.JSON.value in asked)
    view.show(Notice(message, Level.ERROR))
    view.finish(ExitCode.USAGE)


def _answer(options: Options, text: str, view: View, *, takes_data: bool) -> int:
    with options.open_session() as session:
        if isinstance(view, JsonLinesView):
            view.start(_about(session))
        for notice in session.start_notices:
            view.show(notice)
        folder = session.launcher.output_folder(session.config.folder)
        piped = piped_data(folder, view.show) if takes_data else nullcontext()
        with piped as data, interrupt_calls(session.interrupt):
            report = show_turn(session, view, text, None, data=data.described() if data is not None else "")
        if report.outcome is TurnOutcome.DECLINED and isinstance(view, PlainView):
            view.show(Notice(ASKING_HINT))
        view.close()
        return report.exit_code(of_code=options.exit_status)


def _about(session: Session) -> dict[str, object]:
    return {
        "version": __version__,
        "session": session.recording.id,
        "model": session.config.model,
        "folder": str(session.config.folder),
        "approval": session.config.approval.value,
        "languages": list(session.languages),
    }
