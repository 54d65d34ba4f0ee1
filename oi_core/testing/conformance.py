"""What every executor must do, as a class of tests that a language's own tests subclass.

::

    class TestCalculator(ExecutorConformance):
        def start(self):
            return calculator_language.start(Workspace())

        hello = "print hello"
        store, recall = "x = 41", "print x"

A sample that is left empty is a capability that the language does not have, and is not tested. The tests are plain
methods, so that any runner takes them; nothing here imports one.
"""

# ruff: noqa: D102  (the name of a test says what it claims)

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from oi_core.errors import ProcessDied
from oi_core.events import InputRequested, OutputDelta
from oi_core.executors import CellEnded
from oi_core.results import Outcome
from oi_core.testing.running import (
    LEAD_SECONDS,
    child_processes,
    expect,
    open_descriptors,
    run_and_interrupt,
    run_sample,
)
from oi_core.testing.samples import FLOOD_SIZE, UNICODE, Samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_core.executors import Executor

__all__ = ["FLOOD_SIZE", "UNICODE", "ExecutorConformance"]
STOP_SECONDS = 3.0
_PATIENCE = 2.0  # for a busy machine, on top of what is promised


class ExecutorConformance(Samples):
    """Tests of one executor; subclass it, define :meth:`start`, and give samples in the language."""

    def start(self) -> Executor:
        """Return a fresh executor; it is closed by the test."""
        raise NotImplementedError("define start() in the subclass")

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        for name, needs in _NEEDS.items():
            if not all(getattr(cls, sample) for sample in needs):
                setattr(cls, name, None)

    @contextmanager
    def running(self) -> Iterator[Executor]:
        """Give an executor to a test, and close it."""
        executor = self.start()
        try:
            yield executor
        finally:
            executor.close()

    def test_it_runs_code_and_says_that_it_finished(self) -> None:
        with self.running() as executor:
            ran = run_sample(executor, self.hello)
            expect("hello\n" in ran.output, f"the output is {ran.output!r}")
            expect(ran.ending.outcome is Outcome.FINISHED, f"it ended as {ran.ending}")

    def test_the_end_is_the_last_event(self) -> None:
        with self.running() as executor:
            events = list(executor.run(self.hello))
            ends = [index for index, event in enumerate(events) if isinstance(event, CellEnded)]
            expect(ends in ([], [len(events) - 1]), f"ends at {ends} of {len(events)} events")

    def test_empty_code_is_nothing_special(self) -> None:
        with self.running() as executor:
            for code in ("", "\n\n", "   "):
                expect(run_sample(executor, code).output.strip() == "", f"{code!r} printed something")
            expect("hello" in run_sample(executor, self.hello).output, "it did not run code afterwards")

    def test_state_is_kept(self) -> None:
        with self.running() as executor:
            run_sample(executor, self.store)
            expect("41" in run_sample(executor, self.recall).output, "the state was lost")

    def test_executors_do_not_share_state(self) -> None:
        with self.running() as one, self.running() as other:
            run_sample(one, self.store)
            expect("41" not in run_sample(other, self.recall).output, "state went from one executor to another")

    def test_an_error_is_output_and_an_outcome(self) -> None:
        with self.running() as executor:
            ran = run_sample(executor, self.error)
            expect(ran.ending.outcome is Outcome.FAILED, f"it ended as {ran.ending}")
            expect("oops" in ran.output, f"the output is {ran.output!r}")
            expect(run_sample(executor, self.hello).ending.outcome is Outcome.FINISHED, "an error broke what came next")

    def test_unicode_arrives_whole(self) -> None:
        with self.running() as executor:
            expect(UNICODE in run_sample(executor, self.unicode).output, "characters were lost")

    def test_output_without_a_newline_is_kept_apart(self) -> None:
        with self.running() as executor:
            expect(run_sample(executor, self.no_newline).output == "abc", "the output is not what was printed")
            expect(
                run_sample(executor, self.hello).output.startswith("hello"), "output ran into the next piece of code"
            )

    def test_output_arrives_before_the_end(self) -> None:
        with self.running() as executor:
            run_sample(executor, self.hello)
            began = time.monotonic()
            for event in executor.run(self.slow):
                if isinstance(event, OutputDelta) and "first" in event.text:
                    expect("second" not in event.text and time.monotonic() - began < 1.5, "it came with the last")

    def test_streams_keep_their_order(self) -> None:
        with self.running() as executor:
            lines = run_sample(executor, self.both_streams).output.split()
            expect(lines == ["1", "2", "3"], f"the output is {lines}")

    def test_an_interrupt_stops_code_and_keeps_state(self) -> None:
        with self.running() as executor:
            if self.store:
                run_sample(executor, self.store)
            ran, seconds = run_and_interrupt(executor, self.endless)
            expect(seconds < STOP_SECONDS + _PATIENCE, f"it took {seconds:.1f} s to stop")
            expect(ran.ending.outcome is Outcome.INTERRUPTED, f"it ended as {ran.ending}")
            expect("hello" in run_sample(executor, self.hello).output, "it did not run code afterwards")
            expect(not self.store or "41" in run_sample(executor, self.recall).output, "the state was lost")

    def test_an_interrupt_while_nothing_runs_does_nothing(self) -> None:
        with self.running() as executor:
            run_sample(executor, self.hello)
            executor.interrupt()
            expect(run_sample(executor, self.hello).ending.outcome is Outcome.FINISHED, "it hit the next piece of code")

    def test_leaving_the_iterator_stops_the_code(self) -> None:
        with self.running() as executor:
            events = executor.run(self.endless)
            next(event for event in events if isinstance(event, OutputDelta) and "started" in event.text)
            began = time.monotonic()
            getattr(events, "close", lambda: None)()
            expect(time.monotonic() - began < STOP_SECONDS + _PATIENCE, "it went on")
            expect("hello" in run_sample(executor, self.hello).output, "it did not run code afterwards")

    def test_code_that_ignores_an_interrupt_is_stopped_all_the_same(self) -> None:
        with self.running() as executor:
            began = time.monotonic()
            try:
                seconds = run_and_interrupt(executor, self.stubborn)[1]
            except ProcessDied:
                seconds = time.monotonic() - began - LEAD_SECONDS
            expect(seconds < STOP_SECONDS + _PATIENCE, f"it took {seconds:.1f} s to stop")

    def test_a_dead_process_is_an_error_and_a_fresh_one_works(self) -> None:
        with self.running() as executor:
            try:
                run_sample(executor, self.crash)
            except ProcessDied as error:
                expect(bool(str(error)), "the error says nothing")
            else:
                raise AssertionError("the death of the process went unnoticed")
        with self.running() as executor:
            expect("hello" in run_sample(executor, self.hello).output, "a fresh executor does not work")

    def test_a_flood_arrives_whole(self) -> None:
        with self.running() as executor:
            size, tail = 0, ""
            for event in executor.run(self.flood):
                if isinstance(event, OutputDelta):
                    size += event.text.count("x")
                    tail = (tail + event.text)[-100:]
            expect(size == FLOOD_SIZE, f"{size:,} of {FLOOD_SIZE:,} characters arrived")
            expect(tail.endswith("x\nend\n"), f"the output ends in {tail!r}")

    def test_a_forged_end_is_output(self) -> None:
        with self.running() as executor:
            ran = run_sample(executor, self.forged_marker)
            expect("after" in ran.output, "output after the forged marker was lost")
            expect("0123456789abcdef" in ran.output, "the forged marker was taken for one")

    def test_input_is_asked_for_and_handed_over(self) -> None:
        with self.running() as executor:
            ran = run_sample(executor, self.reads_input, ["Ada Lovelace"])
            asked = [event for event in ran.events if isinstance(event, InputRequested)]
            expect(len(asked) == 1, f"it asked {len(asked)} times")
            expect("Name:" in asked[0].prompt, f"the prompt is {asked[0].prompt!r}")
            expect("got Ada Lovelace\n" in ran.output, f"the output is {ran.output!r}")
            expect(ran.output.count("Ada Lovelace") == 1, "what was typed is in the output too")

    def test_code_that_asks_nothing_is_told_to_ask_nothing(self) -> None:
        with self.running() as executor:
            for _ in range(3):
                asked = [
                    event
                    for event in run_sample(executor, self.asks_nothing).events
                    if isinstance(event, InputRequested)
                ]
                expect(not asked, f"it asked {asked}")

    def test_the_end_of_input_ends_the_question(self) -> None:
        with self.running() as executor:
            ran = run_sample(executor, self.reads_input, [None])
            expect("got Ada" not in ran.output, "it read something")
            expect("hello" in run_sample(executor, self.hello).output, "it did not run code afterwards")

    def test_a_secret_is_marked_and_not_shown(self) -> None:
        with self.running() as executor:
            ran = run_sample(executor, self.reads_secret, ["swordfish"])
            asked = [event for event in ran.events if isinstance(event, InputRequested)]
            expect([event.secret for event in asked] == [True], f"it asked {asked}")
            expect("9" in ran.output, f"the output is {ran.output!r}")
            expect("swordfish" not in ran.output, "the secret is in the output")

    def test_long_code_arrives_whole(self) -> None:
        with self.running() as executor:
            code = f"{self.long_code}\n" * 20_000 + self.hello
            expect(run_sample(executor, code).output.endswith("hello\n"), "the code was cut")

    def test_closing_leaves_no_process_and_no_descriptor(self) -> None:
        with self.running() as executor:
            run_sample(executor, self.hello)
        children, descriptors = child_processes(), open_descriptors()
        for _ in range(3):
            executor = self.start()
            run_sample(executor, self.hello)
            executor.close()
            executor.close()
        self.start().close()
        expect(not child_processes() - children, "a process is left")
        expect(open_descriptors() <= descriptors, "a descriptor is left")

    def test_closing_from_another_thread_ends_the_run(self) -> None:
        executor = self.start()
        timer = threading.Timer(LEAD_SECONDS, executor.close)
        timer.start()
        began = time.monotonic()
        with suppress(ProcessDied):  # the usual way to say so
            run_sample(executor, self.endless)
        timer.join()
        expect(time.monotonic() - began < STOP_SECONDS + _PATIENCE + LEAD_SECONDS, "it went on")


