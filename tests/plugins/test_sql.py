"""The driven SQLite: what is particular to SQL."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import oi_sql
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oi_sql.boot import BLANK, statements

from oi_core.errors import ProcessDied
from oi_core.plugin_api import DisplayData, Executor, LineRunning, Outcome, OutputDelta, ReplExecutor, Workspace
from oi_core.testing.running import run_and_interrupt, run_sample

PEOPLE = """
    CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, height REAL);
    INSERT INTO people(name, height) VALUES ('Ada', 1.65), ('世界', NULL), ('Bob; no end -- nor comment', 1.8);
"""
NUMBERS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {}) SELECT n FROM c"
ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n FROM c) SELECT count(*) FROM c"
FRAGMENTS = st.sampled_from(
    ["SELECT 1", "'a;b'", '"c;', "';", "--;\n", "/*;*/", "/*", "[;]", "`", ";", "\n", " ", ".x", "'"]
)


@pytest.fixture
def sql(tmp_path: Path) -> Iterator[Executor]:
    executor = oi_sql.start(Workspace(folder=tmp_path))
    yield executor
    executor.close()


def output(executor: Executor, code: str) -> str:
    return run_sample(executor, code).output


def test_a_result_is_an_aligned_table(sql: Executor) -> None:
    assert output(sql, PEOPLE) == "(3 rows changed)\n"
    assert output(sql, "SELECT * FROM people") == (
        "id  name                        height\n"
        "--  --------------------------  ------\n"
        " 1  Ada                           1.65\n"
        " 2  世界                        NULL\n"
        " 3  Bob; no end -- nor comment     1.8\n"
        "(3 rows)\n"
    )
    assert output(sql, "SELECT name FROM people WHERE 0") == "name\n----\n(0 rows)\n"


def test_a_result_is_html_too(sql: Executor) -> None:
    (shown,) = [event for event in run_sample(sql, "SELECT '<b>' AS a").events if isinstance(event, DisplayData)]
    assert shown.data == {"text/html": "<table><tr><th>a</th></tr><tr><td>&lt;b&gt;</td></tr></table>"}


def test_a_long_result_is_cut_and_counted(sql: Executor) -> None:
    lines = output(sql, NUMBERS.format(20_000)).splitlines()
    assert (len(lines), lines[-1]) == (103, "(20000 rows, the first 100 shown)")


def test_wide_values_are_cut_and_control_characters_are_shown_as_such(sql: Executor) -> None:
    text = output(
        sql, "SELECT printf('%.*c', 5000000, 'x') AS a, char(27, 10, 9) AS b, zeroblob(5000) AS c, x'00ff' AS d"
    )
    assert len(text) < 1000
    assert "…" in text
    assert r"\x1b\n\t" in text
    assert "x'00ff'" in text


def test_statements_end_where_sqlite_says_so(sql: Executor) -> None:
    run_sample(sql, PEOPLE)
    code = """-- a comment; with a semicolon
        CREATE TRIGGER two AFTER INSERT ON people BEGIN
            UPDATE people SET height = 1 WHERE id = new.id; DELETE FROM people WHERE id = 1;
        END; /* and ; here */
        INSERT INTO people(name) VALUES ('it''s; me') RETURNING name; SELECT count(*) AS left FROM people"""
    assert output(sql, code).split() == [
        "name",
        "--------",
        "it's;",
        "me",
        "(1",
        "row)",
        "left",
        "----",
        "3",
        "(1",
        "row)",
    ]


def after_blank(script: str, start: int) -> int:
    return next(BLANK.finditer(script, start)).end()


@given(st.lists(FRAGMENTS, max_size=12).map("".join))
def test_no_statement_is_lost_or_invented(script: str) -> None:
    found = list(statements(script))
    end = 0
    for at, text in found:
        assert script[at : at + len(text)] == text != ""
        assert after_blank(script, end) == at
        end = at + len(text)
    for _, text in found[:-1]:
        assert text.startswith(".") or sqlite3.complete_statement(text)
    assert after_blank(script, end) == len(script)


def test_an_error_names_its_place_and_stops_the_rest(sql: Executor) -> None:
    ran = run_sample(sql, "SELECT 1 AS one;\nSELECT *\n  FORM people;\nSELECT 3")
    assert ran.ending.outcome is Outcome.FAILED
    errors = [event.text for event in ran.events if isinstance(event, OutputDelta) and event.stream == "stderr"]
    assert errors == ['Error: near "FORM": syntax error\nline 3:\n    FORM people;\n    ^\n']
    assert ran.output.startswith("one\n---\n")


def test_the_line_of_a_statement_that_takes_long_is_reported(sql: Executor) -> None:
    ran = run_sample(sql, f"SELECT 1;\n\nSELECT sum(n) FROM ({NUMBERS.format(3_000_000)})")
    assert [event.line for event in ran.events if isinstance(event, LineRunning)] == [3]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("SELECT nobody FROM sqlite_master", "no such column: nobody"),
        ("SELECT 'open", "unrecognized token"),
        ("SELECT (", "incomplete input"),
        ("SELECT 1\0; SELECT 2", "null character"),
        ("SELECT '\udc80'", "surrogates not allowed|NULL|�"),
        (".frobnicate", "unknown command .frobnicate"),
        (".open /nowhere/at.all", "unable to open database file"),
        (".read nothing.sql", "No such file or directory"),
        (".exit", "the database stays open"),
    ],
)
def test_bad_input_is_an_error_and_loses_nothing(sql: Executor, code: str, error: str) -> None:
    run_sample(sql, "CREATE TABLE kept AS SELECT 41 AS x")
    assert any(words in output(sql, code) for words in error.split("|"))
    assert "41" in output(sql, "SELECT x FROM kept")


def test_transactions_go_on_from_one_piece_of_code_to_the_next(sql: Executor) -> None:
    run_sample(sql, PEOPLE)
    ran = run_sample(sql, "BEGIN; DELETE FROM people")
    assert "a transaction is open" in ran.ending.note
    assert output(sql, "SELECT count(*) AS n FROM people").split()[2] == "0"
    assert run_sample(sql, "ROLLBACK").ending.note == ""
    assert output(sql, "SELECT count(*) AS n FROM people").split()[2] == "3"


@pytest.mark.parametrize("query", [ENDLESS, f"SELECT n FROM ({ENDLESS.replace('count(*)', 'n')})"])
def test_an_interrupt_stops_a_query_and_keeps_the_database(sql: Executor, query: str) -> None:
    run_sample(sql, PEOPLE)
    for _ in range(2):
        ran, seconds = run_and_interrupt(sql, f"BEGIN; {query}; .print not reached")
        assert (ran.ending.outcome, ran.output) == (Outcome.INTERRUPTED, "")
        assert seconds < 1
        run_sample(sql, "ROLLBACK")
    assert "(3 rows)" in output(sql, "SELECT * FROM people")


def test_files_are_opened_attached_and_read(sql: Executor, tmp_path: Path) -> None:
    run_sample(sql, "CREATE TABLE in_memory(a)")
    (tmp_path / "script.sql").write_text("CREATE TABLE of_script(a);\nINSERT INTO of_script VALUES (7);\n")
    assert output(sql, "ATTACH 'other.db' AS other; CREATE TABLE other.away(a);\n.tables") == "in_memory\nother.away\n"
    assert output(sql, ".open 'people.db'\n.read script.sql\n.tables") == "(1 row changed)\nof_script\n"
    with sqlite3.connect(tmp_path / "people.db") as connection:
        assert connection.execute("SELECT a FROM of_script").fetchall() == [(7,)]
    connection.close()
    assert output(sql, ".open script.sql").startswith("Error: file is not a database")
    assert output(sql, ".tables") == "of_script\n"
    (tmp_path / "broken.sql").write_text("SELECT 1;\nSELEC 2;")
    assert "in broken.sql, line 2:" in output(sql, ".read broken.sql")


def test_the_schema_and_a_dump_are_sql(sql: Executor) -> None:
    run_sample(sql, "CREATE TABLE a(b);\nCREATE INDEX c ON a(b);\nCREATE TABLE d(e)")
    assert output(sql, ".headers on\n.mode column\n.schema a") == "CREATE TABLE a(b);\nCREATE INDEX c ON a(b);\n"
    assert "BEGIN TRANSACTION;" in output(sql, ".dump")
    assert "main" in output(sql, ".databases")


def test_a_lock_of_another_program_is_an_error_and_no_wedge(sql: Executor, tmp_path: Path) -> None:
    run_sample(sql, ".open busy.db\nCREATE TABLE a(b)")
    other = sqlite3.connect(tmp_path / "busy.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert "database is locked" in output(sql, "INSERT INTO a VALUES (1)")
    other.close()
    assert output(sql, "INSERT INTO a VALUES (1)") == "(1 row changed)\n"


def test_a_death_says_what_is_lost(sql: Executor) -> None:
    assert isinstance(sql, ReplExecutor)
    events = sql.run(f".print started\n{ENDLESS}")
    next(event for event in events if isinstance(event, OutputDelta))
    os.kill(sql._connection.process.pid, signal.SIGKILL)
    with pytest.raises(ProcessDied, match="its in-memory database, its attached files and open transactions are lost"):
        list(events)
    assert output(sql, ".print hello") == "hello\n"


def test_many_statements_take_no_longer_than_each(sql: Executor) -> None:
    run_sample(sql, "CREATE TABLE a(b)")
    code = "BEGIN;\n" + "INSERT INTO a VALUES (1);\n" * 20_000 + "COMMIT;\nSELECT count(*) FROM a;"
    assert "20000" in output(sql, code)


def test_the_probe_names_the_version() -> None:
    assert oi_sql.probe(Workspace()).detail == f"SQLite {sqlite3.sqlite_version}"
