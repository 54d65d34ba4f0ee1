"""Boot text, loaded when code holds a magic: what carries the magics of notebooks and the shell's commands out."""

from __future__ import annotations

import builtins
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys

from oi_python.boot.cells import CELLS, load
from oi_python.boot.magic_commands import CELL_MAGICS, LINE_MAGICS
from oi_python.boot.showing import write_error
from oi_python.boot.streams import STREAMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

PIP = re.compile(r"(?:(?:python[\d.]*|py) +-m +)?pip[\d.]*(?= )(.*)", re.DOTALL)
EXPRESSION = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|\$\$|\$([A-Za-z_]\w*)")


class UsageError(Exception):
    """A magic that there is not, or that was used in a way that it does not know."""

    __module__ = "builtins"


class Lines(list):  # type: ignore[type-arg]  # not subscriptable in Python 3.8
    """The lines that a command printed."""

    @property
    def n(self) -> str:
        """The text, as it was printed."""
        return "\n".join(self)

    @property
    def s(self) -> str:
        """The words on one line."""
        return " ".join(self)


class Magic:
    """What a cell calls where it had a magic."""

    def shell(self, command: str) -> None:
        """Run a command in the person's shell; it shares the terminal."""
        run_program(shell_arguments(expand(command, caller())))

    def captured(self, command: str) -> Any:
        """Run a command and return the lines that it prints."""
        return lines_of(expand(command, caller()))

    def line(self, name: str, rest: str) -> Any:
        """Carry out a line magic."""
        load("timing")
        load("magic_commands")
        if name not in LINE_MAGICS:
            known = ", ".join(f"%{magic}" for magic in sorted(LINE_MAGICS))
            raise UsageError(f"there is no magic %{name} here; there are {known}")
        frame = caller()
        is_code = name in ("time", "timeit")
        return LINE_MAGICS[name](rest if is_code else expand(rest, frame), frame)

    def cell(self, name: str, rest: str, body: str, line: int) -> Any:
        """Carry out a cell magic, which stands on a line of the cell."""
        load("timing")
        load("magic_commands")
        if name not in CELL_MAGICS:
            known = ", ".join(f"%%{magic}" for magic in sorted(CELL_MAGICS))
            raise UsageError(f"there is no cell magic %%{name} here; there are {known}")
        return CELL_MAGICS[name](rest, body, line)

    def help(self, name: str) -> None:
        """Show the documentation of what a name stands for."""
        frame = caller()
        help(eval(name, frame.f_globals, frame.f_locals))  # noqa: S307  (the person's own code)

    def show(self, value: object) -> None:
        """Show the value of an expression of a pasted session."""
        sys.displayhook(value)


def caller() -> Any:
    """Return the frame of the person's code that called."""
    frame: Any = sys._getframe(1)
    while frame.f_globals is globals():
        frame = frame.f_back
    return frame


def expand(command: str, frame: Any) -> str:
    """Put in the values of {expressions} and $names of the code; the rest is the shell's."""

    def value_of(match: Any) -> str:
        if match[1] is None and match[2] is None:
            return "$" if match[0] == "$$" else str(match[0])
        try:
            if match[2] is not None:
                scope = frame.f_locals if match[2] in frame.f_locals else frame.f_globals
                return str(scope[match[2]])
            return str(eval(match[1], frame.f_globals, frame.f_locals))  # noqa: S307  (the person's own code)
        except Exception:  # noqa: BLE001  (then it is none of ours, as in awk '{print}')
            return str(match[0])

    return EXPRESSION.sub(value_of, command)


def lines_of(command: str) -> Any:
    """Run a command and return the lines that it prints; its errors are shown."""
    STREAMS.flush()
    done = subprocess.run(shell_arguments(command), stdout=subprocess.PIPE, check=False)
    note_status(done.returncode)
    return Lines(done.stdout.decode("utf-8", "replace").splitlines())


def shell_arguments(command: str) -> Any:
    """Return the command line for a command; pip is the one of this Python."""
    match = PIP.fullmatch(command.strip())
    if match:
        command = pip_command(match[1])
    return [person_shell(), "-c", command]


def pip_command(rest: str) -> str:
    """Return the command that installs into this Python."""
    import importlib.util

    python = shlex.quote(sys.executable)
    if importlib.util.find_spec("pip") is None and shutil.which("uv"):
        return f"uv pip {re.sub('^ *([a-z]+)', f' {chr(92)}g<1> --python {python}', rest).strip()}"
    return f"{python} -m pip {rest.strip()}"


def person_shell() -> str:
    """Return the shell that the person uses."""
    shell = os.environ.get("SHELL", "")
    if os.access(shell, os.X_OK) and os.path.basename(shell) not in ("nologin", "false"):  # noqa: PTH119  (pathlib is not imported here)
        return shell
    return shutil.which("bash") or "/bin/sh"


def run_program(arguments: Any, text: Any = None) -> int:
    """Run a program that shares the terminal, or whatever stands for standard output; return its exit status."""
    STREAMS.flush()
    if sys.stdout is STREAMS.out and text is None:
        status = subprocess.call(arguments)
    else:
        keys = None if text is None else subprocess.PIPE
        output = None if sys.stdout is STREAMS.out else subprocess.PIPE
        errors = None if output is None else subprocess.STDOUT
        with subprocess.Popen(arguments, stdin=keys, stdout=output, stderr=errors) as program:
            printed, _ = program.communicate(None if text is None else text.encode("utf-8", "surrogateescape"))
        if printed is not None:
            sys.stdout.write(printed.decode("utf-8", "replace"))
        status = program.returncode
    path, sys.path = sys.path, list(filter(None, sys.path))  # from 3.13 on this imports half of the standard library
    importlib.invalidate_caches()  # it may have installed something
    sys.path = path
    note_status(status)
    return status


def note_status(status: int) -> None:
    """Keep a program's exit status, and say it when it failed."""
    builtins._exit_code = status  # type: ignore[attr-defined]  # our own name on builtins
    if status:
        write_error(f"[exit status {status}]\n" if status > 0 else f"[killed by signal {-status}]\n")


def run_body(body: str, line: int) -> None:
    """Run the Python below a cell magic, with its own line numbers."""
    name = f"<cell {CELLS.number}>"
    CELLS.execute(CELLS.compile("\n" * line + body, name))


builtins.__magic__ = Magic()  # type: ignore[attr-defined]  # our own name on builtins
