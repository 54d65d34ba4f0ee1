"""A prompt ends by a signal through its own loop, and raises what the signal would have raised."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from oi_core.cli.prompt_ending import ended_by_signals
from oi_core.cli.signals import Terminated, terminated_by_signals, termination_calls


@pytest.fixture
def session() -> Iterator[PromptSession[str]]:
    with create_pipe_input() as keyboard:
        yield PromptSession(input=keyboard, output=DummyOutput())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_prompt_and_a_second_one_right_after_changes_nothing(
    session: PromptSession[str], number: int
) -> None:
    def twice() -> None:
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), signal.SIGTERM)

    with terminated_by_signals():
        with pytest.raises(Terminated) as ended, ended_by_signals(session.app):
            session.prompt("> ", pre_run=lambda: threading.Timer(0.1, twice).start())
        assert ended.value.exit_code == 128 + number
        assert session.app.loop is None


def test_a_signal_that_meets_the_end_of_a_prompt_is_not_lost(session: PromptSession[str]) -> None:
    def end_and_be_asked() -> None:
        session.app.exit(result="typed")
        os.kill(os.getpid(), signal.SIGTERM)

    with terminated_by_signals(), pytest.raises(Terminated), ended_by_signals(session.app):
        session.prompt("> ", pre_run=end_and_be_asked)


def test_what_blocks_within_a_prompt_is_ended_by_an_exception(session: PromptSession[str]) -> None:
    def block() -> None:
        with termination_calls():
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
            threading.Event().wait(30)

    with terminated_by_signals(), pytest.raises(Terminated), ended_by_signals(session.app):
        session.prompt("> ", pre_run=block)
