"""JavaScript: a language whose code runs in one live node."""

from __future__ import annotations

import os
import re
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.plugin_api import Availability, Config, Executor, ExecutorError, Language, Workspace, hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = (
    "node in one live process: declarations persist between calls and can be made again; top-level await, import and "
    "require work; the value of a last expression is shown, awaited when it is a promise"
)
# node's own parser is within reach; code that was stopped in a callback must not look like a corrupted stack
PARTS = ("channel", "keyboard", "rewriting", "stopping", "cells")
OPTIONS = ("--expose-internals", "--no-force-async-hooks-checks", "-e")
_HEADER_LINE = re.compile(r"#define NODE_(?:MAJOR|MINOR|PATCH)_VERSION (\d+)")
_IN_PATH = re.compile(r"[/v](\d+\.\d+\.\d+)(?=/)")


@hookimpl
def provide_languages(config: Config) -> Sequence[Language]:  # noqa: ARG001  (its settings reach it in the workspace)
    """Provide ``javascript``."""
    return [Language("javascript", SUMMARY, start, aliases=("js", "node", "nodejs", "mjs", "cjs"), probe=probe)]


def start(workspace: Workspace) -> Executor:
    """Start the node of this workspace.

    Raises:
        ExecutorError: it is not there, or cannot be started.
    """
    from oi_core.plugin_api import Dialect, ReplExecutor

    argv = find_node(workspace)
    if not argv:
        raise ExecutorError("node is not installed", "install it, or set languages.javascript.command")
    dialect = Dialect(
        name="javascript",
        command=lambda nonce: (*argv, *OPTIONS, boot_text(), nonce),
        lost="its variables and modules are lost",
        heal="__import.heal()",
    )
    return ReplExecutor(dialect, workspace)


def probe(workspace: Workspace) -> Availability:
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
def boot_text() -> str:
    """Return the boot text, in a scope of its own, without the lines that are comments."""
    folder = Path(__file__).with_name("boot")
    lines = "\n".join(folder.joinpath(f"{part}.js").read_text("utf-8") for part in PARTS).splitlines()
    return "\n".join(("(() => {", *(line for line in lines if not line.lstrip().startswith("//")), "})();"))
