"""The records of --json: what the published schema says of them, and the result that always ends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from oi_core.testing.answers import refuse, run, say
from oi_core.testing.server import ChatServer

from .command import Command


@pytest.fixture
def schema(command: Command) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(command.run("schema", "events").stdout)
    jsonschema.Draft202012Validator.check_schema(written)
    return written


def checked(stdout: str, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the records of a stream, each of which is what the schema says, and has no field that it does not tell."""
    validator = jsonschema.Draft202012Validator(schema)
    records = [json.loads(line) for line in stdout.splitlines()]
    told = {kind["title"]: set(kind["properties"]) for kind in schema["oneOf"]}
    for record in records:
        validator.validate(record)
        assert set(record) == told[record["type"]]
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    assert [record["type"] for record in records].index("result") == len(records) - 1
    return records


def test_a_whole_session_is_as_the_schema_says(command: Command, schema: dict[str, Any]) -> None:
    shown = "class T:\n    def _repr_html_(self): return '<b>'\n    def __repr__(self): return 't'\nprint(1)\nT()"
    answers = [
        run("python", shown, text="See.", tokens=(20, 3)),
        run("python", "input('name? ')", call_id="b"),
        run("shell", "rm -rf /", call_id="c"),
        say("Done.", tokens=(50, 3)),
    ]
    with ChatServer(*answers) as server:
        done = command.run("-y", "--json", "--base-url", server.base_url, "-p", "go on")
    records = checked(done.stdout, schema)
    kinds = {record["type"] for record in records}
    assert kinds >= {
        *("session.start", "message.delta", "code", "approval", "output", "display", "input", "code.end", "usage"),
        "result",
    }
    assert [record["outcome"] for record in records if record["type"] == "code.end"] == [
        "finished",
        "failed",
        "blocked",
    ]


def streams_of_trouble(command: Command) -> Iterator[tuple[str, int]]:
    for words in (["--bogus"], [], ["-o", "aproval=ask", "-p", "hi"], ["--output-format=jsonl", "-p", " "]):
        done = command.run("--json", *words)
        yield done.stdout, done.returncode
    with ChatServer(refuse(401, "Incorrect API key")) as server:
        done = command.run("--json", "--base-url", server.base_url, "-p", "hi")
        yield done.stdout, done.returncode


def test_trouble_of_every_kind_ends_in_a_result_with_the_exit_code(command: Command, schema: dict[str, Any]) -> None:
    codes = []
    for stdout, code in streams_of_trouble(command):
        *_, last = checked(stdout, schema)
        assert last["exit_code"] == code
        codes.append(code)
    assert codes == [2, 2, 2, 2, 3]


def test_one_document_holds_only_the_result_also_of_a_wrong_command_line(command: Command) -> None:
    done = command.run("--output-format", "json", "--bogus")
    assert json.loads(done.stdout)["exit_code"] == done.returncode == 2


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false"])
def test_a_language_that_could_not_start_is_exit_code_7(command: Command, python: str) -> None:
    with ChatServer(run("python", "1"), say("It did not start.")) as server:
        options = ["-y", "--json", "--base-url", server.base_url, "-o", f'languages.python.command=["{python}"]']
        done = command.run(*options, "-p", "hi")
    assert done.returncode == 7
    assert json.loads(done.stdout.splitlines()[-1])["exit_code"] == 7


def test_a_language_that_could_not_start_does_not_count_when_another_did(command: Command) -> None:
    with ChatServer(run("python", "1"), run("shell", "true", call_id="b"), say("With the shell.")) as server:
        options = ["-y", "--base-url", server.base_url, "-o", 'languages.python.command=["/nowhere"]']
        assert command.run(*options, "-p", "hi").returncode == 0
