"""Progress and calls: only what the terminal knows, only when it was long, and never left behind."""

from __future__ import annotations

import io

import pytest

from oi_core.appearance import Notify
from oi_core.events import ExecutionStarted, TextDelta, TurnEnded
from oi_core.view.attention import Attention, knows_progress, notification
from oi_core.view.terminal import TerminalView

from .events_of_a_turn import BLOCK
from .screen import Terminal

GHOSTTY = {"TERM_PROGRAM": "ghostty"}
BEGUN, OVER = "\x1b]9;4;3;0\x1b\\", "\x1b]9;4;0;0\x1b\\"


@pytest.mark.parametrize(
    ("environment", "known"),
    [
        ({"WT_SESSION": "1"}, True),
        ({"ConEmuANSI": "ON"}, True),
        (GHOSTTY, True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.6"}, True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.14"}, False),
        ({"KITTY_WINDOW_ID": "1", "TERM": "xterm-kitty"}, False),
        ({**GHOSTTY, "TMUX": "/tmp/x"}, False),
        ({"TERM": "xterm-256color"}, False),
    ],
)
def test_progress_is_shown_only_where_it_is_known_to_be_understood(environment: dict[str, str], known: bool) -> None:
    assert knows_progress(environment) is known


@pytest.mark.parametrize(
    ("environment", "sequence"),
    [({"KITTY_WINDOW_ID": "1"}, "\x1b]99;;{}\x1b\\"), (GHOSTTY, "\x1b]9;{}\x1b\\"), ({"TERM": "xterm"}, "\x07")],
)
def test_a_terminal_without_notifications_rings(environment: dict[str, str], sequence: str) -> None:
    assert notification(environment) == sequence


@pytest.mark.parametrize(
    ("notify", "seconds", "called"),
    [(Notify.BELL, 0, "\x07"), (Notify.BELL, 30, ""), (Notify.OFF, 0, ""), (Notify.NOTIFICATION, 0, "\x07")],
)
def test_a_long_turn_calls_when_the_person_asked_for_it(notify: Notify, seconds: float, called: str) -> None:
    out = io.StringIO()
    attention = Attention(out, {}, notify, seconds)
    attention.begin()
    attention.ask()
    assert out.getvalue() == called
    attention.end()  # the person was there for the question
    assert out.getvalue() == called


def test_progress_lasts_as_long_as_the_turn_and_is_taken_back_at_a_question_the_end_and_an_abort() -> None:
    terminal = Terminal()
    view = TerminalView(terminal, lexers={}, attention=Attention(terminal, GHOSTTY), size=terminal.size)

    def written() -> list[str]:
        return [text for text in terminal.writes if text in (BEGUN, OVER)]

    view.begin()
    view.show(TextDelta("x"))
    assert written() == [BEGUN]
    view.pause()
    view.show(ExecutionStarted(BLOCK))
    assert written() == [BEGUN, OVER, BEGUN]
    view.show(TurnEnded())
    view.begin()
    view.close()
    assert written() == [BEGUN, OVER, BEGUN, OVER, BEGUN, OVER]
