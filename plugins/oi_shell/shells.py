"""Which bash runs the code, and how it is driven."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from oi_core.plugin_api import Dialect, ExecutorError, as_octal_escapes

if TYPE_CHECKING:
    from oi_core.plugin_api import Workspace


@dataclass(frozen=True, slots=True)
class Shell:
    """A bash to start: its command line, empty when there is none, and what a person is told of it."""

    argv: tuple[str, ...]
    detail: str


def find_shell(workspace: Workspace) -> Shell:
    """Return the bash for this workspace: the setting, else the one on PATH."""
    if workspace.command:
        return Shell(tuple(workspace.command), f"the setting ({' '.join(workspace.command)})")
    path = workspace.environment.get("PATH") or os.environ.get("PATH", os.defpath)
    program = shutil.which("bash", path=path)
    return Shell((program,), program) if program else Shell((), "bash is not installed")


def bash(argv: tuple[str, ...]) -> Dialect:
    """Return the dialect of bash, from version 3.2 on.

    Raises:
        ExecutorError: there is none.
    """
    if not argv:
        raise ExecutorError("bash is not installed", "install it, or set languages.shell.command")
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
        heal='stty "$__oi_tty"',
        unspeakable="\0",
        restores=True,
        restored="working directory, variables and functions were kept, background jobs may have ended",
    )


@cache
def _text(name: str) -> str:
    lines = files("oi_shell").joinpath(name).read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))
