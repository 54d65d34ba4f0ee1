"""The command line of a language that is written for node, and which node that is."""

from __future__ import annotations

import os
import re
import shutil
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core.errors import ExecutorError
from oi_core.executors import Availability

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oi_core.executors import Workspace

_PARTS: Final = ("terminal", "keyboard", "stopping", "evaluating", "cells")
_OPTIONS: Final = ("--no-force-async-hooks-checks",)  # code stopped in a callback must not look like a corrupted stack
_HEADER_LINE = re.compile(r"#define NODE_(?:MAJOR|MINOR|PATCH)_VERSION (\d+)")
_IN_PATH = re.compile(r"[/v](\d+\.\d+\.\d+)(?=/)")


def node_command(
    workspace: Workspace, *programs: Path, options: tuple[str, ...] = ()
) -> Callable[[str], Sequence[str]]:
    """Return the ``command`` of a :class:`~oi_core.repl.dialect.Dialect` whose code a program for node runs.

    The ``programs`` are files that are read as one, which defines ``run(code, cell)``; it may be async. Code prints,
    reads ``process.stdin`` or with ``readline``, and ends with ``process.exit`` as in any program; an error that is
    thrown fails it. It can be stopped anywhere: ``cell.stopped`` then says so to what goes on in callbacks.
    ``cell.note`` is what the model is to know of the state; ``emit("l", LINE)`` and ``display({TYPE: VALUE})`` report.
    What has become JavaScript, ``await evaluate(javascript, cell, code)`` runs as a person typed it, with ``require``,
    declarations that stay, and top-level await; it returns the value of the last expression, for ``show`` to print.
    ``options`` are node's.

    Raises:
        ExecutorError: there is no node.
        OSError: a file cannot be read.
    """
    argv = find_node(workspace)
    if not argv:
        raise ExecutorError("node is not installed", "install it, or set the command of the language that needs it")
    return partial(_with_nonce, (*argv, *_OPTIONS, *options, "-e", boot_text(programs)))


def node_availability(workspace: Workspace) -> Availability:
    """Say which node would run, without running it."""
    argv = find_node(workspace)
    if workspace.command:
        return Availability(True, f"the setting ({' '.join(argv)})")
    if not argv:
        return Availability(False, "node is not installed")
    return Availability(True, f"{version_of(Path(argv[0]))} {argv[0]}".strip())


def find_node(workspace: Workspace) -> tuple[str, ...]:
    """Return the command line of the node for this workspace: the setting, else the one on PATH; empty for none."""
    path = workspace.environment.get("PATH") or os.environ.get("PATH", os.defpath)
    program = shutil.which("node", path=path) or shutil.which("nodejs", path=path)
    return workspace.command or ((program,) if program else ())


def version_of(program: Path) -> str:
    """Read a node's version off the header installed beside it, or off its folder's name; empty when neither tells."""
    resolved = program.resolve()
    header = resolved.parent.parent / "include" / "node" / "node_version.h"
    numbers = _HEADER_LINE.findall(header.read_text("utf-8", "replace")) if header.is_file() else []
    match = _IN_PATH.search(str(resolved))
    return ".".join(numbers) or (match.group(1) if match else "")


@cache
def boot_text(programs: tuple[Path, ...]) -> str:
    """Return the boot text of a program: the part, and within its scope the program, in one of its own."""
    own = Path(__file__).with_name("node")
    part = "".join(_code_of(own / f"{name}.js") for name in _PARTS)
    language = "".join(map(_code_of, programs))
    return f"(() => {{\n{part}const language = (() => {{\n{language}return {{ run }};\n}})();\nserve();\n}})();\n"


def _with_nonce(argv: tuple[str, ...], nonce: str) -> tuple[str, ...]:
    return (*argv, nonce)


def _code_of(file: Path) -> str:
    """Return a text without the lines that are comments."""
    return "".join(line for line in file.open(encoding="utf-8") if not line.lstrip().startswith("//"))
