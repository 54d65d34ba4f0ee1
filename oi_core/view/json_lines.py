"""The view for programs: one JSON record a line, the last of which is always the result."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final, TextIO, assert_never

from oi_core.events import (
    CodeDelta,
    CodeReady,
    CodeStarted,
    DisplayData,
    Event,
    Executed,
    ExecutionStarted,
    InputRequested,
    LineRunning,
    Notice,
    OutputDelta,
    ReasoningDelta,
    Reviewed,
    TextDelta,
    TurnEnded,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT_VERSION: Final = 1
REPLIES_APART: Final = "\n\n"


class JsonLinesView:
    """Writes records ``{"v": 1, "seq": N, "type": …}`` for the events of a turn.

    Everything is ASCII: characters beyond it, and controls, are JSON escapes. With ``result_only`` nothing but the
    result is written.
    """

    def __init__(self, out: TextIO, *, result_only: bool = False) -> None:
        self._out = out
        self._result_only = result_only
        self._sequence = 0
        self._text: list[str] = []
        self._ran = 0
        self._outcome = "failed"
        self._tokens = {"input_tokens": 0, "output_tokens": 0, "cached_tokens": 0}

    def start(self, fields: Mapping[str, object]) -> None:
        """Write the record that opens a session."""
        self._write("session.start", fields)

    def show(self, event: Event) -> None:
        """Write the record of an event, and remember what the result needs."""
        match event:
            case TextDelta(text=text):
                self._text.append(text)
            case Executed(result=result):
                self._ran += result.outcome.ran
                if self._text and self._text[-1] != REPLIES_APART:
                    self._text.append(REPLIES_APART)
            case Usage():
                self._add_usage(event)
            case TurnEnded(outcome=outcome):
                self._outcome = outcome.value
            case _:
                pass
        record = as_record(event)
        if record is not None:
            self._write(*record)

    def finish(self, exit_code: int, outcome: str = "") -> None:
        """Write the result, the last record. ``outcome`` replaces the turn's own, for a turn that never ended."""
        fields = {
            "text": "".join(self._text).removesuffix(REPLIES_APART),
            "outcome": outcome or self._outcome,
            "exit_code": exit_code,
            "code_count": self._ran,
            "usage": self._tokens,
        }
        self._write("result", fields)

    def close(self) -> None:
        """Hand over what is buffered."""
        self._out.flush()

    def _add_usage(self, usage: Usage) -> None:
        self._tokens["input_tokens"] += usage.input_tokens
        self._tokens["output_tokens"] += usage.output_tokens
        self._tokens["cached_tokens"] += usage.cached_tokens

    def _write(self, kind: str, fields: Mapping[str, object]) -> None:
        if self._result_only and kind != "result":
            return
        self._sequence += 1
        record = {"v": FORMAT_VERSION, "seq": self._sequence, "type": kind, **fields}
        self._out.write(json.dumps(record) + "\n")
        self._out.flush()


def as_record(event: Event) -> tuple[str, dict[str, object]] | None:
    """Return the type and the fields of an event's record; None for events that the format leaves out."""
    match event:
        case TextDelta(text=text):
            return "message.delta", {"text": text}
        case ReasoningDelta(text=text):
            return "reasoning.delta", {"text": text}
        case CodeReady(block=block):
            return "code", {"id": block.call_id, "language": block.language, "code": block.code}
        case Reviewed(block=block, review=review):
            opinion = {"verdict": review.verdict.name.lower(), "reason": review.reason, "reviewer": review.reviewer}
            return "approval", {"id": block.call_id, "code": block.code, **opinion}
        case OutputDelta(text=text, stream=stream):
            return "output", {"text": text, "stream": stream}
        case DisplayData(data=data):
            return "display", {"data": {kind: _json_value(value) for kind, value in data.items()}}
        case InputRequested(prompt=prompt, secret=secret):
            return "input", {"prompt": prompt, "secret": secret}
        case Executed(result=result):
            end = {"outcome": result.outcome.value, "exit_status": result.exit_status, "note": result.note}
            return "code.end", {
                "id": result.block.call_id,
                **end,
                "seconds": round(result.seconds, 3),
                "output": result.output,
            }
        case Usage(input_tokens=read, output_tokens=written, cached_tokens=cached):
            return "usage", {"input_tokens": read, "output_tokens": written, "cached_tokens": cached}
        case Notice(text=text, level=level):
            return "notice", {"level": level.value, "text": text}
        case CodeStarted() | CodeDelta() | ExecutionStarted() | LineRunning() | TurnEnded():
            return None
        case _:
            assert_never(event)


def _json_value(value: str | bytes) -> str | dict[str, str]:
    """Return text as it is and bytes as ``{"base64": …}``."""
    return value if isinstance(value, str) else {"base64": base64.b64encode(value).decode("ascii")}
