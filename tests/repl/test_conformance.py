"""The suite for executors can be passed without any process, and notices an executor that breaks a promise."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from oi_core.events import OutputDelta
from oi_core.executors import CellEnded, Executor, ExecutorEvent
from oi_core.results import Outcome
from oi_core.testing.conformance import UNICODE, ExecutorConformance


class Calculator:
    """A language of its own in this process: ``say TEXT``, ``NAME = NUMBER``, ``show NAME``, ``loop``."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.stopped = False

    def run(self, code: str) -> Iterator[ExecutorEvent]:
        self.stopped = False
        for line in code.splitlines():
            verb, _, rest = line.partition(" ")
            if verb == "say":
                yield OutputDelta(f"{rest}\n")
            elif verb == "show":
                yield OutputDelta(f"{self.values.get(rest, 'nothing')}\n")
            elif verb == "loop":
                yield OutputDelta("started\n")
                while not self.stopped:
                    time.sleep(0.01)
                yield CellEnded(Outcome.INTERRUPTED, note="values intact")
                return
            elif rest.startswith("= "):
                self.values[verb] = rest[2:]
            elif line.strip():
                yield OutputDelta(f"oops: {line}\n", "stderr")
                yield CellEnded(Outcome.FAILED)
                return

    def interrupt(self) -> None:
        self.stopped = True

    def answer(self, text: str | None) -> None:
        raise AssertionError(f"the calculator asks nothing, and got {text!r}")

    def close(self) -> None:
        self.stopped = True


class TestCalculator(ExecutorConformance):
    hello = "say hello"
    store = "x = 41"
    recall = "show x"
    error = "no such thing"
    unicode = f"say {UNICODE}"
    endless = "loop"
    long_code = "x = 1"

    def start(self) -> Executor:
        return Calculator()


class Forgetful(Calculator):
    def run(self, code: str) -> Iterator[ExecutorEvent]:
        self.values = {}
        return super().run(code)


class Eager(Calculator):
    def run(self, code: str) -> Iterator[ExecutorEvent]:
        yield CellEnded()
        yield from super().run(code)


class Deaf(Calculator):
    def interrupt(self) -> None:
        threading.Timer(5.5, super().interrupt).start()


@pytest.mark.parametrize(
    ("broken", "claim", "words"),
    [
        (Forgetful, "test_state_is_kept", "state was lost"),
        (Eager, "test_the_end_is_the_last_event", "ends at"),
        (Deaf, "test_an_interrupt_stops_code_and_keeps_state", "to stop"),
    ],
)
def test_a_broken_promise_is_noticed(broken: type[Calculator], claim: str, words: str) -> None:
    class Suite(TestCalculator):
        def start(self) -> Executor:
            return broken()

    with pytest.raises(AssertionError, match=words):
        getattr(Suite(), claim)()


def test_capabilities_without_a_sample_are_not_tested() -> None:
    assert TestCalculator.test_state_is_kept is not None
    assert TestCalculator.test_input_is_asked_for_and_handed_over is None
