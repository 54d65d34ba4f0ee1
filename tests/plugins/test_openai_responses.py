"""The Responses protocol over real HTTP: what is asked, what comes back, and what goes back with the next request."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oi_openai.choices import ImagesChoice, ProtocolChoice
from oi_openai.chunks import ErrorInStream
from oi_openai.client import Patience, Server
from oi_openai.model import OpenAIModel
from oi_openai.protocols import protocol_for
from oi_openai.responses_events import ResponsesReader
from oi_openai.sse import EventReader

from oi_core.code_stream import Reply, ReplyReader
from oi_core.errors import ContextOverflow, ModelCancelled, ModelError
from oi_core.events import CodeReady, Event, ReasoningDelta, TextDelta, Usage
from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.model import CallPart, Delta, ModelSettings, NoticePart, ReasoningPart, StatePart, TextPart
from oi_core.testing.answers import Answer, refuse, say, whole
from oi_core.testing.responses_answers import (
    as_stream,
    call,
    code_call,
    message,
    reasoning,
    respond,
    response_body,
)
from oi_core.testing.server import ChatServer, Turn
from oi_core.tool_schema import Tool

HELLO: list[Message] = [UserMessage("hello")]
TOOL = Tool("run_code", "Run code.", {"type": "object"})
PICTURE = "data:image/png;base64,aGVsbG8="


@contextmanager
def serving(*turns: Turn, model: str = "gpt-6-luna") -> Iterator[tuple[OpenAIModel, ChatServer]]:
    with ChatServer(*turns) as server:
        asked = OpenAIModel(
            model,
            ModelSettings(server.base_url, "sk-good"),
            patience=Patience(backoff=0.01),
            protocol=ProtocolChoice.RESPONSES,
            images=ImagesChoice.YES,
        )
        with closing(asked):
            yield asked, server


def read(model: OpenAIModel, messages: list[Message] | None = None) -> tuple[list[Event], Reply]:
    reader = ReplyReader({"python": "python", "shell": "shell"})
    events = list(reader.read(model.stream(messages or HELLO, [TOOL])))
    return events, reader.reply()


def said(text: str, **keys: str) -> dict[str, Any]:
    """A message of the assistant's in a request; llama.cpp refuses any shorter form (T: 64b)."""
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}], **keys}


def received(answer: Answer) -> tuple[list[Event], Reply]:
    with serving(answer) as (model, _):
        return read(model)


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


# Which protocol is spoken


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://api.openai.com/v1", "responses"),
        ("https://eu.api.openai.com/v1", "responses"),
        ("https://openrouter.ai/api/v1", "chat completions"),
        ("http://127.0.0.1:8080/v1", "chat completions"),
        ("https://api.openai.com.example.org/v1", "chat completions"),
    ],
)
def test_by_itself_responses_is_spoken_with_openai_alone(url: str, title: str) -> None:
    assert protocol_for(Server("s", url), ProtocolChoice.AUTO, frozenset()).title == title


@pytest.mark.parametrize(("choice", "path"), [("chat", "/v1/chat/completions"), ("responses", "/v1/responses")])
def test_the_setting_decides(choice: str, path: str) -> None:
    answer = say("hi") if choice == "chat" else respond(message("hi"))
    with ChatServer(answer) as server:
        model = OpenAIModel("m", ModelSettings(server.base_url), protocol=ProtocolChoice(choice))
        with closing(model):
            assert list(model.stream(HELLO, [])) == [TextPart("hi")]
        assert server.requests[0].path == path


def test_a_model_that_only_the_other_protocol_has_is_asked_by_that_from_then_on() -> None:
    """OpenAI's o1-pro and codex models say this at the chat endpoint."""
    said = "This model is only supported in v1/responses and not in v1/chat/completions."
    turns = [refuse(404, said, type="invalid_request_error", param="model"), *[respond(message("hi"))] * 2]
    with ChatServer(*turns) as server:
        model = OpenAIModel("o1-pro", ModelSettings(server.base_url))
        with closing(model):
            assert [list(model.stream(HELLO, [])) for _ in range(2)] == [[TextPart("hi")]] * 2
        paths = [request.path for request in server.requests]
    assert paths == ["/v1/chat/completions", "/v1/responses", "/v1/responses"]


