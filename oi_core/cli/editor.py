"""Changing text in the person's own editor."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT
from typing import TYPE_CHECKING, Final, TextIO

from oi_core.cli.signals import interrupt_calls
from oi_core.errors import InterpreterError
from oi_core.printed.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIXES: Final = {"python": ".py", "shell": ".sh", "javascript": ".js", "r": ".R", "ruby": ".rb", "julia": ".jl"}
UNCHANGED: Final = "the text is as it was"
USUAL_EDITORS: Final = ("editor", "nano", "vim", "vi")


class EditorError(InterpreterError):
    """The editor could not be started, or says that it failed."""


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """Return the command line of the person's editor, empty when they have named none."""
    for name in ("VISUAL", "EDITOR"):
        command = environment.get(name, "").strip()
        if command:
            try:
                return shlex.split(command)
            except ValueError as error:
                raise EditorError(f"{name} is not a command line: {error}", f"set {name} to your editor") from error
    return []


def editor_found(environment: Mapping[str, str]) -> list[str]:
    """Return the command line of an editor that is installed, for people who have named none.

    Raises:
        EditorError: there is none of the usual ones.
    """
    for name in USUAL_EDITORS:
        if shutil.which(name, path=environment.get("PATH")):
            return [name]
    raise EditorError("no editor was found", "set VISUAL or EDITOR to yours")


def edit_in(command: list[str], text: str, language: str, out: TextIO | None = None) -> str:
    """Open ``text`` in an editor and return what it is when the editor ends.

    Ctrl-C is the editor's own business meanwhile. An editor with a window of its own is waited for visibly on ``out``,
    a terminal that can move its cursor.

    Raises:
        EditorError: the editor cannot be started, ends with an error, or leaves a file that is not text.
    """
    name = neutralise_line(Path(command[0]).name)
    with tempfile.TemporaryDirectory(prefix="interpreter-edit-") as folder:
        path = Path(folder) / f"code{SUFFIXES.get(language, '.txt')}"
        path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
        try:
            with interrupt_calls(lambda: None), _waited_for(name, out):  # not ignored, which the editor would inherit
                status = subprocess.run([*command, str(path)], check=False).returncode
        except OSError as error:
            raise EditorError(f"{name} cannot be started: {error.strerror}", "set VISUAL or EDITOR") from error
        if status:
            raise EditorError(f"{name} {_ended(status)}", UNCHANGED)
        try:
            return _without_added_newline(path.read_bytes().decode(), text)
        except FileNotFoundError as error:
            raise EditorError(f"{name} left no file", UNCHANGED) from error
        except UnicodeDecodeError as error:
            raise EditorError(f"{name} left text that is not UTF-8", UNCHANGED) from error
        except OSError as error:
            raise EditorError(f"what {name} left cannot be read: {error.strerror}", UNCHANGED) from error


@contextmanager
def _waited_for(name: str, out: TextIO | None) -> Iterator[None]:
    """Say what is waited for, on a line that is taken away again."""
    if out is None:
        yield
        return
    out.write(f"waiting for {name} to end\r")
    out.flush()
    try:
        yield
    finally:
        out.write("\r\x1b[K")
        out.flush()


def _ended(status: int) -> str:
    return "was interrupted" if status == -SIGINT else f"failed with exit status {status}"


def _without_added_newline(edited: str, original: str) -> str:
    """Take the newline back that editors end a file with."""
    return edited[:-1] if edited.endswith("\n") and not original.endswith("\n") else edited
