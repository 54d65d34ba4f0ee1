"""SQL as a program: the statements of code run on one SQLite database, which stays open."""

# ruff: noqa: PTH123, T201  (pathlib is slow to import; printing is the purpose)
from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from oi_core.plugin_api import ChildTerminal

# Where a statement may end; what is quoted or a comment is passed over whole, with or without its end.
TOKEN = re.compile(r"""'[^']*'?|"[^"]*"?|`[^`]*`?|\[[^\]]*\]?|--[^\n]*|/\*.*?(?:\*/|\Z)|;""", re.DOTALL)
DOTTED = re.compile(r"\..*")
BLANK = re.compile(r"(?:\s|--[^\n]*|/\*.*?(?:\*/|\Z)|;)*", re.DOTALL)
NEAR = re.compile(r'near "(.+)": syntax error|no such \w+: (?:\w+\.)*(\w+)')
DESCRIBED = {
    ".tables": "SELECT name FROM {} WHERE type IN ('table', 'view') AND name LIKE ? AND name NOT GLOB 'sqlite_*' "
    "ORDER BY name",
    ".schema": "SELECT sql || ';' FROM {} WHERE sql IS NOT NULL AND tbl_name LIKE ? AND name NOT GLOB 'sqlite_*'",
}
SILENT = {"headers", "header", "mode", "width", "nullvalue", "separator", "echo", "timer", "changes", "bail", "output"}
HELP = ".open FILE  .tables [LIKE]  .schema [LIKE]  .databases  .dump  .read FILE  .print TEXT"


class Database:
    """The database that code speaks to."""

    def __init__(self) -> None:
        self.open(":memory:")

    def open(self, name: str) -> None:
        """Open a database; nothing is a transaction but what code makes one."""
        connection = sqlite3.connect(name, timeout=2, isolation_level=None, uri=name.startswith("file:"))
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.set_progress_handler(lambda: 0, 10_000)  # an interrupt takes effect where Python runs
        connection.execute("PRAGMA schema_version")  # a file that is no database is found out now
        self.connection = connection

    def run(self, script: str, terminal: ChildTerminal, file: str = "") -> None:
        """Run the statements of a script up to the first that fails."""
        line, before = 1, 0
        for start, statement in statements(script):
            line, before = line + script.count("\n", before, start), start
            if not file:
                terminal.line(line)
            try:
                if statement.startswith("."):
                    self.command(terminal, *statement.split(maxsplit=1))
                else:
                    answer(self.connection.execute(statement), terminal)
            except (sqlite3.Error, sqlite3.Warning, ValueError, OSError) as error:
                found = NEAR.search(str(error))
                name = (found[1] or found[2]) if found else ""
                offset = statement.index(name) if statement.count(name) == 1 else 0
                terminal.fail(f"Error: {error}", script, start + offset, file, exact=offset > 0)
            finally:
                terminal.note = "a transaction is open: COMMIT or ROLLBACK ends it" * self.connection.in_transaction

    def command(self, terminal: ChildTerminal, name: str, rest: str = "") -> None:
        """Run a command of the sqlite3 program; those that only change its output's looks have nothing to do."""
        argument = rest.strip().strip("'\"")
        if name == ".print":
            print(argument)
        elif name == ".open":
            self.open(argument or ":memory:")
        elif name == ".read":
            with open(argument, encoding="utf-8") as file:
                self.run(file.read(), terminal, argument)
        elif name in DESCRIBED:
            self.describe(name, argument or "%")
        elif name == ".databases":
            answer(self.connection.execute("PRAGMA database_list"), terminal)
        elif name == ".dump":
            for line in self.connection.iterdump():
                print(line)
        elif name in (".quit", ".exit"):
            raise ValueError("the database stays open; there is nothing to leave")
        elif name[1:] not in SILENT:
            raise ValueError(f"unknown command {name}; there are: {HELP}")

    def describe(self, what: str, like: str) -> None:
        """Print the names of tables and views, or the SQL that made things, of every database that is attached."""
        for _, name, _ in self.connection.execute("PRAGMA database_list").fetchall():
            query = DESCRIBED[what].format('"{}".sqlite_master'.format(name.replace('"', '""')))
            for (text,) in self.connection.execute(query, (like,)):
                print(text if what == ".schema" or name == "main" else f"{name}.{text}")


def answer(cursor: sqlite3.Cursor, terminal: ChildTerminal) -> None:
    """Print what a statement gives: a table, or how many rows it changed."""
    if cursor.description:
        terminal.table([column[0] for column in cursor.description], cursor)
    elif cursor.rowcount >= 0:
        print(f"({cursor.rowcount} row{'s' * (cursor.rowcount != 1)} changed)")


def statements(script: str) -> Iterator[tuple[int, str]]:
    """Yield (position, statement) of a script; a line that begins with a dot is one, as is what holds a NUL."""
    end = 0
    while (start := next(BLANK.finditer(script, end)).end()) < len(script):
        texts = (script[start : token.end()] for token in TOKEN.finditer(script, start) if token[0] == ";")
        complete = (text for text in texts if "\0" in text or sqlite3.complete_statement(text))
        dotted = DOTTED.match(script, start)
        text = dotted[0] if dotted else next(complete, script[start:])
        yield start, text
        end = start + len(text)


run = Database().run