def test_a_server_without_the_endpoint_is_named_with_the_setting_that_helps() -> None:
    with serving(refuse(404, "File Not Found")) as (model, _), pytest.raises(ModelError) as caught:
        read(model)
    assert "404 no responses at" in str(caught.value)
    assert "protocol = chat" in str(caught.value)


# What is asked


def test_the_request_holds_the_conversation_as_items_and_stores_nothing() -> None:
    block = CodeBlock("call_1", "python", "1+1")
    messages: list[Message] = [
        SystemMessage("Be kind."),
        SystemMessage("Be brief."),
        UserMessage("look", (PICTURE,)),
        AssistantMessage("I compute.", (block,)),
        ToolMessage("call_1", "2", (PICTURE,)),
        SystemMessage("Mind the time."),
        UserMessage("and now?"),
    ]
    with serving(respond(message("4"))) as (model, server):
        read(model, messages)
    body = server.requests[0].body
    image = {"type": "input_image", "detail": "auto", "image_url": PICTURE}
    arguments = json.dumps({"language": "python", "code": "1+1"})
    assert body["instructions"] == "Be kind.\n\nBe brief."
    assert body["input"] == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "look"}, image]},
        said("I compute."),
        {"type": "function_call", "call_id": "call_1", "name": "run_code", "arguments": arguments},
        {
            "type": "function_call_output",
            "call_id": "call_1",
            "output": [{"type": "input_text", "text": "2"}, image],
        },
        {"type": "message", "role": "system", "content": "Mind the time."},
        {"type": "message", "role": "user", "content": "and now?"},
    ]
    assert (body["stream"], body["store"]) == (True, False)
    assert body["include"] == ["reasoning.encrypted_content"]
    assert body["tools"] == [
        {
            "type": "function",
            "name": "run_code",
            "description": "Run code.",
            "parameters": {"type": "object"},
            "strict": False,
        }
    ]


def test_further_arguments_are_sent_under_the_names_they_have_here() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "step", "strict": True, "schema": {"type": "object"}}}
    with serving(respond(message("4"))) as (model, server):
        list(model.stream(HELLO, [], {"response_format": schema, "max_tokens": 5}))
    body = server.requests[0].body
    assert body["text"] == {
        "format": {"type": "json_schema", "name": "step", "strict": True, "schema": {"type": "object"}}
    }
    assert body["max_output_tokens"] == 5
    assert {"response_format", "max_tokens"}.isdisjoint(body)


def test_models_that_do_not_reason_are_not_asked_for_reasoning() -> None:
    with serving(respond(message("hi")), model="gpt-4o-mini") as (model, server):
        read(model)
    assert {"include", "reasoning"}.isdisjoint(server.requests[0].body)


@pytest.mark.parametrize(
    ("answer", "left_out"),
    [
        # hermes-agent#24234
        (refuse(400, "Encrypted content is not supported with this model.", param="include"), "include"),
        (refuse(400, "Encrypted content is not supported with this model."), "include"),
        (
            refuse(
                400,
                "Your organization must be verified to generate reasoning summaries.",
                param="reasoning.summary",
                code="unsupported_value",
            ),
            "reasoning",
        ),
        (refuse(400, "Unknown parameter: 'store'.", param="store"), "store"),
    ],
)
def test_a_field_that_is_refused_is_left_out_from_then_on(answer: Answer, left_out: str) -> None:
    with serving(answer, respond(message("hi")), respond(message("again"))) as (model, server):
        assert [text_of(read(model)[0]) for _ in range(2)] == ["hi", "again"]
    assert [left_out in request.body for request in server.requests] == [True, False, False]


# What comes back


def test_reasoning_text_calls_and_usage_arrive_as_events() -> None:
    events, reply = received(
        respond(
            reasoning("I think", "therefore"),
            message("Let me see."),
            code_call("python", "1+1"),
            code_call("shell", "ls", call_id="call_2", item_id="fc_2"),
            tokens=(100, 7, 64),
        )
    )
    thought = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    assert thought == reply.message.reasoning == "I think\n\ntherefore"
    assert reply.message.text == text_of(events) == "Let me see."
    assert reply.message.blocks == (CodeBlock("call_1", "python", "1+1"), CodeBlock("call_2", "shell", "ls"))
    assert [event.block for event in events if isinstance(event, CodeReady)] == list(reply.message.blocks)
    assert events[-3:].count(Usage(100, 7, 64)) == 1
    assert reply.problems == {}


