"""What real servers do to the chunks of a reply; each case names where it was seen."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oi_openai.chunks import ChunkReader
from oi_openai.client import Patience
from oi_openai.model import OpenAIModel

from oi_core.code_stream import Reply, read_reply
from oi_core.events import ReasoningDelta, Usage
from oi_core.messages import CodeBlock, UserMessage
from oi_core.model import CallPart, Delta, ModelSettings
from oi_core.testing.answers import call_chunks, chunk, stream, usage
from oi_core.testing.server import ChatServer

NAMES = {"bash": "shell", "python": "python", "shell": "shell"}
ONE = '{"language": "python", "code": "1"}'
TWO = '{"language": "shell", "code": "ls"}'
END = chunk(finish="tool_calls")


def received(*chunks: dict[str, Any]) -> tuple[list[Any], Reply]:
    """The events and the reply that come out of these chunks, over a real server and the real client."""
    with ChatServer(stream(chunks)) as server:
        model = OpenAIModel("m", ModelSettings(server.base_url), patience=Patience(tries=1))
        with closing(model):
            reading = read_reply(model.stream([UserMessage("hi")], []), NAMES)
            events = []
            while True:
                try:
                    events.append(next(reading))
                except StopIteration as ended:
                    return events, ended.value


def blocks(*chunks: dict[str, Any]) -> list[tuple[str, str]]:
    _, reply = received(*chunks)
    assert reply.problems == {}
    assert len({block.call_id for block in reply.message.blocks}) == len(reply.message.blocks)
    return [(block.language, block.code) for block in reply.message.blocks]


def entry(**keys: Any) -> dict[str, Any]:
    """A chunk with one tool_calls entry; ``name`` and ``arguments`` go into its function."""
    function = {key: keys.pop(key) for key in ("name", "arguments") if key in keys}
    return chunk({"tool_calls": [{**keys, "function": function}]})


def whole_call(arguments: object, name: str = "run_code", **keys: Any) -> dict[str, Any]:
    return entry(type="function", name=name, arguments=arguments, **keys)


def test_chunks_without_choices_or_delta_are_passed_over() -> None:
    """Azure, pydantic-ai#164 and autogen#6465: the first chunk has no choices, the last no delta."""
    first = {**chunk(), "choices": [], "prompt_filter_results": [{}]}
    last = {**chunk(), "choices": [{"index": 0, "finish_reason": "stop"}]}
    null = {**chunk(), "choices": [{"index": 0, "delta": None, "finish_reason": None}]}
    events, reply = received(first, null, chunk({"content": "hi"}), last, {"choices": None}, usage(3, 1, 2))
    assert reply.message.text == "hi"
    assert events[-1] == Usage(3, 1, 2)


def test_nulls_everywhere_say_nothing() -> None:
    """llama-cpp-python, in the transcripts: content, function_call and tool_calls are null in the first chunk."""
    nulls = chunk({"role": "assistant", "content": None, "function_call": None, "tool_calls": None, "reasoning": None})
    assert received(nulls, chunk({"content": "hi"}), chunk(finish="stop"))[1].message.text == "hi"


def test_without_an_index_a_new_id_and_name_open_a_new_call() -> None:
    """ollama#7881: tool calls have no index."""
    assert blocks(whole_call(ONE, id="a"), whole_call(TWO, id="b"), END) == [("python", "1"), ("shell", "ls")]


def test_index_zero_for_every_call_still_makes_two() -> None:
    """ollama#15457: every call has index 0."""
    calls = whole_call(ONE, id="a", index=0), whole_call(TWO, id="b", index=0)
    assert blocks(*calls, END) == [("python", "1"), ("shell", "ls")]


def test_calls_in_one_chunk_without_index_and_id_are_told_apart() -> None:
    function = {"name": "run_code"}
    both = [{"function": {**function, "arguments": ONE}}, {"function": {**function, "arguments": TWO}}]
    assert blocks(chunk({"tool_calls": both}), END) == [("python", "1"), ("shell", "ls")]


def test_missing_ids_are_made_of_nine_letters_and_digits() -> None:
    """opencode#1680: Mistral's servers refuse any other id in the history."""
    _, reply = received(whole_call(ONE, index=0, id=None), END)
    call_id = reply.message.blocks[0].call_id
    assert len(call_id) == 9
    assert call_id.isalnum()


def test_a_new_id_on_a_nameless_fragment_continues_the_call() -> None:
    """LM Studio, hermes-agent#106943: every fragment has an id of its own."""
    parts = [entry(index=0, id=f"id{n}", arguments=piece) for n, piece in enumerate((ONE[:9], ONE[9:]))]
    assert blocks(entry(index=0, id="first", name="run_code", arguments=""), *parts, END) == [("python", "1")]


def test_id_and_name_repeated_on_every_delta_are_one_call() -> None:
    """llama-cpp-python, in the transcripts."""
    parts = [whole_call(piece, index=0, id="call__0_run_code_cmpl-1") for piece in (*ONE, "")]
    _, reply = received(*parts, END)
    assert reply.message.blocks == (CodeBlock("call__0_run_code_cmpl-1", "python", "1"),)


def test_a_name_repeated_without_ids_is_one_call() -> None:
    assert blocks(*[whole_call(piece, index=0) for piece in (*ONE, "")], END) == [("python", "1")]


