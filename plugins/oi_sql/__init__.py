"""SQL: a language whose statements run on one live SQLite database."""

from pathlib import Path

from oi_core.plugin_api import Availability, Executor, Language, Workspace, hookimpl

SUMMARY = (
    "SQLite, an in-memory database that persists between calls; `.open FILE` opens a file, ATTACH adds one; "
    "results are shown as tables; .tables and .schema work"
)
KEPT = "the database is as it was before the statement"
LOST = "its in-memory database, its attached files and open transactions are lost"


@hookimpl
def provide_languages() -> list[Language]:
    """Provide ``sql``."""
    return [Language("sql", SUMMARY, start, aliases=("sqlite", "sqlite3"), probe=probe)]


def start(workspace: Workspace) -> Executor:
    """Start a Python with SQLite inside, by default the one that runs this program."""
    from oi_core.plugin_api import Dialect, ReplExecutor, python_command

    command = python_command(workspace, Path(__file__).with_name("boot.py"))
    return ReplExecutor(Dialect("sql", command, kept=KEPT, lost=LOST), workspace)


def probe(workspace: Workspace) -> Availability:
    """Say which SQLite would run, without running it."""
    if workspace.command:
        return Availability(True, f"the setting ({' '.join(workspace.command)})")
    try:
        import sqlite3
    except ImportError:
        return Availability(False, "this Python was built without SQLite")
    return Availability(True, f"SQLite {sqlite3.sqlite_version}")
