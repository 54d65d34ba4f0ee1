"""The views for readers that cannot be drawn for: words for everything, and records for programs."""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oi_core.events import DisplayData, Event, InputRequested, OutputDelta, TextDelta, TurnEnded
from oi_core.view.json_lines import JsonLinesView
from oi_core.view.plain import PlainView

from .events_of_a_turn import BLOCK, EVERYTHING, block_events


def plain(events: list[Event]) -> tuple[str, str]:
    answer, rest = io.StringIO(), io.StringIO()
    view = PlainView(answer, rest)
    for event in events:
        view.show(event)
    view.close()
    return answer.getvalue(), rest.getvalue()


def records(events: list[Event], **options: bool) -> list[dict[str, Any]]:
    out = io.StringIO()
    view = JsonLinesView(out, **options)
    view.start({"model": "m"})
    for event in events:
        view.show(event)
    view.finish(0)
    view.close()
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_answer_goes_to_one_stream_and_everything_else_to_the_other() -> None:
    answer, rest = plain(EVERYTHING)
    assert answer == "Let me **see**.\nDone.\n\n| a |\n|---|\n| 1 |\n"
    assert "print(x)" in rest
    assert "see" not in rest


def test_every_state_is_said_in_words() -> None:
    _, rest = plain(EVERYTHING)
    for words in [
        "python code, 2 lines:\n  x = 1\n  print(x)\n",
        "running python\noutput:\n  1\nfinished: 0.8 s · 1 line\n",
        "review by careful: deletes files",
        "the program asks for a line of input: name?",
        "the program asks for a hidden line of input: (no prompt)",
        "  a value\n",
        "failed with exit status 1",
        "not run: no · the model was told",
        "note: take note",
        "warning: careful",
        "error: broken\n  in two lines",
        "interrupted",
    ]:
        assert words in rest


def test_a_prompt_is_said_once_and_code_that_was_shown_is_not_shown_again() -> None:
    _, rest = plain([*block_events()[:-1], OutputDelta("name? "), InputRequested("name? ")])
    assert rest.count("name?") == 1
    assert rest.count("print(x)") == 1


@given(st.text(), st.text())
def test_plain_text_holds_no_escape_byte(text: str, output: str) -> None:
    answer, rest = plain([TextDelta(text), *block_events(output=output), TurnEnded()])
    assert "\x1b" not in answer + rest
    assert "\x9b" not in answer + rest


def test_records_are_numbered_and_the_last_is_the_result() -> None:
    found = records(EVERYTHING)
    assert [record["seq"] for record in found] == list(range(1, len(found) + 1))
    assert {record["v"] for record in found} == {1}
    assert found[0]["type"] == "session.start"
    kinds = (
        "session.start reasoning.delta message.delta code approval output code.end input display notice usage result"
    )
    assert {record["type"] for record in found} == {*kinds.split(), "result"}
    result = found[-1]
    assert result["type"] == "result"
    assert result["text"] == "Let me **see**.\n\nDone.\n\n| a |\n|---|\n| 1 |"
    assert result["code_count"] == 2
    assert result["outcome"] == "interrupted"
    assert result["usage"] == {"input_tokens": 10, "output_tokens": 5, "cached_tokens": 2}


def test_a_record_has_what_a_program_needs() -> None:
    found = {record["type"]: record for record in records([*block_events(), DisplayData({"image/png": b"\x00"})])}
    assert found["code"] | {"id": "call1", "language": "python", "code": BLOCK.code} == found["code"]
    assert found["approval"]["verdict"] == "allow"
    assert found["output"]["text"] == "1\n"
    assert found["code.end"]["outcome"] == "finished"
    assert found["code.end"]["seconds"] == 0.84
    assert found["display"]["data"] == {"image/png": {"base64": "AA=="}}


def test_with_result_only_there_is_one_record() -> None:
    (result,) = records(EVERYTHING, result_only=True)
    assert result["type"] == "result"
    assert result["seq"] == 1


@given(st.text())
def test_records_are_ascii_whatever_the_model_writes(text: str) -> None:
    out = io.StringIO()
    JsonLinesView(out).show(TextDelta(text))
    assert out.getvalue().isascii()
    assert out.getvalue().count("\n") == 1
    assert "\x1b" not in out.getvalue()
