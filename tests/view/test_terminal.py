"""The terminal view, looked at through a terminal emulator."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oi_core.events import (
    CodeDelta,
    CodeReady,
    CodeStarted,
    Event,
    Executed,
    ExecutionStarted,
    InputRequested,
    Level,
    LineRunning,
    Notice,
    OutputDelta,
    ReasoningDelta,
    Reviewed,
    TextDelta,
    TurnEnded,
    TurnOutcome,
)
from oi_core.messages import CodeBlock
from oi_core.results import ExecutionResult, Outcome
from oi_core.review import NO_OPINION
from oi_core.view.looks import Looks
from oi_core.view.terminal import TerminalView

from .events_of_a_turn import BLOCK, EVERYTHING, block_events
from .screen import Terminal


def view_on(terminal: Terminal, *, colour: bool = False, output_lines: int = 10) -> TerminalView:
    lexers = {"python": "python", "shell": "bash"}
    return TerminalView(terminal, lexers=lexers, output_lines=output_lines, looks=Looks(colour), size=terminal.size)


def shown(events: Sequence[Event], columns: int = 80, rows: int = 24) -> list[str]:
    terminal = Terminal(columns, rows)
    view = view_on(terminal)
    view.begin()
    for event in events:
        view.show(event)
    view.close()
    return terminal.lines()


def test_a_block_is_framed_run_and_ended() -> None:
    assert shown([TextDelta("I'll look."), *block_events(), TextDelta("It is 1."), TurnEnded()]) == [
        "I'll look.",
        "╭─ python",
        "│   1 x = 1",
        "│   2 print(x)",
        "├─ output",
        "│ 1",
        "╰─ ✓ 0.8 s · 1 line",
        "It is 1.",
    ]


def test_text_on_its_way_is_broken_between_words() -> None:
    terminal = Terminal(20, 10)
    view = view_on(terminal)
    view.begin()
    view.show(TextDelta("   - a list's item of words, and a verylongwordwithoutanyblank"))
    view.show_typing("", to_program=False)
    assert terminal.lines() == [
        "   - a list's item",
        "   of words, and a",
        "   verylongwordwith",
        "   outanyblank",
    ]
    view.close()


@pytest.mark.parametrize("columns", [20, 60, 80, 120])
def test_everything_is_shown_once_at_any_width(columns: int) -> None:
    lines = shown(EVERYTHING, columns)
    text = "".join(line.strip() for line in lines)
    for word in ["see", "a value", "│ out", "│ err", "take note", "careful", "broken", "in two lines", "Done."]:
        assert text.count(word) == 1, word
    assert text.count("╭─ python") == 2
    assert "✗ not run: no" in text
    assert all(len(line) < columns for line in lines)


def test_code_that_was_edited_is_shown_again() -> None:
    edited = CodeBlock("call1", "python", "x = 2\n")
    lines = shown([Reviewed(BLOCK, NO_OPINION), Reviewed(edited, NO_OPINION), ExecutionStarted(edited), TurnEnded()])
    assert lines.count("╭─ python") == 2
    assert "│   1 x = 2" in lines


def test_blocks_of_one_reply_are_each_shown_where_they_are_asked_about() -> None:
    second = CodeBlock("call2", "shell", "ls")
    events: list[Event] = [
        CodeStarted(BLOCK.call_id, "python"),
        CodeDelta("call1", BLOCK.code),
        CodeReady(BLOCK),
        CodeStarted("call2", "shell"),
        CodeDelta("call2", "ls"),
        CodeReady(second),
        *block_events()[-5:],
        Reviewed(second, NO_OPINION),
        ExecutionStarted(second),
        Executed(ExecutionResult(second, "", Outcome.FINISHED)),
    ]
    assert [line for line in shown(events) if line.startswith(("╭", "╰"))] == [
        "╭─ python",
        "╰─ ✓ 0.8 s · 1 line",
        "╭─ shell",
        "╰─ ✓ 0.0 s · no output",
    ]


def test_long_output_is_bounded_and_counted() -> None:
    lines = shown(block_events(output="".join(f"line {n}\n" for n in range(500))))
    assert "│ … 490 earlier lines" in lines
    assert lines[-2:] == ["│ line 499", "╰─ ✓ 0.8 s · 500 lines"]


def test_what_was_typed_for_a_program_stands_in_its_output() -> None:
    terminal = Terminal()
    view = view_on(terminal)
    before: list[Event] = [ExecutionStarted(BLOCK), OutputDelta("name? "), InputRequested("name? ")]
    for event in before:
        view.show(event)
    view.pause()
    view.answered("name? Ada")
    view.show(OutputDelta("hello Ada\n"))
    view.show(Executed(ExecutionResult(BLOCK, "", Outcome.FINISHED, seconds=2)))
    view.close()
    assert terminal.lines()[-4:] == ["├─ output", "│ name? Ada", "│ hello Ada", "╰─ ✓ 2.0 s · 2 lines"]


def test_the_newline_after_a_hidden_answer_is_shown_once() -> None:
    terminal = Terminal()
    view = view_on(terminal)
    view.show(ExecutionStarted(BLOCK))
    view.show(InputRequested("Password: ", secret=True))
    view.pause()
    view.answered("Password: •••", hidden=True)
    for text in ("\r", "\n", "\n", "it is\n"):
        view.show(OutputDelta(text))
    view.show(Executed(ExecutionResult(BLOCK, "", Outcome.FINISHED)))
    view.close()
    assert terminal.lines()[-4:-1] == ["│ Password: •••", "│", "│ it is"]


def test_an_interruption_is_said_once() -> None:
    result = ExecutionResult(BLOCK, "", Outcome.INTERRUPTED, note="interrupted by the user after 5 s")
    running: list[Event] = [ExecutionStarted(BLOCK), Executed(result), TurnEnded(TurnOutcome.INTERRUPTED)]
    assert "\n".join(shown(running)).count("interrupted") == 1
    writing: list[Event] = [TextDelta("half an ans"), TurnEnded(TurnOutcome.INTERRUPTED)]
    assert shown(writing) == ["half an ans", "✗ interrupted"]


def test_waiting_thinking_and_writing_are_seen_while_they_last() -> None:
    terminal = Terminal()
    view = view_on(terminal)

    def wait_for(text: str) -> None:
        deadline = time.monotonic() + 20
        while not any(text in line for line in terminal.lines()):
            assert time.monotonic() < deadline, terminal.lines()
            time.sleep(0.02)

    view.begin()
    wait_for("waiting for the model · 1 s")
    view.show(ReasoningDelta("considering\nit all"))
    wait_for("it all")
    view.show(TextDelta("Partial **te"))
    wait_for("Partial **te")
    view.show(CodeStarted("c", "python"))
    view.show(CodeDelta("c", "a = 1\nb ="))
    wait_for("│   2 b =")
    view.show(Reviewed(CodeBlock("c", "python", "a = 1\nb = 2"), NO_OPINION))
    view.show(ExecutionStarted(CodeBlock("c", "python", "a = 1\nb = 2")))
    view.show(OutputDelta("10%\r20%"))
    view.show(LineRunning(2))
    wait_for("│ 20%")
    wait_for("running · 1 s")
    assert terminal.lines()[-2] == "▶   2 b = 2"
    view.pause()
    assert not any("running" in line for line in terminal.lines())
    view.close()


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_long_answer_stands_in_the_scrollback_once(columns: int) -> None:
    paragraphs = [
        f"Paragraph number{n}x holds 日本語 and 🎉.\n\n- item{n}x\n- more\n\n```\ncode{n}x\n```\n\n" for n in range(60)
    ]
    pieces = re.findall(r".{1,7}", "".join(paragraphs), re.DOTALL)
    text = "\n".join(shown([*map(TextDelta, pieces), TurnEnded()], columns))
    for n in range(60):
        for word in (f"number{n}x", f"item{n}x", f"code{n}x"):
            assert text.count(word) == 1, word


hostile = st.text(
    st.one_of(st.sampled_from("\x1b[]?;25lhmJHc\x07\x9b\r\n`*#&;27 \u202e"), st.characters()), max_size=60
)


@settings(max_examples=40, deadline=None)
@given(hostile, hostile, hostile, hostile)
def test_nothing_untrusted_moves_the_cursor_or_sets_a_title(model: str, code: str, output: str, note: str) -> None:
    block = CodeBlock("1", code[:9], code)
    terminal, hours = Terminal(40, 12), itertools.count(step=3600.0)
    view = TerminalView(
        terminal, lexers={}, looks=Looks(colour=True), size=terminal.size, clock=lambda: next(hours)
    )  # every event is long after the one before, so that each is followed by a frame with all that is alive
    events: list[Event] = [
        TextDelta(model),
        CodeStarted("1", code),
        CodeDelta("1", code),
        Reviewed(block, NO_OPINION),
        ExecutionStarted(block),
        LineRunning(1),
        OutputDelta(output),
        InputRequested(output),
        Notice(note, Level.WARNING),
        Executed(ExecutionResult(block, output, Outcome.BLOCKED, note=note)),
    ]
    for event in events:
        view.show(event)
    view.close()
    assert terminal.screen.title == terminal.screen.icon_name == ""
    ours = re.compile(r"\x1b\[(\?2026[hl]|\d*A|[CKJM]|[\d;]*m)")
    for written in terminal.writes:
        assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", ours.sub("", written))


def test_a_flood_of_output_costs_the_view_little() -> None:
    terminal = Terminal()
    view = view_on(terminal)
    view.show(ExecutionStarted(BLOCK))
    started = time.process_time()
    for _ in range(200):
        view.show(OutputDelta("a line of output\n" * 1000))
    cost = time.process_time() - started
    view.show(Executed(ExecutionResult(BLOCK, "", Outcome.FINISHED, seconds=1)))
    view.close()
    assert terminal.lines()[-1].endswith("200,000 lines")
    assert cost < 5


def test_a_flood_of_carriage_returns_is_one_line() -> None:
    flood = "".join(f"\r{n:>7} of 100000" for n in range(0, 100_000, 7))
    lines = shown(block_events(output=f"{flood}\ndone\n"))
    assert lines[-3:] == ["│   99995 of 100000", "│ done", "╰─ ✓ 0.8 s · 2 lines"]


def test_a_long_list_or_table_scrolls_away_while_it_is_written_each_line_once() -> None:
    items = "".join(f"- item {n} of it\n" for n in range(120))
    rows = "| name | total |\n|---|---|\n" + "".join(f"| row{n}x | {n} |\n" for n in range(80))
    text = f"{items}\nBetween.\n\n{rows}\nAfter."
    lines = shown([*(TextDelta(text[at : at + 9]) for at in range(0, len(text), 9)), TurnEnded()])
    assert [line for line in lines if "•" in line] == [f" • item {n} of it" for n in range(120)]
    assert [line.split() for line in lines if "row" in line] == [[f"row{n}x", str(n)] for n in range(80)]
    assert len([line for line in lines if line.split() == ["name", "total"]]) == 1
