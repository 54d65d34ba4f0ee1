from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.errors import ConfigError
from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.wire import from_wire, to_wire, to_wire_one

text = st.text(max_size=20)
any_text = st.text(st.characters(), max_size=8)  # lone surrogates included
images = st.lists(st.sampled_from(["data:image/png;base64,AA==", "https://example.org/a.png"]), max_size=2).map(tuple)


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Conversations in which every call has its result behind it, as the loop keeps them."""
    messages: list[Message] = []
    number = 0
    for kind in draw(st.lists(st.sampled_from(["system", "user", "assistant"]), max_size=6)):
        if kind == "system":
            messages.append(SystemMessage(draw(text)))
        elif kind == "user":
            messages.append(UserMessage(draw(text), draw(images)))
        else:
            contents = draw(st.lists(st.tuples(text, text, text), max_size=3))
            blocks = [CodeBlock(f"id{number + n}", language, code) for n, (language, code, _) in enumerate(contents)]
            number += len(blocks)
            messages.append(AssistantMessage(draw(text), tuple(blocks)))
            messages.extend(ToolMessage(f"{b.call_id}", c[2]) for b, c in zip(blocks, contents, strict=True))
    return messages


any_message = st.one_of(
    st.builds(SystemMessage, any_text),
    st.builds(UserMessage, any_text, images),
    st.builds(ToolMessage, st.sampled_from(["a", "b", "c"]), any_text),
    st.builds(
        AssistantMessage,
        any_text,
        st.lists(st.builds(CodeBlock, st.sampled_from(["a", "b", "c"]), any_text, any_text), max_size=3).map(tuple),
    ),
)


@given(conversations())
def test_a_conversation_survives_the_round_trip(messages: list[Message]) -> None:
    assert from_wire(json.loads(json.dumps(to_wire(messages)))) == messages


@given(st.lists(any_message, max_size=8))
def test_every_call_on_the_wire_has_its_result_directly_behind_its_message(messages: list[Message]) -> None:
    open_ids: list[str] = []
    for wire in to_wire(messages):
        if wire["role"] == "tool":
            assert wire["tool_call_id"] == open_ids.pop(0)
        else:
            assert open_ids == []
        open_ids += [call["id"] for call in wire.get("tool_calls", [])]
    assert open_ids == []


@given(st.lists(any_message, max_size=8))
def test_whatever_is_sent_can_be_encoded_and_has_no_null_content(messages: list[Message]) -> None:
    wire = to_wire(messages)
    json.dumps(wire, ensure_ascii=False).encode()
    assert all(one["content"] is not None for one in wire)
    arguments = [call["function"]["arguments"] for one in wire for call in one.get("tool_calls", [])]
    assert all(set(json.loads(a)) == {"language", "code"} for a in arguments)


@given(st.lists(any_message, max_size=8))
def test_no_result_is_lost_on_the_way_to_the_wire(messages: list[Message]) -> None:
    sent = json.dumps(to_wire(messages))
    results = [m.text for m in messages if isinstance(m, ToolMessage) and m.text.isascii()]
    assert all(json.dumps(result)[1:-1] in sent for result in results)


OLD: list[dict[str, Any]] = [
    {"role": "user", "content": "What is 2+2?"},
    {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "run_code", "arguments": '{"language": "python", "code": "2+2"}'},
    },
    {"role": "function", "name": "run_code", "content": "4"},
    {"role": "assistant", "content": "It is 4."},
]


def test_the_form_of_2023_is_read_and_written_in_the_form_of_today() -> None:
    messages = from_wire(OLD)
    call_id = messages[1].blocks[0].call_id  # type: ignore[union-attr]  # an AssistantMessage, as the next line says
    assert messages == [
        UserMessage("What is 2+2?"),
        AssistantMessage("", (CodeBlock(call_id, "python", "2+2"),)),
        ToolMessage(call_id, "4"),
        AssistantMessage("It is 4."),
    ]
    assert (len(call_id), call_id.isalnum()) == (9, True)
    assert [wire["role"] for wire in to_wire(messages)] == ["user", "assistant", "tool", "assistant"]


def test_made_ids_are_the_same_ones_each_time() -> None:
    assert from_wire(OLD * 3) == from_wire(OLD * 3)


def test_reading_changes_nothing_in_the_dicts() -> None:
    before = json.dumps(OLD)
    from_wire(OLD)
    assert json.dumps(OLD) == before


def call(arguments: object, name: str = "run_code", call_id: str | None = "x") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"role": "assistant", "tool_calls": [{"id": call_id, "type": "function", "function": function}]}


@pytest.mark.parametrize(
    ("arguments", "name", "language", "code"),
    [
        ('{"language": "r", "code": "1"}', "run_code", "r", "1"),
        ({"language": "shell", "code": "ls"}, "execute", "shell", "ls"),
        ("print(1)", "python", "python", "print(1)"),
        ('{"code": "print(1)"}', "run_code", "python", "print(1)"),
        ('{"city": "Paris"}', "get_weather", "get_weather", '{"city": "Paris"}'),
        ('{"language": "python", "code": "pri', "run_code", "run_code", '{"language": "python", "code": "pri'),
        (None, "get_time", "get_time", "{}"),
    ],
)
def test_arguments_of_every_form_become_a_block(arguments: object, name: str, language: str, code: str) -> None:
    messages = from_wire([call(arguments, name), {"role": "tool", "tool_call_id": "x", "content": "done"}])
    assert messages == [AssistantMessage("", (CodeBlock("x", language, code),)), ToolMessage("x", "done")]


def test_a_call_that_was_left_without_a_result_gets_one_that_says_so() -> None:
    messages = from_wire([call("{}"), {"role": "user", "content": "go on"}])
    assert messages[1] == ToolMessage("x", "[no result was recorded for this call]")


def test_the_calls_of_the_last_message_stay_open_for_the_loop_to_answer() -> None:
    wire: list[dict[str, Any]] = [{"role": "user", "content": "a"}, call("{}")]
    assert len(from_wire(wire)) == 2
    assert to_wire(from_wire(wire))[-1]["role"] == "tool"


def test_a_result_without_a_call_becomes_a_user_message() -> None:
    (message,) = from_wire([{"role": "tool", "tool_call_id": "gone", "content": "42"}])
    assert isinstance(message, UserMessage)
    assert "42" in message.text


def test_results_in_disorder_are_put_behind_their_calls() -> None:
    two = AssistantMessage("", (CodeBlock("a", "python", "1"), CodeBlock("b", "python", "2")))
    messages: list[Message] = [two, UserMessage("meanwhile"), ToolMessage("b", "2"), ToolMessage("a", "1")]
    assert from_wire(to_wire(messages)) == [two, ToolMessage("a", "1"), ToolMessage("b", "2"), UserMessage("meanwhile")]


def test_an_id_used_in_every_turn_pairs_each_result_with_the_call_before_it() -> None:
    def turn(n: int) -> list[Message]:
        return [AssistantMessage("", (CodeBlock("call_0", "python", str(n)),)), ToolMessage("call_0", str(n))]

    assert from_wire(to_wire([*turn(1), *turn(2)])) == [*turn(1), *turn(2)]


def test_results_without_an_id_answer_the_open_calls_in_order() -> None:
    both = {
        "role": "assistant",
        "tool_calls": [call({}, "a", None)["tool_calls"][0], call({}, "b", None)["tool_calls"][0]],
    }
    first, second = {"role": "tool", "name": "b", "content": "B"}, {"role": "tool", "content": "A"}
    messages = from_wire([both, first, second])
    assert [m.text for m in messages] == ["", "A", "B"]


def test_content_may_be_null_or_text_or_parts() -> None:
    parts = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "data:x"}},
        {"type": "image_url", "image_url": "https://y"},
        "here",
        {"type": "input_audio", "input_audio": {}},
    ]
    assert from_wire([{"role": "user", "content": parts}, {"role": "user", "content": None}, {"role": "user"}]) == [
        UserMessage("look\nhere\n[a part of type 'input_audio' that is not kept]", ("data:x", "https://y")),
        UserMessage(""),
        UserMessage(""),
    ]


def test_a_picture_in_a_result_leaves_a_line_that_says_so() -> None:
    shown = [{"type": "text", "text": "done"}, {"type": "image_url", "image_url": {"url": "data:x"}}]
    messages = from_wire([call("{}"), {"role": "tool", "tool_call_id": "x", "content": shown}])
    assert messages[1] == ToolMessage("x", "done\n[an image that is not kept]")


def test_system_messages_may_stand_anywhere_and_developer_is_system() -> None:
    wire = [{"role": "user", "content": "a"}, {"role": "developer", "content": "b"}, {"role": "system", "content": "c"}]
    assert from_wire(wire) == [UserMessage("a"), SystemMessage("b"), SystemMessage("c")]


def test_reasoning_and_refusals_are_kept_and_unknown_keys_passed_over() -> None:
    wire: dict[str, Any] = {
        "role": "assistant",
        "content": None,
        "refusal": "no",
        "reasoning_content": "hm",
        "annotations": [],
        "x": 1,
    }
    assert from_wire([wire]) == [AssistantMessage("no", reasoning="hm")]


@pytest.mark.parametrize(
    ("wire", "complaint"),
    [
        (["hi"], "messages[0]: expected a dict with role and content, not 'hi'"),
        ([{"content": "hi"}], "messages[0].role: expected one of system"),
        ([{"role": "user"}, {"role": "bot"}], "messages[1].role: expected one of system"),
        ([{"role": "user", "content": 3}], "messages[0].content: expected text, null or a list of parts, not int"),
        ([{"role": "user", "content": [3]}], "messages[0].content[0]: expected a dict with a type, not int"),
        ([{"role": "assistant", "tool_calls": "x"}], "messages[0].tool_calls: expected a list of calls, not 'x'"),
        ([{"role": "assistant", "tool_calls": [None]}], "messages[0].tool_calls[0]: expected a dict"),
        ([{"role": "assistant", "function_call": "x"}], "messages[0].function_call: expected a dict"),
        (
            [{"role": "assistant", "tool_calls": [{"function": 7}]}],
            "messages[0].tool_calls[0].function: expected a dict",
        ),
    ],
)
def test_what_is_no_message_is_named_with_its_place(wire: list[Any], complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_wire(wire)
    assert complaint in str(caught.value)


def test_one_message_is_written_as_it_stands_for_a_list_that_is_kept() -> None:
    assert to_wire_one(ToolMessage("x", "4")) == {"role": "tool", "tool_call_id": "x", "content": "4"}
    assert to_wire_one(UserMessage("a", ("data:x",)))["content"] == [
        {"type": "text", "text": "a"},
        {"type": "image_url", "image_url": {"url": "data:x"}},
    ]