def test_a_name_in_pieces_is_joined() -> None:
    """continuedev/continue#5849."""
    pieces = [
        entry(index=0, id="a", name="py"),
        entry(index=0, name="thon", arguments=""),
        entry(index=0, arguments="1+1"),
    ]
    assert blocks(*pieces, END) == [("python", "1+1")]


def test_arguments_may_be_an_object() -> None:
    """llama.cpp#20198."""
    assert blocks(whole_call({"language": "python", "code": "é"}, index=0, id="a"), END) == [("python", "é")]


def test_arguments_may_be_null_first() -> None:
    """text-generation-inference#2461."""
    assert blocks(whole_call(None, index=0, id="a"), entry(index=0, arguments=ONE), END) == [("python", "1")]


@pytest.mark.parametrize("finish", ["stop", "tool_calls", "length", "function_call"])
def test_calls_count_whatever_the_finish_reason_says(finish: str) -> None:
    """litellm#35663: stop with calls; vllm#53269: tool_calls though cut by max_tokens."""
    assert blocks(*call_chunks(0, "a", ONE), chunk(finish=finish)) == [("python", "1")]


def test_arguments_that_were_cut_are_not_run_whatever_the_finish_reason_says() -> None:
    """vllm#53269."""
    _, reply = received(*call_chunks(0, "a", ONE), *call_chunks(1, "b", TWO[:-4]), END)
    assert list(reply.problems) == ["b"]
    assert "end in the middle" in reply.problems["b"]


def test_a_function_called_python_with_raw_code_is_python() -> None:
    """openinterpreter#33."""
    assert blocks(*call_chunks(0, "a", "print(1)", name="python"), END) == [("python", "print(1)")]


def test_the_function_call_of_2023_is_a_call() -> None:
    """Servers that were asked with ``functions``, or know nothing newer."""
    parts = [{"name": "run_code", "arguments": ""}, {"arguments": ONE[:5]}, {"arguments": ONE[5:]}]
    assert blocks(*[chunk({"function_call": part}) for part in parts], chunk(finish="function_call")) == [
        ("python", "1")
    ]


def test_both_forms_side_by_side_are_one_call() -> None:
    """llama-cpp-python, in the transcripts: function_call and tool_calls in the same delta."""
    function = {"name": "run_code", "arguments": ONE}
    both = chunk({"function_call": function, "tool_calls": [{"index": 0, "id": "a", "function": function}]})
    assert blocks(both, END) == [("python", "1")]


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_reasoning_is_told_apart_from_the_answer(key: str) -> None:
    """continue#9913: DeepSeek's name for it, and OpenRouter's."""
    events, reply = received(chunk({key: "hm"}), chunk({"content": "ok"}), chunk(finish="stop"))
    assert events[0] == ReasoningDelta("hm")
    assert (reply.message.text, reply.message.reasoning) == ("ok", "hm")


def test_content_in_parts_with_thinking_among_them() -> None:
    """Mistral's reasoning models."""
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    parts = chunk({"content": [thinking, {"type": "text", "text": "ok"}]})
    _, reply = received(parts, chunk(finish="stop"))
    assert (reply.message.text, reply.message.reasoning) == ("ok", "hm")


def test_usage_on_every_chunk_is_counted_once() -> None:
    """vLLM with continuous usage statistics."""
    counted = [{**chunk({"content": "a"}), "usage": usage(5, n)["usage"]} for n in (1, 2, 3)]
    events, _ = received(*counted, chunk(finish="stop"))
    assert [event for event in events if isinstance(event, Usage)] == [Usage(5, 3)]


def test_other_names_for_cached_tokens_and_odd_counts() -> None:
    """DeepSeek's prompt_cache_hit_tokens; counts that are null."""
    odd = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": None, "prompt_cache_hit_tokens": 4}}
    events, _ = received(chunk({"content": "a"}), chunk(finish="stop"), odd)
    assert events[-1] == Usage(9, 0, 4)


def test_a_second_choice_is_passed_over() -> None:
    other = {**chunk(), "choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "stop"}]}
    assert received(chunk({"content": "yes"}), other, chunk(finish="stop"))[1].message.text == "yes"


def test_a_call_without_any_arguments_is_told_to_the_model() -> None:
    _, reply = received(entry(index=0, id="a", name="run_code", arguments=""), END)
    assert "no arguments" in reply.problems["a"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "tool_calls",
                    "function",
                    "name",
                    "arguments",
                    "id",
                    "index",
                    "usage",
                    "content",
                    "text",
                    "thinking",
                    "message",
                    "finish_reason",
                    "function_call",
                    "prompt_tokens",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.lists(st.dictionaries(st.sampled_from(["choices", "usage"]), json_values), max_size=3), json_values)
def test_no_chunk_of_any_shape_breaks_the_reader(chunks: list[dict[str, Any]], delta: Any) -> None:
    reader = ChunkReader()
    deltas: list[Delta] = []
    for one in [*chunks, {"choices": [{"delta": delta}]}]:
        deltas += reader.feed(one)
    deltas += reader.finish()
    assert all(isinstance(part.arguments, str) for part in deltas if isinstance(part, CallPart))
    json.dumps([repr(part) for part in deltas])
