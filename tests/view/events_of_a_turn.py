"""Turns as lists of events, for views to be shown."""

from __future__ import annotations

from oi_core.events import (
    CodeDelta,
    CodeReady,
    CodeStarted,
    DisplayData,
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
    Usage,
)
from oi_core.messages import CodeBlock
from oi_core.results import ExecutionResult, Outcome
from oi_core.review import NO_OPINION, Review, Verdict

BLOCK = CodeBlock("call1", "python", "x = 1\nprint(x)\n")
FLAGGED = Review(Verdict.ASK, "deletes files", "careful")


def block_events(block: CodeBlock = BLOCK, output: str = "1\n", outcome: Outcome = Outcome.FINISHED) -> list[Event]:
    written = [CodeDelta(block.call_id, character) for character in block.code]
    return [
        CodeStarted(block.call_id, block.language),
        *written,
        CodeReady(block),
        Reviewed(block, NO_OPINION),
        ExecutionStarted(block),
        LineRunning(1),
        OutputDelta(output),
        Executed(ExecutionResult(block, output, outcome, seconds=0.84)),
    ]


EVERYTHING: list[Event] = [
    ReasoningDelta("thinking\n"),
    TextDelta("Let me "),
    TextDelta("**see**."),
    *block_events(),
    Reviewed(BLOCK, FLAGGED),
    ExecutionStarted(BLOCK),
    OutputDelta("out\n"),
    OutputDelta("err\n", "stderr"),
    OutputDelta("name? "),
    InputRequested("name? "),
    InputRequested("", secret=True),
    DisplayData({"text/plain": "a value"}),
    Executed(ExecutionResult(BLOCK, "", Outcome.FAILED, exit_status=1, seconds=1)),
    Executed(ExecutionResult(CodeBlock("call2", "shell", "rm -rf /"), "", Outcome.BLOCKED, note="no")),
    Notice("take note"),
    Notice("careful", Level.WARNING),
    Notice("broken\n  in two lines", Level.ERROR),
    Usage(10, 5, 2),
    TextDelta("Done.\n\n| a |\n|---|\n| 1 |"),
    TurnEnded(TurnOutcome.INTERRUPTED),
]
