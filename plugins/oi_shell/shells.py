"""Which shell runs the code, and how it is driven."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.plugin_api import Dialect, ExecutorError, as_octal_escapes

if TYPE_CHECKING:
    from oi_core.plugin_api import Workspace

PREFERRED = ("bash", "zsh", "sh")
_SHELLS = {"bash": "bash", "zsh": "zsh", "sh": "sh", "dash": "sh", "ash": "sh"}


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell to start: its kind, its command line, empty when there is none, and what a person is told of it."""

    kind: str
    argv: tuple[str, ...]
    detail: str


def find_shell(workspace: Workspace) -> Shell:
    """Return the shell for this workspace: the setting, else the first of bash, zsh and sh that is on PATH."""
    path = workspace.environment.get("PATH") or os.environ.get("PATH", os.defpath)
    if workspace.command:
        argv = tuple(workspace.command)
        return Shell(_kind_of(argv, path), argv, f"the setting ({' '.join(argv)})")
    for name in PREFERRED:
        if program := shutil.which(name, path=path):
            return Shell(_kind_of((program,), path), (program,), program)
    return Shell("", (), "neither bash nor zsh nor sh is installed")


def _kind_of(argv: tuple[str, ...], path: str) -> str:
    """Return the kind of the first word that names a shell; anything that does not is taken for a bash.

    ``sh`` is a name of many shells: where it leads to another program, that one tells.
    """
    for word in argv:
        if kind := _SHELLS.get(Path(word).name):
            program = shutil.which(word, path=path)
            return _SHELLS.get(Path(program).resolve().name, kind) if program else kind
    return "bash"


def dialect_of(shell: Shell) -> Dialect:
    """Return the dialect of a shell.

    Raises:
        ExecutorError: there is none.
    """
    if not shell.argv:
        raise ExecutorError(shell.detail, "install one, or set languages.shell.command")
    return {"bash": _bash, "zsh": _zsh, "sh": _sh}[shell.kind](shell.argv)


def _bash(argv: tuple[str, ...]) -> Dialect:
    """Return the dialect of bash, from version 3.2 on."""
    boot = _text("boot.bash")
    return Dialect(
        name="shell",
        command=lambda nonce: (
            "env",
            f"__oi_boot=__oi_nonce={nonce}\n{boot}",
            'PROMPT_COMMAND=eval "$__oi_boot"; eval "$__oi_loop"',
            *argv,
            *("--noprofile", "--norc", "--noediting", "-i"),
        ),
        encode=as_octal_escapes,
        kept="working directory, variables and functions intact",
        lost="its working directory, variables and functions are lost",
        reenter=b'eval "$__oi_loop"\n',
        heal=': $(stty "$__oi_tty")',
        unspeakable="\0",
        restores=True,
        restored="working directory, variables and functions were kept, background jobs may have ended",
    )


def _zsh(argv: tuple[str, ...]) -> Dialect:
    """Return the dialect of zsh, from version 5.3 on."""
    boot = _text("boot.zsh")
    return Dialect(
        name="shell",
        command=lambda nonce: (*argv, "-f", "-i", "-c", f"__oi_nonce={nonce}\n{boot}"),
        encode=as_octal_escapes,
        kept="working directory, variables and functions intact",
        lost="its working directory, variables and functions are lost",
        heal='stty "$__oi_tty"',
        unspeakable="\0",
        restores=True,
        restored="working directory, variables and functions were kept, background jobs may have ended",
    )


def _sh(argv: tuple[str, ...]) -> Dialect:
    """Return the dialect of a POSIX shell of Almquist's family: dash, or busybox's ash."""
    boot = _text("boot.sh")
    return Dialect(
        name="shell",
        command=lambda nonce: (*argv, "-i", "-s", "-c", f"__oi_nonce={nonce}\n{boot}"),
        encode=as_octal_escapes,
        kept="working directory, variables and functions intact",
        lost="its working directory, variables and functions are lost",
        reenter=b'eval "$__oi_loop"\n',
        heal='"$__oi_stty" "$__oi_tty"',
        unspeakable="\0",
        restores=True,
        restored="working directory, variables and aliases were kept, functions and background jobs were lost: this is "
        "a plain sh, which cannot print its functions",
    )


@cache
def _text(name: str) -> str:
    lines = files("oi_shell").joinpath(name).read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))