_NEEDS: dict[str, tuple[str, ...]] = {
    "test_it_runs_code_and_says_that_it_finished": ("hello",),
    "test_the_end_is_the_last_event": ("hello",),
    "test_empty_code_is_nothing_special": ("hello",),
    "test_state_is_kept": ("store", "recall"),
    "test_executors_do_not_share_state": ("store", "recall"),
    "test_an_error_is_output_and_an_outcome": ("error", "hello"),
    "test_unicode_arrives_whole": ("unicode",),
    "test_output_without_a_newline_is_kept_apart": ("no_newline", "hello"),
    "test_output_arrives_before_the_end": ("slow", "hello"),
    "test_streams_keep_their_order": ("both_streams",),
    "test_an_interrupt_stops_code_and_keeps_state": ("endless", "hello"),
    "test_an_interrupt_while_nothing_runs_does_nothing": ("hello",),
    "test_leaving_the_iterator_stops_the_code": ("endless", "hello"),
    "test_code_that_ignores_an_interrupt_is_stopped_all_the_same": ("stubborn",),
    "test_a_dead_process_is_an_error_and_a_fresh_one_works": ("crash", "hello"),
    "test_a_flood_arrives_whole": ("flood",),
    "test_a_forged_end_is_output": ("forged_marker",),
    "test_input_is_asked_for_and_handed_over": ("reads_input",),
    "test_code_that_asks_nothing_is_told_to_ask_nothing": ("asks_nothing",),
    "test_the_end_of_input_ends_the_question": ("reads_input", "hello"),
    "test_a_secret_is_marked_and_not_shown": ("reads_secret",),
    "test_long_code_arrives_whole": ("long_code", "hello"),
    "test_closing_leaves_no_process_and_no_descriptor": ("hello",),
    "test_closing_from_another_thread_ends_the_run": ("endless",),
}
