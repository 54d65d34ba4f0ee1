"""The boot text of the driven SQLite, run in a Python of its own: statements in, tables out."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import signal
import sqlite3
import sys
import termios
import unicodedata
from collections.abc import Iterator
from typing import Any, NoReturn  # Any: what a database holds, and what termios gives

ROWS, WIDTH = 100, 80  # how much of a result is shown: rows, and characters of a value
STEPS = 10_000  # of SQLite's machine between two looks for an interrupt: well under a millisecond
# Where a statement may end; what is quoted or a comment is passed over whole, with or without its end.
TOKEN = re.compile(r"""'[^']*'?|"[^"]*"?|`[^`]*`?|\[[^\]]*\]?|--[^\n]*|/\*.*?(?:\*/|\Z)|;""", re.DOTALL)
BLANK = re.compile(r"(?:\s|--[^\n]*|/\*.*?(?:\*/|\Z)|;)*", re.DOTALL)
NEAR = re.compile(r'near "(.+)": syntax error|no such \w+: (?:\w+\.)*(\w+)')
TABLES = "SELECT {} FROM {}sqlite_master WHERE sql IS NOT NULL AND name LIKE ? AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
SILENT = {"headers", "header", "mode", "width", "nullvalue", "separator", "echo", "timer", "changes", "bail", "output"}
HELP = ".open FILE  .tables [LIKE]  .schema [LIKE]  .databases  .dump  .read FILE  .print TEXT"


class Terminal:
    """The terminal: its settings, the markers written to it, the messages and interrupts that come from it."""

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self.buffer = b""
        self.running = self.writing = self.interrupted = False

    def stop(self, *_: object) -> None:
        """Stop what runs, but not in the midst of a write: half a marker would be output."""
        self.interrupted = self.running
        if self.running and not self.writing:
            raise KeyboardInterrupt

    def write(self, text: str) -> None:
        """Write all of ``text``."""
        data = text.encode("utf-8", "replace")
        self.writing = True
        while data:
            data = data[os.write(1, data) :]
        self.writing = False
        if self.interrupted and self.running:
            raise KeyboardInterrupt

    def emit(self, *fields: object) -> None:
        """Write a marker."""
        self.write("\x1b]6973;" + ";".join(map(str, (self.nonce, *fields))) + "\a")

    def echo(self, on: bool) -> None:
        """Turn echo on or off."""
        settings = termios.tcgetattr(0)
        echo = termios.ECHO | termios.ECHOE
        settings[3] = settings[3] | echo if on else settings[3] & ~echo
        termios.tcsetattr(0, termios.TCSANOW, settings)

    def read(self) -> tuple[str, str, str]:
        """Return the next message: its number, its kind and its text."""
        parts: list[str] = []
        while True:
            while b"\n" not in self.buffer:
                self.buffer += os.read(0, 65536) or sys.exit()
            line, _, self.buffer = self.buffer.partition(b"\n")
            fields = line[max(0, line.rfind(self.nonce.encode())) :].decode("ascii", "replace").split(" ")
            if fields[0] != self.nonce or len(fields) != 4:
                continue
            parts.append(fields[2])
            if fields[3] == ".":
                message = "".join(parts)
                return fields[1], message[0], base64.b64decode(message[1:] + "===").decode("utf-8", "replace")
            if len(parts) == 1:
                self.emit("c")


def pack(text: str) -> str:
    """Return text as a field of a marker."""
    return base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")


def statements(script: str) -> Iterator[tuple[int, str]]:
    """Yield (position, statement) of a script; a line that begins with a dot is a statement of its own."""
    start = after_blank(script, 0)
    while start < len(script):
        if script[start] == ".":
            end = (script + "\n").index("\n", start)
        else:
            ends = (token.end() for token in TOKEN.finditer(script, start) if token[0] == ";")
            end = next((end for end in ends if is_complete(script[start:end])), len(script))
        yield start, script[start:end]
        start = after_blank(script, end)


def is_complete(text: str) -> bool:
    """Say whether SQLite would begin to run this: what it cannot read at all is left for it to refuse."""
    return "\0" in text or sqlite3.complete_statement(text)


def after_blank(script: str, start: int) -> int:
    """Return where something begins that is neither space nor comment."""
    match = BLANK.match(script, start)
    return match.end() if match else start


