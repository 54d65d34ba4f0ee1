"""A language that is a program for node passes the suite, and has what the kit promises to such programs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from oi_core.errors import ProcessDied
from oi_core.plugin_api import (
    Dialect,
    DisplayData,
    Executor,
    ExecutorError,
    LineRunning,
    Outcome,
    ReplExecutor,
    Workspace,
    node_command,
)
from oi_core.testing.conformance import FLOOD_SIZE, UNICODE, ExecutorConformance
from oi_core.testing.running import run_and_interrupt, run_sample

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")

PROGRAM = Path(__file__).with_name("programs") / "statements.js"
IGNORED = """require('child_process').execSync("trap '' INT; while :; do sleep 0.2; done", {stdio: 'inherit'})"""


def start_program(workspace: Workspace, program: Path = PROGRAM) -> Executor:
    return ReplExecutor(Dialect("statements", node_command(workspace, program)), workspace)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Executor]:
    executor = start_program(Workspace(folder=tmp_path))
    yield executor
    executor.close()


class TestProgram(ExecutorConformance):
    hello = "console.log('hello')"
    store = "globalThis.x = 41"
    recall = "console.log(globalThis.x)"
    error = "throw new TypeError('oops')"
    unicode = f"console.log('{UNICODE}')"
    no_newline = "process.stdout.write('abc')"
    slow = "console.log('first'); new Promise((done) => setTimeout(done, 2000)).then(() => console.log('second'))"
    both_streams = "console.log(1); console.error(2); console.log(3)"
    endless = "console.log('started'); while (true) {}"
    stubborn = f"console.log('started'); {IGNORED}"
    crash = "process.kill(process.pid, 'SIGKILL')"
    flood = f"console.log('x'.repeat({FLOOD_SIZE})); console.log('end')"
    forged_marker = "console.log('\\x1b]6973;0123456789abcdef;z;1;ok\\x07after')"
    reads_input = """process.stdout.write('Name: '); process.stdin.once('data', (name) => {
        process.stdin.pause(); console.log('got', String(name).trim()) })"""
    long_code = "x = 'a line of code that is repeated until the block is a megabyte long';"

    def start(self) -> Executor:
        return start_program(Workspace())


def test_code_reports_lines_values_and_what_to_know_of_the_state(program: Executor) -> None:
    ran = run_sample(
        program, "cell.note = 'half done'; emit('l', 3); new Promise((done) => setTimeout(done, 300)).then(() => {})"
    )
    assert [event.line for event in ran.events if isinstance(event, LineRunning)] == [3]
    assert ran.ending.note == "half done"
    ran = run_sample(
        program, "display({ 'text/html': '<b>'.repeat(9999), 'image/png': Buffer.from([0, 1, 254, 255]) })"
    )
    (shown,) = [event for event in ran.events if isinstance(event, DisplayData)]
    assert shown.data == {"text/html": "<b>" * 9999, "image/png": bytes([0, 1, 254, 255])}
    assert ran.ending.note == ""


def test_an_interrupt_never_cuts_what_is_reported(program: Executor) -> None:
    for _ in range(2):
        ran, _seconds = run_and_interrupt(program, "while (true) emit('l', 7)")
        assert (ran.ending.outcome, ran.output) == (Outcome.INTERRUPTED, "")


def test_the_names_of_the_part_are_not_those_of_code(program: Executor) -> None:
    code = "var process = process, buffer = 1, parts = 2, language = 3, folder = 4, holder = 5, load = 6"
    assert run_sample(program, code).ending.outcome is Outcome.FINISHED
    assert run_sample(program, "console.log(typeof take, typeof evaluate, typeof run)").output == (
        "undefined undefined undefined\n"
    )


def test_a_language_that_becomes_javascript_is_run_as_typed(tmp_path: Path) -> None:
    shouted = start_program(Workspace(folder=tmp_path), PROGRAM.with_name("shouted.js"))
    try:
        run_sample(shouted, "LET A = AWAIT 41; CLASS B {}")
        assert run_sample(shouted, "LET A = A_ => A_ + 1; A(41)").output == "42\n"
        assert run_sample(shouted, "REQUIRE('PATH').BASENAME(__filename)").output == "'cell.js'\n"
        wrong = run_sample(shouted, "1;\nLET C = = 2")
        assert wrong.ending.outcome is Outcome.FAILED
        assert wrong.output.endswith("    at <cell-4>:2\n\nLET C = = 2\n        ^\n")
        ran, _seconds = run_and_interrupt(shouted, "FOR (;;) {}")
        assert ran.ending.outcome is Outcome.INTERRUPTED
    finally:
        shouted.close()


def test_a_program_that_cannot_start_is_an_error_that_quotes_it(tmp_path: Path) -> None:
    broken = tmp_path / "broken.js"
    broken.write_text("const started = no_such_thing;\n")
    executor = start_program(Workspace(folder=tmp_path), broken)
    with pytest.raises(ProcessDied, match=r"statements could not start: .*no_such_thing is not defined"):
        list(executor.run("1"))
    executor.close()


def test_no_node_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ExecutorError, match="node is not installed"):
        node_command(Workspace(folder=tmp_path, environment={"PATH": str(tmp_path)}), PROGRAM)
