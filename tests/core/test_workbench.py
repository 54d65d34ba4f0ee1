from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from oi_core.errors import ExecutorError, ProcessDied, UnknownLanguage
from oi_core.events import DisplayData, Event, ExecutionStarted, InputRequested, OutputDelta
from oi_core.executors import Availability, CellEnded, Executor, ExecutorEvent, Language, Workspace
from oi_core.messages import CodeBlock
from oi_core.printed.bounded_output import OutputBound
from oi_core.results import ExecutionResult, Outcome
from oi_core.workbench import Workbench


class Machine:
    """A little language of single words, enough to bring about everything a workbench must cope with."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.answered = threading.Event()
        self.line: str | None = None
        self.closed = False
        self.generator_closed = False

    def run(self, code: str) -> Iterator[ExecutorEvent]:
        word, _, rest = code.partition(" ")
        match word:
            case "say":
                yield OutputDelta(rest)
            case "fail":
                yield OutputDelta("boom\n", "stderr")
                yield CellEnded(Outcome.FAILED, exit_status=3)
            case "wait":
                yield from self._wait()
            case "resist":
                yield OutputDelta("resisting")
                self.stopped.wait(10)
                raise ProcessDied("did not stop and was killed", -9)
            case "ask":
                yield InputRequested(rest)
                self.answered.wait(5)
                yield OutputDelta(f"got {self.line!r}")
            case "die":
                yield OutputDelta("last words")
                raise ProcessDied("ended by signal 9 (SIGKILL)", -9)
            case "break":
                raise RuntimeError("a bug of the plugin's")
            case "show":
                yield DisplayData({"text/plain": rest})

    def _wait(self) -> Iterator[ExecutorEvent]:
        try:
            yield OutputDelta("waiting")
            self.stopped.wait(10)
            yield CellEnded(Outcome.INTERRUPTED, note="state kept")
        except GeneratorExit:
            self.generator_closed = True
            raise

    def interrupt(self) -> None:
        self.stopped.set()

    def answer(self, text: str | None) -> None:
        self.line = text
        self.answered.set()

    def close(self) -> None:
        self.closed = True


class Machines:
    """Starts machines and remembers them."""

    def __init__(self) -> None:
        self.started: list[Machine] = []

    def start(self, workspace: Workspace) -> Executor:
        machine = Machine()
        self.started.append(machine)
        return machine


@pytest.fixture
def machines() -> Machines:
    return Machines()


@pytest.fixture
def workbench(machines: Machines) -> Iterator[Workbench]:
    bench = bench_with(machines)
    yield bench
    bench.close()


def bench_with(machines: Machines, on_input: Callable[[InputRequested], str | None] | None = None) -> Workbench:
    language = Language("words", "single words", machines.start, aliases=("w",))
    missing = Language(
        "missing", "not here", machines.start, probe=lambda _workspace: Availability(False, "it is not installed")
    )
    return Workbench({"words": language, "missing": missing}, lambda _language: Workspace(), on_input)


def run(
    bench: Workbench, code: str, language: str = "words", seconds: float = 0
) -> tuple[list[Event], ExecutionResult]:
    events: list[Event] = []
    running = bench.run(CodeBlock("call00001", language, code), seconds, OutputBound(1000))
    while True:
        try:
            events.append(next(running))
        except StopIteration as end:
            return events, end.value


def test_events_come_through_and_the_output_is_collected(workbench: Workbench) -> None:
    events, result = run(workbench, "say hello")
    assert events == [ExecutionStarted(result.block), OutputDelta("hello")]
    assert (result.output, result.outcome) == ("hello", Outcome.FINISHED)


def test_an_executor_is_started_once_and_kept(workbench: Workbench, machines: Machines) -> None:
    run(workbench, "say a")
    run(workbench, "say b", language="W")
    assert len(machines.started) == 1


def test_failing_code_is_a_failed_result_with_its_status(workbench: Workbench) -> None:
    _, result = run(workbench, "fail")
    assert (result.outcome, result.exit_status, result.output) == (Outcome.FAILED, 3, "boom\n")


def test_a_dead_process_is_a_crashed_result_and_the_next_block_gets_a_fresh_one(
    workbench: Workbench, machines: Machines
) -> None:
    _, result = run(workbench, "die")
    assert (result.outcome, result.exit_status, result.output) == (Outcome.CRASHED, -9, "last words")
    assert "SIGKILL" in result.note
    assert "the next code starts a fresh process" in result.note
    assert machines.started[0].closed
    assert run(workbench, "say again")[1].output == "again"
    assert len(machines.started) == 2


def test_an_executor_with_a_bug_is_a_crashed_result_that_names_it(workbench: Workbench) -> None:
    _, result = run(workbench, "break")
    assert result.outcome is Outcome.CRASHED
    assert "the executor of words failed: RuntimeError: a bug of the plugin's" in result.note


def test_the_time_limit_interrupts_and_says_so(workbench: Workbench) -> None:
    _, result = run(workbench, "wait", seconds=0.1)
    assert result.outcome is Outcome.TIMED_OUT
    assert result.note.startswith("stopped at the time limit after 0 s; state kept")


def test_an_interrupt_from_another_thread_says_so(workbench: Workbench) -> None:
    threading.Timer(0.1, workbench.interrupt).start()
    _, result = run(workbench, "wait", seconds=30)
    assert result.outcome is Outcome.INTERRUPTED
    assert result.note == "interrupted by the user after 0 s; state kept"


def test_code_that_was_stopped_the_hard_way_did_not_crash(workbench: Workbench) -> None:
    threading.Timer(0.1, workbench.interrupt).start()
    _, result = run(workbench, "resist", seconds=30)
    assert result.outcome is Outcome.INTERRUPTED
    assert result.note.startswith("interrupted by the user after 0 s; did not stop and was killed; the next code")
    assert run(workbench, "resist", seconds=0.1)[1].outcome is Outcome.TIMED_OUT


def test_an_interrupt_while_nothing_runs_does_nothing(workbench: Workbench) -> None:
    workbench.interrupt()
    assert run(workbench, "say fine")[1].outcome is Outcome.FINISHED


def test_closing_the_generator_closes_the_executors(workbench: Workbench, machines: Machines) -> None:
    running: Generator[Event, None, ExecutionResult] = workbench.run(
        CodeBlock("c", "words", "wait"), 0, OutputBound(1000)
    )
    assert isinstance(next(running), ExecutionStarted)
    assert next(running) == OutputDelta("waiting")
    running.close()
    assert machines.started[0].generator_closed


def test_an_unavailable_language_is_a_result_with_the_reason(workbench: Workbench) -> None:
    _, result = run(workbench, "say x", language="missing")
    assert result.outcome is Outcome.CRASHED
    assert "missing is not available here: it is not installed" in result.note


def test_an_unknown_language_is_an_error_that_lists_the_known_ones(workbench: Workbench) -> None:
    with pytest.raises(UnknownLanguage, match="words, missing"):
        workbench.language("cobol")


def test_a_language_that_does_not_start_is_named(machines: Machines) -> None:
    def fail(workspace: Workspace) -> Executor:
        raise OSError("no such file")

    bench = Workbench({"x": Language("x", "broken", fail)}, lambda _language: Workspace())
    with pytest.raises(ExecutorError, match="x could not be started: OSError: no such file"):
        bench.start("x")
    assert run(bench, "say x", language="x")[1].outcome is Outcome.CRASHED
    bench.close()


def test_an_answer_given_in_the_loop_reaches_the_program(workbench: Workbench) -> None:
    running = workbench.run(CodeBlock("c", "words", "ask name?"), 0, OutputBound(1000))
    output = ""
    for event in running:
        if event == InputRequested("name?"):
            workbench.answer("Ada")
        elif isinstance(event, OutputDelta):
            output += event.text
    assert output == "got 'Ada'"


def test_an_answer_may_come_from_another_thread_a_little_later(workbench: Workbench) -> None:
    running = workbench.run(CodeBlock("c", "words", "ask name?"), 0, OutputBound(1000))
    output = ""
    for event in running:
        if isinstance(event, InputRequested):
            threading.Timer(0.1, workbench.answer, ["Grace"]).start()
        elif isinstance(event, OutputDelta):
            output += event.text
    assert output == "got 'Grace'"


def test_an_unanswered_program_reads_end_of_file(workbench: Workbench) -> None:
    before = time.monotonic()
    assert run(workbench, "ask name?")[1].output == "got None"
    assert time.monotonic() - before < 5


def test_a_function_for_input_answers(machines: Machines) -> None:
    bench = bench_with(machines, on_input=lambda request: request.prompt.upper())
    assert run(bench, "ask name?")[1].output == "got 'NAME?'"
    bench.close()


def test_restarting_ends_the_process(workbench: Workbench, machines: Machines) -> None:
    run(workbench, "say a")
    workbench.restart("words")
    assert machines.started[0].closed
    run(workbench, "say b")
    assert len(machines.started) == 2


def test_closing_ends_every_process(machines: Machines) -> None:
    bench = bench_with(machines)
    run(bench, "say a")
    bench.close()
    assert [machine.closed for machine in machines.started] == [True]


def test_output_too_long_for_the_result_is_kept_in_a_file_until_the_end(machines: Machines) -> None:
    bench = bench_with(machines)
    _, result = run(bench, "say " + "x" * 10_000)
    assert len(result.output) < 1200
    assert f"the whole output is in {result.spool} …]" in result.output
    assert Path(result.spool).read_text() == "x" * 10_000
    bench.close()
    assert not Path(result.spool).exists()
