"""The program around the command: its streams, its signals, and how each kind of end becomes an exit code."""

from __future__ import annotations

import errno
import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final

from oi_core import __version__
from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.help_text import HELP, HELP_OPTIONS
from oi_core.cli.signals import Terminated, terminated_by_signals
from oi_core.errors import InterpreterError

if TYPE_CHECKING:
    from collections.abc import Sequence

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF)
"""An output that is full, or was never there."""
HANGUP: Final = 129
_ASKS_FOR_HELP: Final = tuple([option] for option in HELP_OPTIONS)


def run(words: Sequence[str]) -> int:
    """Run the command with these words; every end, foreseen or not, is an exit code and at most a line on stderr."""
    _open_missing_streams()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # not when a program of someone's has put in its own
            stream.reconfigure(errors="backslashreplace" if stream is not sys.stdin else "replace")
    try:
        with terminated_by_signals():
            code = _run(words)
            sys.stdout.flush()
        return code
    except Terminated as end:
        return end.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return ExitCode.BROKEN_PIPE
    except OSError as error:
        return _output_failed(error)
    except Exception as error:  # noqa: BLE001  (a bug: it is reported, not hidden)
        return _bug(error)


def _open_missing_streams() -> None:
    """Open what the program was started without, or the next file opened would be taken for it.

    Standard input is empty then, what goes to standard error is lost, and writing to standard output is an error.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(_opened_as(0, os.O_RDONLY), "r")
    if sys.stdout is None:
        sys.stdout = os.fdopen(_opened_as(1, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(_opened_as(2, os.O_WRONLY), "w")


def _opened_as(descriptor: int, flags: int) -> int:
    opened = os.open(os.devnull, flags)
    if opened != descriptor:
        os.dup2(opened, descriptor)
        os.close(opened)
    return descriptor


def _run(words: Sequence[str]) -> int:
    if list(words) == ["--version"]:
        sys.stdout.write(f"interpreter {__version__}\n")
        return ExitCode.DONE
    if list(words) in _ASKS_FOR_HELP:
        sys.stdout.write(HELP)
        return ExitCode.DONE
    try:
        return _start_chat() if not words else _parsed(words)
    except InterpreterError as error:
        _complain(str(error))
        return error.exit_code


def _start_chat() -> int:
    """Start without the option parser, which would take a tenth of a person's wait for the first prompt."""
    from oi_core.cli.options import Options
    from oi_core.cli.start import start

    return start(Options())


def _parsed(words: Sequence[str]) -> int:
    import click

    from oi_core.cli.command import run_command

    try:
        return run_command(words)
    except click.ClickException as error:
        from oi_core.cli.misuse import misuse_text
        from oi_core.cli.one_shot import result_of_misuse

        result_of_misuse(error.format_message(), words)
        _complain(misuse_text(error))
        return ExitCode.USAGE


def _output_failed(error: OSError) -> int:
    """Tell an output that is full or gone from a bug."""
    if error.errno == errno.EIO:  # the terminal was hung up
        _forget_output()
        return HANGUP
    if error.errno in FULL:
        _forget_output()
        _complain(f"the output could not be written: {error.strerror}")
        return ExitCode.BUG
    return _bug(error)


def _bug(error: BaseException) -> int:
    from oi_core.cli.bug_report import log_folder, report

    _complain(report(error, log_folder()), prefix="")
    return ExitCode.BUG


def _complain(text: str, prefix: str = "interpreter: ") -> None:
    from oi_core.printed.untrusted_text import neutralise

    try:
        sys.stderr.write(f"{prefix}{neutralise(text)}\n")
        sys.stderr.flush()
    except OSError:  # nobody listens any more
        return


def _forget_output() -> None:
    """Let what is buffered for a reader that has left go nowhere, so that Python does not complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        try:
            os.fstat(descriptor)
            if descriptor == 1:
                os.dup2(nowhere, descriptor)
        except OSError:
            os.dup2(nowhere, descriptor)
    os.close(nowhere)
