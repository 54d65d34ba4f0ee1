"""Code is stopped ever harder, within three seconds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oi_core.repl.escalation import NEVER, Escalation, Measure


def test_the_first_measure_is_what_a_person_would_do() -> None:
    assert Escalation(10.0).take_due(10.0, started=True) == [Measure.TYPE_INTERRUPT]


def test_the_last_measure_comes_within_three_seconds() -> None:
    assert Escalation(10.0).take_due(13.0, started=True) == list(Measure)


@given(st.lists(st.floats(0.0, 5.0), max_size=20))
def test_every_measure_is_taken_once_whenever_one_looks(times: list[float]) -> None:
    escalation = Escalation(0.0)
    taken = [measure for now in [*sorted(times), 5.0] for measure in escalation.take_due(now, started=True)]
    assert taken == list(Measure)
    assert escalation.next_at(started=True) == NEVER


def test_code_that_has_not_started_is_only_ever_killed() -> None:
    escalation = Escalation(0.0)
    assert escalation.take_due(2.4, started=False) == []
    assert Measure.KILL in escalation.take_due(2.5, started=False)


def test_code_that_starts_late_is_interrupted_at_once() -> None:
    escalation = Escalation(0.0)
    assert escalation.take_due(0.5, started=False) == []
    assert escalation.take_due(0.6, started=True) == [Measure.TYPE_INTERRUPT]


def test_asking_again_takes_the_next_measure_at_once() -> None:
    escalation = Escalation(0.0)
    escalation.take_due(0.0, started=True)
    escalation.hurry(0.1)
    assert escalation.take_due(0.1, started=True) == [Measure.SEND_SIGINT]
    assert escalation.take_due(0.2, started=True) == []
    assert escalation.take_due(1.1, started=True) == [Measure.KILL_JOB, Measure.KILL]