def test_two_messages_in_one_reply_are_two_paragraphs() -> None:
    answer = respond(message("One.", phase="commentary"), message("Two.", phase="final_answer", item_id="msg_2"))
    assert received(answer)[1].message.text == "One.\n\nTwo."


def test_what_no_delta_brought_is_taken_from_the_whole_item() -> None:
    items = [reasoning("hm"), message("Hi."), code_call("python", "1")]
    events: list[dict[str, Any]] = [
        {"type": "response.output_item.done", "output_index": index, "item": item} for index, item in enumerate(items)
    ]
    _, reply = received(as_stream([*events, {"type": "response.completed", "response": response_body(items)}]))
    assert (reply.message.reasoning, reply.message.text) == ("hm", "Hi.")
    assert [block.code for block in reply.message.blocks] == ["1"]


def test_a_response_that_is_not_streamed_is_understood() -> None:
    items = [reasoning("hm", encrypted="e"), message("Hi."), code_call("python", "1")]
    events, reply = received(whole(response_body(items, tokens=(3, 2, 1))))
    assert (reply.message.reasoning, reply.message.text) == ("hm", "Hi.")
    assert len(reply.message.blocks) == 1
    assert Usage(3, 2, 1) in events


def test_items_are_told_apart_where_a_server_numbers_them_all_alike() -> None:
    """Some compatible servers number every item 0, or leave the number out."""
    for index in (0, None):
        events = []
        for item in (code_call("python", "1", call_id="a", item_id="x"), code_call("shell", "2", call_id="b")):
            added = {"type": "response.output_item.added", "output_index": index, "item": {**item, "arguments": ""}}
            delta = {
                "type": "response.function_call_arguments.delta",
                "output_index": index,
                "item_id": item["id"],
                "delta": item["arguments"],
            }
            done = {"type": "response.output_item.done", "output_index": index, "item": item}
            events += [added, delta, done]
        _, reply = received(as_stream([*events, {"type": "response.completed", "response": {}}]))
        assert [(block.call_id, block.code) for block in reply.message.blocks] == [("a", "1"), ("b", "2")]


def test_a_refusal_of_the_model_is_text() -> None:
    delta = {"type": "response.refusal.delta", "output_index": 0, "item_id": "m", "delta": "I cannot."}
    _, reply = received(as_stream([delta, {"type": "response.completed", "response": {}}]))
    assert reply.message.text == "I cannot."


# What goes wrong


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        (
            {"type": "response.failed", "response": {"error": {"code": "invalid_prompt", "message": "no such luck"}}},
            "reports an error: no such luck",
        ),
        ({"type": "error", "code": "x", "message": "no such luck", "param": None}, "reports an error: no such luck"),
        ({"type": "response.failed", "response": {}}, "the response has failed"),
        ({"type": "response.in_progress"}, "stopped in the middle of the reply"),
    ],
)
def test_an_error_in_the_stream_is_one_line_and_keeps_what_came(ending: dict[str, Any], says: str) -> None:
    reader = ReplyReader({"python": "python"})
    with serving(respond(message("half"), code_call("python", "1"), ending=ending)) as (model, server):
        with pytest.raises(ModelError, match=says):
            list(reader.read(model.stream(HELLO, [])))
        assert len(server.requests) == 1
    assert reader.reply().message.text == "half"


def test_a_passing_error_before_anything_came_is_tried_again() -> None:
    error = {"type": "response.failed", "response": {"error": {"code": "server_error", "message": "Try again."}}}
    with serving(respond(ending=error), respond(message("hi"))) as (model, server):
        assert text_of(read(model)[0]) == "hi"
        assert len(server.requests) == 2


