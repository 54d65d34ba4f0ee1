"""Trying a model in each of its formats; the replies are checked, nothing of them is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from oi_core.errors import ModelCancelled, ModelError
from oi_core.format_probe import LONGEST_REPLY, ProbeResult, best_format, probe_formats
from oi_core.messages import Message, UserMessage
from oi_core.model import CallPart, Delta, ModelFormat, TextPart
from oi_core.testing.scripted import ScriptedModel, call
from oi_core.tool_schema import TOOL_NAME, Tool

NAMES = {"python": "python", "py": "python", "shell": "shell"}
TOOLS = [Tool(TOOL_NAME, "Run code.", {})]


class FormatsModel(ScriptedModel):
    """Replies by format and by what was asked last."""

    def __init__(self, reply: Callable[[ModelFormat, str], list[Delta]]) -> None:
        super().__init__()
        self.formats: Sequence[ModelFormat] = (ModelFormat.SCHEMA, ModelFormat.TOOLS, ModelFormat.FENCES)
        self.kept: list[ModelFormat] = []
        self._reply = reply

    def stream_as(
        self, model_format: ModelFormat, messages: Sequence[Message], tools: Sequence[Tool]
    ) -> Iterator[Delta]:
        self.tools = tools
        last = messages[-1]
        yield from self._reply(model_format, last.text if isinstance(last, UserMessage) else "")

    def keep_format(self, model_format: ModelFormat) -> None:
        self.kept.append(model_format)


def able(asked: str) -> list[Delta]:
    if not asked:
        return [TextPart("It is 56,088.")]
    if "shell" in asked:
        return [call("shell", "ls -l")]
    return [call("py", "print('strawberry'.count('r'))" if "straw" in asked else "123 * 456")]


def probed(reply: Callable[[ModelFormat, str], list[Delta]]) -> list[ProbeResult]:
    return list(probe_formats(FormatsModel(reply), TOOLS, NAMES))


def test_the_best_format_is_the_one_in_which_most_tasks_are_done() -> None:
    results = probed(lambda form, asked: able(asked) if form is ModelFormat.SCHEMA else [TextPart("56088")])
    assert {result.model_format: result.success for result in results} == {"tools": 0.25, "schema": 1.0, "fences": 0.25}
    assert best_format(results) is ModelFormat.SCHEMA
    assert results[0].failed == results[2].failed


def test_of_equally_good_formats_the_servers_own_calls_are_best() -> None:
    assert best_format(probed(lambda _form, asked: able(asked))) is ModelFormat.TOOLS
    assert best_format(probed(lambda _form, _asked: [])) is None
    assert best_format([]) is None


@pytest.mark.parametrize(
    "deltas",
    [
        [call("python", "123 * 456 (")],
        [call("shell", "echo 123*456")],
        [call("python", "56088")],
        [call("python", "123*456"), call("python", "123*456", index=1)],
        [CallPart(0, "", TOOL_NAME, '{"language": "python", "code": "123*456')],
        [TextPart("x" * (LONGEST_REPLY + 1)), call("python", "123*456")],
        [call("python", "\0 123*456")],
    ],
)
def test_a_reply_that_does_not_do_the_task_counts_as_failed(deltas: list[Delta]) -> None:
    assert "computes" in probed(lambda _form, _asked: deltas)[0].failed


def test_a_format_that_the_server_refuses_has_failed_and_says_why() -> None:
    def reply(form: ModelFormat, asked: str) -> list[Delta]:
        if form is ModelFormat.TOOLS:
            raise ModelError("the server does not support tools")
        return able(asked)

    fences, schema, tools = probed(reply)
    assert (tools.model_format, tools.success, tools.error) == ("tools", 0.0, "the server does not support tools")
    assert (len(tools.failed), fences.success, schema.success) == (4, 1.0, 1.0)


def test_cancelling_ends_the_probe() -> None:
    def reply(form: ModelFormat, asked: str) -> list[Delta]:
        raise ModelCancelled("stopped")

    with pytest.raises(ModelCancelled):
        probed(reply)


def test_rounds_repeat_the_tasks_and_progress_is_told() -> None:
    told: list[str] = []
    model = FormatsModel(lambda _form, asked: able(asked))
    results = list(probe_formats(model, TOOLS, {"python": "python", "py": "python"}, rounds=3, progress=told.append))
    assert [len(result.passed) for result in results] == [9, 9, 9]
    assert len(told) == 3


def test_a_model_without_formats_has_nothing_to_probe() -> None:
    assert list(probe_formats(ScriptedModel(), TOOLS, NAMES)) == []
    assert ProbeResult(ModelFormat.TOOLS, (), ()).success == 0.0
