from __future__ import annotations

from contextlib import closing

import pytest

from oi_core.code_stream import ReplyReader
from oi_core.errors import ModelCancelled, ModelError
from oi_core.events import TextDelta
from oi_core.messages import CodeBlock, UserMessage
from oi_core.model import Model, TextPart
from oi_core.testing.scripted import ScriptedModel, call
from oi_core.tool_schema import Tool

HELLO = [UserMessage("hello")]


def test_each_request_gets_the_next_reply_and_is_kept() -> None:
    model = ScriptedModel(["Let me see.", call("python", "1")], lambda messages: [f"{len(messages)} messages"])
    spoken: Model = model
    tool = Tool("run_code", "Run code.", {})
    with closing(spoken):
        reader = ReplyReader({"python": "python"})
        assert TextDelta("Let me see.") in list(reader.read(spoken.stream(HELLO, [tool])))
        assert reader.reply().message.blocks == (CodeBlock("call00000", "python", "1"),)
        assert list(spoken.stream(HELLO * 2, [])) == [TextPart("2 messages")]
    assert (model.prompts, model.tools, model.closed) == ([HELLO, HELLO * 2], [], True)


def test_an_error_in_the_script_breaks_the_reply_off() -> None:
    model = ScriptedModel(["half", ModelError("gone")])
    deltas = model.stream(HELLO, [])
    assert next(deltas) == TextPart("half")
    with pytest.raises(ModelError, match="gone"):
        next(deltas)


def test_cancel_ends_the_reply_and_not_the_next() -> None:
    model = ScriptedModel(["a", "b"], ["c"])
    deltas = model.stream(HELLO, [])
    assert next(deltas) == TextPart("a")
    model.cancel()
    with pytest.raises(ModelCancelled):
        next(deltas)
    assert list(model.stream(HELLO, [])) == [TextPart("c")]


def test_a_request_beyond_the_script_says_so() -> None:
    with pytest.raises(ModelError, match="the script of scripted/model is over: it had 0 replies"):
        list(ScriptedModel().stream(HELLO, []))
