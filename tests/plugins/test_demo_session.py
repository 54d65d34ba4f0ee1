"""The tour in a real session: real review, real language processes, the turn loop of every other model."""

from __future__ import annotations

from pathlib import Path

import pytest

from oi_core import Session, open_session
from oi_core.approval import nobody_to_ask
from oi_core.events import Event, Executed, InputRequested, Notice, TextDelta, TurnEnded, TurnOutcome
from oi_core.messages import AssistantMessage, ToolMessage
from oi_core.results import Outcome


def tour_in(folder: Path, *, auto_run: bool = True) -> Session:
    at_once = {"demo": {"pace": 0}}
    return open_session(folder, "demo/tour", auto_run, ask=nobody_to_ask, isolated=True, plugins=at_once)


def take(session: Session, text: str, typed: str | None = None) -> list[Event]:
    events = []
    for event in session.stream(text):
        events.append(event)
        if isinstance(event, InputRequested):
            session.answer(typed)
    return events


def said(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def open_calls(session: Session) -> set[str]:
    messages = session.conversation.messages
    calls = {block.call_id for m in messages if isinstance(m, AssistantMessage) for block in m.blocks}
    return calls - {message.call_id for message in messages if isinstance(message, ToolMessage)}


@pytest.mark.parametrize(("typed", "answer"), [("Ada", "Nice to meet you, Ada."), (None, "`EOFError`"), ("", "Enter")])
def test_the_tour_runs_to_its_end_on_this_machine(tmp_path: Path, typed: str | None, answer: str) -> None:
    with tour_in(tmp_path) as session:
        events = take(session, "show me around", typed)
        assert events[-1] == TurnEnded(TurnOutcome.DONE)
        assert answer in said(events)
        assert "did not expect" not in said(events)
        assert "I go on" not in said(events)
        assert f"entries in {tmp_path.resolve()}" in said(events)
        failed = [
            event.result for event in events if isinstance(event, Executed) and event.result.outcome is Outcome.FAILED
        ]
        assert ["KeyError" in result.output for result in failed][-1]
        assert "Mended: " in said(events)
        assert not [event for event in events if isinstance(event, Notice)]
        assert not open_calls(session)


def test_a_reset_starts_the_tour_anew(tmp_path: Path) -> None:
    with tour_in(tmp_path) as session:
        take(session, "tour")
        session.reset()
        assert said(take(session, "hello")).startswith("I am a scripted demo")


def test_without_a_yes_it_stops_and_goes_on_when_asked_again(tmp_path: Path) -> None:
    with tour_in(tmp_path, auto_run=False) as session:
        assert take(session, "tour")[-1] == TurnEnded(TurnOutcome.DECLINED)
        assert not open_calls(session)
        answer = said(take(session, "and now?"))
        assert "`continue`" in answer
        assert "That was not run" in said(take(session, "continue"))
        assert not open_calls(session)


def test_closing_the_stream_in_the_middle_leaves_a_tour_that_goes_on(tmp_path: Path) -> None:
    with tour_in(tmp_path) as session:
        stream = session.stream("tour")
        for event in stream:
            if isinstance(event, Executed):
                break
        stream.close()  # type: ignore[attr-defined]  # a generator in all but its type
        assert not open_calls(session)
        events = take(session, "continue")
        assert said(events).startswith("7 days are in memory now.")
        assert events[-1] == TurnEnded(TurnOutcome.DONE)
