from __future__ import annotations

import pytest

from oi_core.brakes import Brakes
from oi_core.messages import CodeBlock
from oi_core.results import ExecutionResult, Outcome


def result(code: str, output: str = "", outcome: Outcome = Outcome.FINISHED, note: str = "") -> ExecutionResult:
    return ExecutionResult(CodeBlock("call1", "python", code), output, outcome, note=note)


def circling_after(*results: ExecutionResult) -> int:
    """Return after how many results the brakes stop the turn; 0 is never."""
    brakes = Brakes()
    for number, one in enumerate(results, start=1):
        brakes.ended(one)
        if brakes.is_circling:
            assert brakes.reason.startswith("stopped: ")
            assert " · " in brakes.reason
            return number
    assert not brakes.reason
    return 0


def test_the_limit_of_replies_names_its_setting() -> None:
    brakes = Brakes(max_replies=2)
    brakes.replied()
    assert not brakes.reason
    brakes.replied()
    assert "limits.turns" in brakes.reason
    assert not brakes.is_circling


def test_without_a_limit_replies_never_stop_a_turn() -> None:
    brakes = Brakes()
    for _ in range(10_000):
        brakes.replied()
    assert not brakes.reason


def test_the_same_code_with_the_same_output_is_stopped_the_third_time() -> None:
    assert circling_after(*[result("ls", "a.txt")] * 5) == 3


def test_another_output_is_progress() -> None:
    assert circling_after(*(result("status()", f"{number} of 9") for number in range(9))) == 0


def test_taking_turns_between_two_codes_is_a_circle_too() -> None:
    assert circling_after(*[result("a"), result("b")] * 5) == 6


def test_something_new_in_between_begins_the_count_anew() -> None:
    steps = [step for number in range(9) for step in (result("run_tests()", "1 failed"), result(f"edit({number})"))]
    assert circling_after(*steps) == 0


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CRASHED])
def test_the_same_failure_of_the_same_code_is_stopped_the_second_time(outcome: Outcome) -> None:
    assert circling_after(*[result("1/0", "ZeroDivisionError", outcome)] * 3) == 2


def test_a_changed_code_that_fails_alike_may_go_on() -> None:
    steps = (result(f"{number}/0", "ZeroDivisionError", Outcome.FAILED) for number in range(5))
    assert circling_after(*steps) == 0


def test_spaces_and_empty_lines_are_no_change() -> None:
    steps = [result("x = 1\n1/0", "boom", Outcome.FAILED), result("x = 1  \n\n1/0\n", "boom", Outcome.FAILED)]
    assert circling_after(*steps) == 2


def test_addresses_cell_numbers_and_durations_are_no_difference() -> None:
    steps = [
        result("f()", f'File "<cell {number}>", line 1\n<f at 0x7f{number:06x}> after {number}.5 s', Outcome.FAILED)
        for number in (1, 2)
    ]
    assert circling_after(*steps) == 2


def test_a_failure_is_the_same_whatever_numbers_are_in_it() -> None:
    failures = [result("f()", f"at <cell-{number}>:{number}, pid {number * 7}", Outcome.FAILED) for number in range(9)]
    assert circling_after(*failures) == 2


def test_the_place_of_a_long_output_is_no_difference_but_another_picture_is() -> None:
    block = CodeBlock("call1", "python", "flood()")
    spooled = [ExecutionResult(block, f"a [whole: /t/{n}] z", Outcome.FINISHED, spool=f"/t/{n}") for n in range(3)]
    assert circling_after(*spooled) == 3
    pictures = [ExecutionResult(block, "", Outcome.FINISHED, images=(f"data:{n}",)) for n in range(3)]
    assert circling_after(*pictures) == 0


def test_a_call_that_is_refused_again_and_again_is_stopped() -> None:
    assert circling_after(*[result("rm -rf /", "", Outcome.BLOCKED, "forbidden")] * 4) == 3


def test_the_same_code_in_another_language_is_other_code() -> None:
    shell = ExecutionResult(CodeBlock("call1", "shell", "x"), "", Outcome.FINISHED)
    assert circling_after(result("x"), result("x"), shell) == 0