@pytest.mark.parametrize(("reason", "says"), [("max_output_tokens", "limit of tokens"), ("content_filter", "filter")])
def test_a_reply_that_was_cut_says_why(reason: str, says: str) -> None:
    body = {**response_body([], status="incomplete"), "incomplete_details": {"reason": reason}}
    with serving(respond(message("half"), ending={"type": "response.incomplete", "response": body})) as (model, _):
        notices = [delta.text for delta in model.stream(HELLO, []) if isinstance(delta, NoticePart)]
    assert len(notices) == 1
    assert says in notices[0]


def test_a_conversation_that_is_too_long_is_an_overflow_also_within_the_stream() -> None:
    error = {"code": "context_length_exceeded", "message": "Your input exceeds the context window of this model."}
    for answer in (whole({"error": error}, 400), respond(ending={"type": "error", **error})):
        with serving(answer) as (model, _), pytest.raises(ContextOverflow, match="too long for the model"):
            read(model)


def test_cancel_stops_at_once_and_frees_the_server_with_the_text_so_far() -> None:
    with serving(respond(message("word " * 50)).paced(0.05), respond(message("next"))) as (model, server):
        reply = model.stream(HELLO, [])
        assert [next(reply), next(reply)] == [TextPart("word wor"), TextPart("d word w")]
        stopped = time.monotonic()
        model.cancel()
        with pytest.raises(ModelCancelled):
            next(reply)
        assert time.monotonic() - stopped < 1
        assert server.wait_for_hang_up(1) > 0
        assert text_of(read(model)[0]) == "next"


# Reasoning goes back


def test_reasoning_goes_back_encrypted_before_the_call_that_it_led_to() -> None:
    items = [reasoning("hm", encrypted="gAAA"), message("Let me see.", phase="commentary"), code_call("python", "1")]
    with serving(respond(*items), respond(message("2")), respond(message("3"))) as (model, server):
        _, reply = read(model)
        assert len(reply.message.state) == 1
        results: list[Message] = [*HELLO, reply.message, ToolMessage("call_1", "2")]
        read(model, results)
        read(model, [*results, AssistantMessage("2"), UserMessage("more")])
    for request in server.requests[1:]:
        sent = request.body["input"]
        kinds = [item["type"] for item in sent[1:5]]
        assert kinds == ["reasoning", "message", "function_call", "function_call_output"]
        assert sent[1] == {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": "gAAA",
        }
        assert sent[2] == said("Let me see.", phase="commentary")


def test_each_message_of_a_reply_goes_back_with_its_own_phase_and_reasoning() -> None:
    first, second = reasoning(encrypted="1"), reasoning(encrypted="2", item_id="rs_2")
    texts = message("One.", phase="commentary"), message("Two.", phase="final_answer", item_id="msg_2")
    with serving(respond(first, texts[0], second, texts[1]), respond(message("x"))) as (model, server):
        _, reply = read(model)
        read(model, [*HELLO, reply.message, UserMessage("more")])
    sent = server.requests[1].body["input"][1:-1]
    assert [item.get("encrypted_content") for item in sent] == ["1", None, "2", None]
    assert sent[1::2] == [said("One.", phase="commentary"), said("Two.", phase="final_answer")]


def test_reasoning_whose_call_is_gone_and_reasoning_of_another_model_stay_away() -> None:
    items = [reasoning(encrypted="gAAA"), code_call("python", "1")]
    with serving(respond(*items)) as (model, _):
        _, reply = read(model)
    without_call = AssistantMessage("", (), "", reply.message.state)
    for model_name, kept in (("gpt-6-luna", without_call), ("gpt-7", reply.message)):
        with serving(respond(message("x")), model=model_name) as (model, server):
            read(model, [*HELLO, kept, UserMessage("more")])
        assert "reasoning" not in [item.get("type") for item in server.requests[0].body["input"]]


def test_a_text_that_was_shortened_meanwhile_goes_back_as_it_is_now() -> None:
    items = [reasoning(encrypted="1"), message("One.", phase="commentary"), message("Two.", item_id="msg_2")]
    with serving(respond(*items), respond(message("x"))) as (model, server):
        _, reply = read(model)
        read(model, [*HELLO, AssistantMessage("On…", (), "", reply.message.state), UserMessage("more")])
    sent = server.requests[1].body["input"][1:-1]
    assert sent[1:] == [said("On…", phase="commentary")]


