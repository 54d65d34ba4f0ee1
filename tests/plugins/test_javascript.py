"""The driven node: what is particular to JavaScript."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import oi_javascript
import pytest

from oi_core.errors import ExecutorError, ProcessDied
from oi_core.plugin_api import DisplayData, Executor, InputRequested, Notice, Outcome, OutputDelta, Workspace
from oi_core.testing.running import Ran, run_and_interrupt, run_sample

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")

INTERFACE = "require('readline').createInterface({ input: process.stdin, output: process.stdout })"
KEPT = "exit was asked for; node was kept, variables intact"
TICKS = "let ticks = 0; while (true) { ticks++; await new Promise((done) => setTimeout(done, 20)) }"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Executor]:
    executor = oi_javascript.start(Workspace(folder=tmp_path))
    yield executor
    executor.close()


def output(executor: Executor, code: str, *answers: str | None) -> str:
    return run_sample(executor, code, list(answers)).output


def stderr(ran: Ran) -> str:
    return "".join(event.text for event in ran.events if isinstance(event, OutputDelta) and event.stream == "stderr")


def test_the_value_of_a_last_expression_is_shown_and_undefined_is_not(node: Executor) -> None:
    assert output(node, "const a = 1; [a, 'two', { three: 3n }]") == "[ 1, 'two', { three: 3n } ]\n"
    assert output(node, "undefined") == ""
    assert output(node, "const b = 2") == ""
    assert output(node, "-0") == "-0\n"
    assert output(node, "Symbol('s')") == "Symbol(s)\n"


def test_a_last_value_that_is_a_promise_is_awaited(node: Executor) -> None:
    assert output(node, "async function main() { await 1; console.log('in main'); return 7 }\nmain()") == "in main\n7\n"


def test_what_a_call_returns_only_by_the_way_is_not_shown(node: Executor) -> None:
    assert output(node, "process.stdout.write('abc')") == "abc"
    assert output(node, "require('net').createServer().listen(0).unref()") == ""
    assert output(node, "setTimeout(() => {}, 0)") == ""


FIRST = ("let NAME = 1", "const NAME = 1", "var NAME = 1", "class NAME {}", "function NAME() {}")
SECOND = (
    "let NAME = 2",
    "const NAME = 2",
    "var NAME = 2",
    "class NAME { static valueOf() { return 2 } }",
    "function NAME() {}; NAME.valueOf = () => 2",
    "const { b: [NAME] } = { b: [2] }",
    "import { two as NAME } from 'data:text/javascript,export const two = 2'",
)


def test_every_declaration_can_be_made_again_as_any_other(node: Executor) -> None:
    for number, (first, second) in enumerate(itertools.product(FIRST, SECOND)):
        name = f"name{number}"
        run_sample(node, first.replace("NAME", name))
        code = second.replace("NAME", name)
        assert output(node, f"{code};\n+{name}") == "2\n", (first, second)
        assert output(node, f"{name} = 3; {name}") == "3\n", (first, second)


def test_declarations_of_every_kind_are_kept(node: Executor) -> None:
    run_sample(node, "let a = 1; const b = await 2; class C { x = 3 }; function d() { return 4 }; var e = 5")
    assert output(node, "[a, b, new C().x, d(), e].join()") == "'1,2,3,4,5'\n"


def test_modules_are_found_from_the_project_folder(node: Executor, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "here"}')
    (tmp_path / "one.mjs").write_text("export default 1; export const name = 'one'")
    package = tmp_path / "node_modules" / "two"
    package.mkdir(parents=True)
    (package / "index.js").write_text("exports.two = 2")
    assert output(node, "require('./package.json').name + require('two').two") == "'here2'\n"
    assert output(
        node, "import one, { name } from './one.mjs'\nimport * as all from './one.mjs'\nall.default + name"
    ) == ("'1one'\n")
    assert output(node, "import { two } from 'two'\n(await import('./one.mjs')).default + two") == "3\n"
    (tmp_path / "one.mjs").write_text("export default 'changed'")
    assert output(node, "(await import('./one.mjs?again')).default") == "'changed'\n"
    assert output(node, "[require.main === module, import.meta.dirname === process.cwd()]") == "[ true, true ]\n"


def test_an_import_of_a_name_that_is_not_there_says_so(node: Executor) -> None:
    assert "'fs' does not provide an export named 'nothing'" in output(node, "import { nothing } from 'fs'")


def test_exports_are_declarations(node: Executor) -> None:
    run_sample(node, "export const a = 1\nexport default function f() { return a }\nexport { a as b }")
    assert output(node, "f()") == "1\n"


def test_code_that_imitates_declarations_inside_strings_is_left_alone(node: Executor) -> None:
    code = "const text = `\nconst x = 1\nimport fs from 'fs'\nawait import('fs')`\ntext"
    assert output(node, code) == "\"\\nconst x = 1\\nimport fs from 'fs'\\nawait import('fs')\"\n"


def test_an_uncaught_error_shows_the_codes_own_frames(node: Executor) -> None:
    run_sample(node, "function f(x) {\n  return x.y.z\n}")
    ran = run_sample(node, "\nf({})")
    assert ran.ending.outcome is Outcome.FAILED
    assert stderr(ran) == (
        "Uncaught TypeError: Cannot read properties of undefined (reading 'z')\n"
        "    at f (<cell-1>:2:14)\n    at <cell-2>:2:1\n"
    )
    assert output(node, "try { f({}) } catch (error) { console.log(error.stack.split('\\n').length) }") == "3\n"


def test_frames_of_awaiting_functions_are_shown(node: Executor) -> None:
    ran = run_sample(
        node, "async function f() { await 1; throw new Error('deep') }\nasync function g() { await f() }\nawait g()"
    )
    assert [line.split()[1:3] for line in stderr(ran).splitlines()[2:]] == [["async", "g"], ["async", "<cell-1>:3:1"]]


def test_a_syntax_error_points_at_its_place(node: Executor) -> None:
    ran = run_sample(node, "const a = 1\nlet b = = 2")
    assert ran.ending.outcome is Outcome.FAILED
    assert ran.output.splitlines()[1:] == ["    at <cell-1>:2", "", "let b = = 2", "        ^"]
    assert "Unexpected token '='" in ran.output
    assert output(node, "typeof a") == "'undefined'\n"


@pytest.mark.parametrize(
    "code",
    [
        "Promise.reject(new Error('oops'))",
        "Promise.reject(new Error('oops')); 1",
        "setTimeout(() => { throw new Error('oops') }, 10); await new Promise(() => {})",
        "process.nextTick(() => { throw new Error('oops') })",
    ],
)
def test_an_error_that_nobody_awaits_fails_the_code(node: Executor, code: str) -> None:
    ran = run_sample(node, code)
    assert ran.ending.outcome is Outcome.FAILED
    assert "Uncaught Error: oops\n" in stderr(ran)
    assert output(node, "1 + 1") == "2\n"


def test_exit_ends_the_code_and_keeps_the_state(node: Executor) -> None:
    run_sample(node, "const a = 41")
    ran = run_sample(node, "try { process.exit(3) } finally { console.log('not reached') }")
    assert (ran.output, ran.ending.outcome, ran.ending.exit_status) == ("", Outcome.FAILED, 3)
    assert ran.ending.note == KEPT
    ran = run_sample(node, "await 1; setTimeout(() => process.exit(), 10); await new Promise(() => {})")
    assert (ran.ending.outcome, ran.ending.exit_status, ran.ending.note) == (Outcome.FINISHED, 0, KEPT)
    assert output(node, "a") == "41\n"


@pytest.mark.parametrize(
    "code",
    [
        "console.log('started'); await 1; while (true) {}",
        "console.log('started'); setTimeout(() => { for (;;); }, 10); await new Promise(() => {})",
        "console.log('started'); await new Promise(() => {})",
        "console.log('started'); require('child_process').execSync('sleep 60')",
        "console.log('started'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
        "process.on('SIGINT', () => {}); while (true) try { while (true) {} } finally { continue }",
    ],
)
def test_an_interrupt_stops_every_way_to_wait(node: Executor, code: str) -> None:
    run_sample(node, "const a = 41")
    for _ in range(2):
        ran, seconds = run_and_interrupt(node, code)
        assert ran.ending.outcome is Outcome.INTERRUPTED
        assert seconds < 2.4
    assert output(node, "a") == "41\n"


def test_code_that_was_stopped_while_it_waited_does_not_go_on(node: Executor) -> None:
    run_and_interrupt(node, TICKS)
    run_and_interrupt(node, "await new Promise((done) => setTimeout(done, 700)); ticks = 'went on'")
    assert output(
        node, "const before = ticks; await new Promise((done) => setTimeout(done, 600)); ticks === before"
    ) == ("true\n")


def test_an_interval_ends_with_the_code_that_was_stopped(node: Executor) -> None:
    run_sample(node, "let ticks = 0")
    run_and_interrupt(node, "setInterval(() => ticks++, 10); await new Promise(() => {})")
    code = "const before = ticks; await new Promise((done) => setTimeout(done, 200)); [before > 0, ticks === before]"
    assert output(node, code) == "[ true, true ]\n"


def test_the_terminals_settings_are_put_back(node: Executor) -> None:
    run_sample(node, "const { execSync } = require('child_process'); execSync('stty raw -echo', { stdio: 'inherit' })")
    settings = "String(execSync('stty -a', { stdio: ['inherit', 'pipe', 'pipe'] })).split(/\\s+/)"
    assert output(node, f"const now = {settings}; ['echo', 'isig', 'icanon'].every((each) => now.includes(each))") == (
        "true\n"
    )


def test_a_stopped_program_that_can_never_end_is_collected_without_harm(node: Executor) -> None:
    run_sample(node, "setTimeout(() => { throw new Error() }, 10); await new Promise(() => {})")
    run_sample(node, "await 1; process.exit()")
    assert output(node, "for (let i = 0; i < 3e6; i++) new Array(50); 'fine'") == "'fine'\n"


def test_callbacks_belong_to_the_code_for_a_moment(node: Executor) -> None:
    code = "require('child_process').exec('sleep 0.1; echo from a child', (error, text) => console.log(text.trim()))"
    assert output(node, code) == "from a child\n"


def test_a_late_timer_is_announced_and_what_it_prints_is_background(node: Executor, tmp_path: Path) -> None:
    done = tmp_path / "done"
    code = f"setTimeout(() => {{ console.log('late'); require('fs').writeFileSync('{done}', '') }}, 1500)"
    assert "pending" in run_sample(node, code).ending.note
    deadline = time.monotonic() + 20
    while not done.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    events = run_sample(node, "'next'").events
    assert [event.text for event in events if isinstance(event, Notice)] == ["javascript printed between blocks: late"]


def test_a_server_goes_on_between_pieces_of_code(node: Executor) -> None:
    run_sample(node, "const server = require('http').createServer((_, answer) => answer.end('hi'))")
    began = time.monotonic()
    run_sample(node, "await new Promise((done) => server.listen(0, '127.0.0.1', done)); 0")
    assert time.monotonic() - began < 0.9
    assert output(node, "(await fetch(`http://127.0.0.1:${server.address().port}`)).text()") == "'hi'\n"


@pytest.mark.parametrize(
    "ask",
    [
        "await require('readline/promises').createInterface(process.stdin, process.stdout).question('Name: ')",
        "await new Promise((got) => lines.question('Name: ', got))",
        "(process.stdout.write('Name: '), String(await new Promise((got) => process.stdin.once('data', got)))).trim()",
        "(process.stdout.write('Name: '), require('fs').readFileSync(0, 'utf8')).trim()",
    ],
)
def test_every_way_to_ask_asks_the_person(node: Executor, ask: str) -> None:
    run_sample(
        node, "const lines = require('readline').createInterface({ input: process.stdin, output: process.stdout })"
    )
    ran = run_sample(node, f"const name = {ask}; process.stdin.pause(); name", ["Ada"])
    asked = [event for event in ran.events if isinstance(event, InputRequested)]
    assert (asked[0].prompt, asked[0].secret) == ("Name: ", False)
    assert ran.output == "Name: 'Ada'\n"


def test_an_interface_asks_only_when_it_wants_a_line(node: Executor) -> None:
    ran = run_sample(node, "const lines = require('readline').createInterface({ input: process.stdin })", ["x"])
    assert not [event for event in ran.events if isinstance(event, InputRequested)]


def test_lines_can_be_read_to_the_end_of_input_and_again_afterwards(node: Executor) -> None:
    code = "for await (const line of require('readline').createInterface({ input: process.stdin })) console.log(line)"
    assert output(node, code, "a", "b", None) == "a\nb\n"
    assert output(node, code, "c", None) == "c\n"
    assert output(node, "for await (const text of process.stdin) console.log(text.length)", "abc", None) == "4\n"
    assert output(node, "for await (const text of process.stdin) console.log(text.length)", "abcd", None) == "5\n"


def test_a_muted_question_is_a_secret(node: Executor) -> None:
    code = """
        const lines = INTERFACE
        process.stdout.write('Password: '); lines._writeToOutput = () => {}
        lines.question('', (word) => { console.log(word.length); lines.close() })"""
    ran = run_sample(node, code.replace("INTERFACE", INTERFACE), ["swordfish"])
    assert [event.secret for event in ran.events if isinstance(event, InputRequested)] == [True]
    assert ran.output == "Password: 9\n"


def test_streams_that_were_closed_or_replaced_are_put_back(node: Executor) -> None:
    run_sample(node, "process.stdout.write = process.stderr.write = () => true")
    assert output(node, "console.log('out'); console.error('err')") == "out\nerr\n"
    run_sample(node, "process.stdout.end()")
    assert output(node, "console.log('again')") == "again\n"


def test_nothing_of_ours_is_in_the_way(node: Executor) -> None:
    assert (
        output(node, "const cell = 1, run = 2, keys = 3, post = 4, session = 5, fs = require('fs'); cell + run")
        == "3\n"
    )
    assert output(node, "process.argv.length + process.execArgv.length") == "2\n"
    own = "Object.keys(globalThis).filter((name) => !['global', 'require', 'module', 'exports'].includes(name))"
    assert "__import" not in output(node, own)


def test_no_node_is_an_unavailable_language_and_no_error_before_it_is_used(tmp_path: Path) -> None:
    workspace = Workspace(folder=tmp_path, environment={"PATH": str(tmp_path)})
    availability = oi_javascript.probe(workspace)
    assert (availability.available, availability.detail) == (False, "node is not installed")
    with pytest.raises(ExecutorError, match="node is not installed"):
        oi_javascript.start(workspace)


def test_the_probe_names_the_version_without_running_anything(tmp_path: Path) -> None:
    program = tmp_path / "v20.1.2" / "bin" / "node"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\ntouch ran\n")
    program.chmod(0o755)
    workspace = Workspace(folder=tmp_path, environment={"PATH": str(program.parent)})
    assert oi_javascript.probe(workspace).detail == f"20.1.2 {program}"
    header = tmp_path / "v20.1.2" / "include" / "node" / "node_version.h"
    header.parent.mkdir(parents=True)
    header.write_text(
        "".join(f"#define NODE_{part}_VERSION {n}\n" for n, part in enumerate(("MAJOR", "MINOR", "PATCH")))
    )
    assert oi_javascript.probe(workspace).detail == f"0.1.2 {program}"
    assert not (tmp_path / "ran").exists()


def test_a_program_that_is_no_node_is_an_error_that_quotes_it(tmp_path: Path) -> None:
    executor = oi_javascript.start(Workspace(folder=tmp_path, command=("python3",)))
    with pytest.raises(ProcessDied, match="javascript could not start"):
        list(executor.run("1"))
    executor.close()


def test_nothing_rich_is_shown_by_the_way(node: Executor) -> None:
    assert not [event for event in run_sample(node, "({ a: 1 })").events if isinstance(event, DisplayData)]
