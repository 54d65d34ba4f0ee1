"""SQL: a language whose statements run on one live SQLite database."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.plugin_api import Availability, Config, Executor, Language, Workspace, hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = (
    "SQLite, an in-memory database that persists between calls; `.open FILE` opens a file, ATTACH adds one; "
    "results are shown as tables; .tables and .schema work"
)


@hookimpl
def provide_languages(config: Config) -> Sequence[Language]:  # noqa: ARG001  (its settings reach it in the workspace)
    """Provide ``sql``."""
    return [Language("sql", SUMMARY, start, aliases=("sqlite", "sqlite3"), probe=probe)]


def start(workspace: Workspace) -> Executor:
    """Start a Python, by default the one that runs this program, with SQLite inside.

    Raises:
        ExecutorError: it cannot be started.
    """
    from oi_core.plugin_api import Dialect, ReplExecutor

    python = workspace.command or (sys.executable,)
    dialect = Dialect(
        name="sql",
        command=lambda nonce: (*python, "-I", "-S", "-c", boot_text(), nonce),
        kept="the database is as it was before the statement",
        lost="its in-memory database, its attached files and open transactions are lost",
    )
    return ReplExecutor(dialect, workspace)


def probe(workspace: Workspace) -> Availability:
    """Say which SQLite would run, without running it."""
    if workspace.command:
        return Availability(True, f"the setting ({' '.join(workspace.command)})")
    if find_spec("_sqlite3") is None:
        return Availability(False, "this Python was built without SQLite")
    import sqlite3

    return Availability(True, f"SQLite {sqlite3.sqlite_version}")


@cache
def boot_text() -> str:
    """Return the boot text."""
    return Path(__file__).with_name("boot.py").read_text("utf-8")