def shown(value: object) -> str:
    """Return a value as one short line."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value[: WIDTH // 2].hex()}'" + ("…" if len(value) > WIDTH // 2 else "")
    text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in str(value)[: WIDTH + 1])
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(names: list[str], rows: list[Any]) -> str:
    """Return a result as lines of text: numbers to the right, the rest to the left."""
    cells = [names, *([shown(value) for value in row] for row in rows)]
    widths = [max(map(columns_of, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    values = [None, None, *rows]
    lines = []
    for row, texts in zip(values, cells, strict=True):
        padded = []
        for index, text in enumerate(texts):
            space = " " * (widths[index] - columns_of(text))
            padded.append(space + text if row and isinstance(row[index], int | float) else text + space)
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines) + "\n"


class Database:
    """The database that code speaks to, and the terminal that it answers on."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.connection = self.connect(":memory:")

    def connect(self, name: str) -> sqlite3.Connection:
        """Open a database; nothing is a transaction but what code makes one."""
        connection = sqlite3.connect(name, timeout=2, isolation_level=None, uri=name.startswith("file:"))
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.set_progress_handler(lambda: self.terminal.interrupted, STEPS)
        connection.execute("PRAGMA schema_version")  # a file that is no database is found out now
        return connection

    def run(self, script: str, source: str = "") -> None:
        """Run the statements of a script, up to the first that fails.

        Raises:
            Mistake: one did; the message says which, and where.
        """
        line, before = 1, 0
        for start, statement in statements(script):
            line, before = line + script.count("\n", before, start), start
            if not source:
                self.terminal.emit("l", line)
            try:
                if statement.startswith("."):
                    self.command(*[*statement.split(maxsplit=1), ""][:2])
                else:
                    self.answer(self.connection.execute(statement))
            except (sqlite3.Error, sqlite3.Warning, ValueError, OSError) as error:
                raise Mistake(f"Error: {error}\n{source}{place(script, start, statement, str(error))}") from error

    def answer(self, cursor: sqlite3.Cursor) -> None:
        """Print what a statement gives: a table, or how many rows it changed."""
        if cursor.description is None:
            if cursor.rowcount >= 0:
                self.terminal.write(f"({counted(cursor.rowcount)} changed)\n")
            return
        names = [shown(column[0]) for column in cursor.description]
        rows = cursor.fetchmany(ROWS)
        count = len(rows) + sum(1 for _ in cursor)
        rest = f", the first {ROWS} shown" if count > ROWS else ""
        self.terminal.write(f"{table(names, rows)}({counted(count)}{rest})\n")
        self.display(names, rows)

    def display(self, names: list[str], rows: list[Any]) -> None:
        """Report a result as HTML."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(shown(v))}</td>' for v in row)}</tr>" for row in rows)
        data = pack(json.dumps({"text/html": f"<table><tr>{head}</tr>{body}</table>"}))
        for start in range(0, len(data), 3000):
            self.terminal.emit("d", int(start + 3000 < len(data)), data[start : start + 3000])

    def command(self, name: str, argument: str) -> None:
        """Run a command of the sqlite3 program; those that only change its output's looks have nothing to do."""
        argument = argument.strip().strip("'\"")
        match name[1:]:
            case "print":
                self.terminal.write(f"{argument}\n")
            case "open":
                opened = self.connect(argument or ":memory:")
                self.connection.close()
                self.connection = opened
            case "read":
                with open(argument, encoding="utf-8") as file:  # noqa: PTH123  (pathlib is slow to import)
                    self.run(file.read(), f"in {argument}, ")
            case "tables" | "schema":
                self.describe(name, argument or "%")
            case "databases":
                self.answer(self.connection.execute("PRAGMA database_list"))
            case "dump":
                for line in self.connection.iterdump():
                    self.terminal.write(f"{line}\n")
            case "quit" | "exit":
                raise ValueError("the database stays open; there is nothing to leave")
            case other if other not in SILENT:
                raise ValueError(f"unknown command {name}; there are: {HELP}")

    def describe(self, what: str, like: str) -> None:
        """Print the names of tables and views, or the SQL that made things, of every database that is attached."""
        for _, database, _ in self.connection.execute("PRAGMA database_list").fetchall():
            quoted = f'"{database.replace(chr(34), chr(34) * 2)}".'
            prefix = "" if database == "main" else f"{database}."
            if what == ".tables":
                query = TABLES.format("name", quoted) + " AND type IN ('table', 'view') ORDER BY name"
                lines = [f"{prefix}{name}" for (name,) in self.connection.execute(query, (like,))]
            else:
                query = TABLES.format("sql", quoted).replace("AND name LIKE", "AND tbl_name LIKE")
                lines = [f"{sql};" for (sql,) in self.connection.execute(query, (like,))]
            self.terminal.write("".join(f"{line}\n" for line in lines))


class Mistake(Exception):
    """A statement that failed, in words."""


def counted(count: int) -> str:
    """Return a number of rows in words."""
    return "1 row" if count == 1 else f"{count} rows"


def place(script: str, start: int, statement: str, message: str) -> str:
    """Return the line that an error is about; the exact place is known when what the message names occurs once."""
    found = NEAR.search(message)
    name = (found[1] or found[2]) if found else ""
    at = start + statement.index(name) if name and statement.count(name) == 1 else start
    line, column = script.count("\n", 0, at) + 1, at - (script.rfind("\n", 0, at) + 1)
    text = script.split("\n")[line - 1]
    cut = max(0, column - WIDTH)
    caret = f"\n{' ' * (column - cut + 2)}^" if at > start else ""
    return f"line {line}:\n  {text[cut : cut + 2 * WIDTH]}{caret}\n"


def run_cell(database: Database, number: str, code: str) -> None:
    """Run a cell and report its beginning and its end."""
    terminal, word = database.terminal, "ok"
    terminal.echo(True)
    terminal.emit("s", number)
    try:
        try:
            terminal.interrupted, terminal.running = False, True
            database.run(code)
        finally:
            terminal.running = False
    except KeyboardInterrupt:
        word = "interrupt"
    except Mistake as mistake:
        word = "interrupt" if terminal.interrupted else "error"
        if word == "error":
            terminal.emit("e")
            terminal.write(str(mistake))
    note = "a transaction is open: COMMIT or ROLLBACK ends it" if database.connection.in_transaction else ""
    terminal.echo(False)
    termios.tcflush(0, termios.TCIFLUSH)
    terminal.emit("z", number, word, "", pack(note), 0)


def main() -> NoReturn:
    """Take messages until one says to quit."""
    terminal = Terminal(sys.argv[1])
    database = Database(terminal)
    signal.signal(signal.SIGINT, terminal.stop)
    terminal.echo(False)
    terminal.emit("h", os.getpid())
    while True:
        number, kind, text = terminal.read()
        if kind == "x":
            run_cell(database, number, text)
        elif kind == "q":
            database.connection.close()
            sys.exit()


if __name__ == "__main__":
    main()
