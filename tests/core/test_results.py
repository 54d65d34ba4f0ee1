from __future__ import annotations

import pytest

from oi_core.messages import CodeBlock
from oi_core.results import ExecutionResult, Outcome

BLOCK = CodeBlock("call00001", "shell", "make")


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (ExecutionResult(BLOCK, "4\n", Outcome.FINISHED), "4"),
        (ExecutionResult(BLOCK, "", Outcome.FINISHED), "[no output]"),
        (ExecutionResult(BLOCK, "  \n", Outcome.FINISHED), "[no output]"),
        (ExecutionResult(BLOCK, "no rule\n", Outcome.FAILED, exit_status=2), "no rule\n[exit status 2]"),
        (ExecutionResult(BLOCK, "Traceback", Outcome.FAILED), "Traceback"),
        (
            ExecutionResult(BLOCK, "half", Outcome.INTERRUPTED, note="interrupted after 3 s"),
            "half\n[interrupted after 3 s]",
        ),
        (ExecutionResult(BLOCK, "", Outcome.TIMED_OUT), "[timed out]"),
        (ExecutionResult(BLOCK, "", Outcome.BLOCKED, note="forbidden: no"), "[not run: forbidden: no]"),
        (ExecutionResult(BLOCK, "", Outcome.DECLINED), "[not run: declined]"),
    ],
)
def test_the_model_is_told_the_output_and_the_status(result: ExecutionResult, text: str) -> None:
    assert result.as_text() == text


def test_only_two_outcomes_mean_that_nothing_ran() -> None:
    assert [outcome for outcome in Outcome if not outcome.ran] == [Outcome.BLOCKED, Outcome.DECLINED]
