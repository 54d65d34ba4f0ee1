"""Starting a program on a pty of its own, as the leader of its own session, with the terminal as programs expect it."""

from __future__ import annotations

import os
import shlex
import signal
import termios
from typing import TYPE_CHECKING, Any

import pexpect

from oi_core.errors import ExecutorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

READ_SIZE = 64 * 1024
ROWS = 40


def spawn(argv: Sequence[str], folder: Path, environment: Mapping[str, str], columns: int) -> Any:
    """Start a program and return pexpect's child, whose stubs lack much.

    Raises:
        ExecutorError: the program or the folder is not there, or the program cannot be executed.
    """
    if not folder.is_dir():
        raise ExecutorError(f"the working folder {folder} is not there", "start from another folder")
    program, *arguments = argv
    try:
        child = pexpect.spawn(
            program if arguments else shlex.quote(program),
            list(arguments),
            cwd=os.fspath(folder),
            env=dict(environment),
            timeout=None,
            maxread=READ_SIZE,
            dimensions=(ROWS, columns),
            preexec_fn=_prepare_terminal,
            use_poll=True,
        )
    except (pexpect.ExceptionPexpect, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        reason = reason.removesuffix(f": {program}.")  # pexpect names it again
        raise ExecutorError(f"cannot start {program}: {reason}", "is it installed, and on PATH?") from error
    child.delaybeforesend = None
    return child


def _prepare_terminal() -> None:
    """Run in the child before its program: a terminal that passes output through, and signals as a login finds them."""
    attributes = termios.tcgetattr(0)
    attributes[1] &= ~termios.OPOST
    attributes[3] |= termios.NOFLSH  # else the interrupt key throws away output that nobody has read yet
    termios.tcsetattr(0, termios.TCSANOW, attributes)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