@pytest.mark.parametrize(
    "said",
    [
        "The encrypted content gAAA...90= could not be verified.",  # openai/codex#8119
        "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
        "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.",
    ],
)
def test_reasoning_that_the_server_does_not_recognise_is_left_out_from_then_on(said: str) -> None:
    items = [reasoning(encrypted="gAAA"), code_call("python", "1")]
    with serving(respond(*items), refuse(400, said), respond(message("x"))) as (model, server):
        _, reply = read(model)
        events, _ = read(model, [*HELLO, reply.message, ToolMessage("call_1", "2")])
        assert text_of(events) == "x"
    kinds = [item.get("type") for item in server.requests[2].body["input"]]
    assert kinds == ["message", "function_call", "function_call_output"]


def test_a_reply_that_broke_off_leaves_no_state() -> None:
    reader = ReplyReader({})
    answer = respond(reasoning(encrypted="gAAA"), message("half"), ending={"type": "error", "message": "x"})
    with serving(answer) as (model, _), pytest.raises(ModelError):
        list(reader.read(model.stream(HELLO, [])))
    assert reader.reply().message == AssistantMessage("half")


def test_ids_that_are_too_long_for_the_server_are_shortened_alike_on_both_sides() -> None:
    block = CodeBlock("x" * 70, "python", "1")
    said = "Invalid 'input[1].call_id': string too long. Expected a string with maximum length 64."
    with serving(refuse(400, said, param="input[1].call_id"), respond(message("x"))) as (model, server):
        read(model, [*HELLO, AssistantMessage("", (block,)), ToolMessage("x" * 70, "1")])
    _, asked, answered = server.requests[1].body["input"]
    assert asked["call_id"] == answered["call_id"]
    assert len(asked["call_id"]) == 9


# Any bytes


STREAM = respond(
    reasoning("I think", "therefore", encrypted="gAAA"),
    message("Größe: 😀", phase="commentary"),
    code_call("python", "print('é')"),
    message("Done."),
    tokens=(9, 8, 7),
).body


def deltas_of(pieces: list[bytes]) -> list[Delta]:
    reader = ResponsesReader("here")
    found: list[Delta] = []
    for event in EventReader(pieces):
        found += reader.feed(event)
    return [*found, *reader.finish()]


@settings(max_examples=60)
@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_any_split_of_the_bytes_gives_the_same_deltas(places: list[int]) -> None:
    pieces = [STREAM[a:b] for a, b in itertools.pairwise([0, *sorted(places), len(STREAM)])]
    assert deltas_of(pieces) == deltas_of([STREAM])


def test_single_bytes_give_the_same_deltas() -> None:
    deltas = deltas_of([bytes([byte]) for byte in STREAM])
    assert deltas == deltas_of([STREAM])
    assert [type(delta) for delta in deltas[-2:]] == [StatePart, Usage]
    assert "".join(d.text for d in deltas if isinstance(d, TextPart)) == "Größe: 😀\n\nDone."
    assert "".join(d.text for d in deltas if isinstance(d, ReasoningPart)) == "I think\n\ntherefore"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "item", "output", "content", "text", "summary", "id", "call_id", "name", "arguments", "usage"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KINDS = [
    "response.output_item.added",
    "response.output_item.done",
    "response.output_text.delta",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_part.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.completed",
    "response.failed",
    "something.new",
]
event_keys = st.sampled_from(["item", "delta", "arguments", "output_index", "item_id", "response", "output", "error"])


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(KINDS) | json_values, st.dictionaries(event_keys, json_values)), max_size=4))
def test_no_event_of_any_shape_breaks_the_reader(events: list[tuple[Any, dict[str, Any]]]) -> None:
    reader = ResponsesReader()
    deltas: list[Delta] = []
    try:
        for kind, event in events:
            deltas += reader.feed({"type": kind, **event})
    except ErrorInStream:
        return
    deltas += reader.finish()
    assert all(isinstance(part.arguments, str) for part in deltas if isinstance(part, CallPart))


def test_the_arguments_of_a_call_may_be_anything() -> None:
    _, reply = received(respond(call("print(1)", name="python")))
    assert reply.message.blocks == (CodeBlock("call_1", "python", "print(1)"),)
