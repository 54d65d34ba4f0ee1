"""Changing text in the person's own editor."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from signal import SIGINT
from typing import TYPE_CHECKING, Final

from oi_core.cli.signals import interrupt_calls
from oi_core.errors import InterpreterError

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIXES: Final = {"python": ".py", "shell": ".sh", "javascript": ".js", "r": ".R", "ruby": ".rb", "julia": ".jl"}
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


def edit_in(command: list[str], text: str, language: str) -> str:
    """Open ``text`` in an editor and return what it is when the editor ends.

    Ctrl-C is the editor's own business meanwhile.

    Raises:
        EditorError: the editor cannot be started, ends with an error, or leaves a file that is not text.
    """
    with tempfile.TemporaryDirectory(prefix="interpreter-edit-") as folder:
        path = Path(folder) / f"code{SUFFIXES.get(language, '.txt')}"
        path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
        try:
            with interrupt_calls(lambda: None):  # not ignored, which the editor would inherit
                status = subprocess.run([*command, str(path)], check=False).returncode
        except OSError as error:
            raise EditorError(f"{command[0]} cannot be started: {error.strerror}", "set VISUAL or EDITOR") from error
        if status:
            raise EditorError(f"{command[0]} {_ended(status)}", "the text is as it was")
        try:
            return _without_added_newline(path.read_bytes().decode(), text)
        except (OSError, UnicodeDecodeError) as error:
            raise EditorError(f"what {command[0]} left cannot be read: {error}", "the text is as it was") from error


def _ended(status: int) -> str:
    return "was interrupted" if status == -SIGINT else f"ended with exit status {status}"


def _without_added_newline(edited: str, original: str) -> str:
    """Take the newline back that editors end a file with."""
    return edited[:-1] if edited.endswith("\n") and not original.endswith("\n") else edited
