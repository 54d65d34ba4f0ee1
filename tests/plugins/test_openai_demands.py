"""What servers want otherwise than they say in the protocol: asked once in vain, then as they want it from then on.

Each case names where it was seen: an issue, or T for the recorded responses in ``tests/data/transcripts``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from oi_openai.choices import ImagesChoice
from oi_openai.client import Patience
from oi_openai.model import OpenAIModel
from oi_openai.roles import EARLIER, READ, folded

from oi_core.code_stream import ReplyReader
from oi_core.errors import ModelError
from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.model import Delta, ModelSettings, NoticePart, TextPart
from oi_core.testing.answers import Answer, call_chunks, chunk, recorded, refuse, say, stream, whole
from oi_core.testing.server import ChatServer, Request, Turn

TRANSCRIPTS = Path(__file__).parent.parent / "data" / "transcripts"
HELLO: list[Message] = [UserMessage("hello")]
PICTURE = "data:image/png;base64,aGVsbG8="
CALL = AssistantMessage("", (CodeBlock("call_0123456789", "python", "1"),), "I think.")
RESULT = ToolMessage("call_0123456789", "1")


def recording(case: str) -> Answer:
    return recorded(TRANSCRIPTS / f"{case}.response.http")


@contextmanager
def serving(*turns: Turn, images: ImagesChoice = ImagesChoice.YES) -> Iterator[tuple[OpenAIModel, ChatServer]]:
    with ChatServer(*turns) as server:
        settings = ModelSettings(server.base_url, "sk-good", 0.5)
        model = OpenAIModel("m", settings, patience=Patience(backoff=0.01), images=images)
        with closing(model):
            yield model, server


def asked_twice(refusal: Answer, messages: list[Message], extra: Mapping[str, Any] | None = None) -> list[Request]:
    """Ask twice a server that refuses the first request: three requests, two answers."""
    with serving(refusal, say("hi"), say("again")) as (model, server):
        for word in ("hi", "again"):
            deltas = list(model.stream(messages, [], extra))
            assert "".join(delta.text for delta in deltas if isinstance(delta, TextPart)) == word
        assert len(server.requests) == 3
        assert server.requests[1].body == server.requests[2].body
        return server.requests


def sent(requests: list[Request]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = requests[1].body["messages"]
    return messages


# Roles


@pytest.mark.parametrize(
    "said",
    [
        "Conversation roles must alternate user/assistant/user/assistant/...",  # jan#6254
        "System role not supported",  # mistral.rs#506, Gemma's template
        "After the optional system message, conversation roles must alternate user and assistant roles",  # crush#279
        "Only user and assistant roles are supported!",  # LM Studio
        "System message must be at the beginning.",  # Qwen's template
        "Unexpected role 'user' after role 'tool'",  # datapizza-ai#98, Mistral's servers
        "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant",  # rig#1130
        "Developer instruction is not enabled for models/gemma-3-27b-it",  # Google's servers
    ],
)
def test_roles_alternate_and_the_system_speaks_through_the_user_where_that_is_wanted(said: str) -> None:
    messages: list[Message] = [
        SystemMessage("Be kind."),
        UserMessage("a"),
        UserMessage("b"),
        CALL,
        RESULT,
        UserMessage("stop"),
        SystemMessage("Be brief."),
        AssistantMessage("c"),
        AssistantMessage("d"),
    ]
    wire = sent(asked_twice(refuse(400, said), messages))
    assert [message["role"] for message in wire] == ["user", "assistant", "tool", "assistant", "user", "assistant"]
    assert wire[0]["content"] == "Be kind.\n\nBe brief.\n\na\n\nb"
    assert (wire[3]["content"], wire[5]["content"]) == (READ, "c\n\nd")


def test_a_conversation_that_begins_with_the_assistant_gets_a_user_before_it() -> None:
    assert folded([{"role": "assistant", "content": "hi"}])[0] == {"role": "user", "content": EARLIER}


def test_pictures_and_text_of_neighbours_stay_together() -> None:
    wire = sent(asked_twice(refuse(400, "roles must alternate"), [UserMessage("a"), UserMessage("b", (PICTURE,))]))
    assert [part["type"] for part in wire[0]["content"]] == ["text", "text", "image_url"]


def test_the_developer_role_is_never_sent() -> None:
    """T: llama-cpp-python refuses it (12d)."""
    assert "developer" in recording("llama-cpp-python-smollm2/12d_developer_role").body.decode()
    with serving(say("hi")) as (model, server):
        list(model.stream([SystemMessage("Be kind."), *HELLO], []))
    assert [message["role"] for message in server.requests[0].body["messages"]] == ["system", "user"]


# What a message holds


def test_content_is_never_null_and_arguments_are_always_json() -> None:
    """T: llama-cpp-python refuses null content with 500 (07), llama.cpp arguments that are no JSON (08, 08b)."""
    assert "Input should be" in recording("llama-cpp-python-smollm2/07_tool_result_turn").body.decode()
    assert "as JSON" in recording("llamacpp-qwen25coder/08_history_args_not_json").body.decode()
    broken = AssistantMessage("", (CodeBlock("a", "python", '{"half'), CodeBlock("b", "", "")))
    with serving(say("hi")) as (model, server):
        list(model.stream([*HELLO, broken], []))
    message = server.requests[0].body["messages"][1]
    assert message["content"] == ""
    arguments = [json.loads(call["function"]["arguments"]) for call in message["tool_calls"]]
    assert arguments == [{"language": "python", "code": '{"half'}, {"language": "", "code": ""}]


@pytest.mark.parametrize(
    "said",
    [
        "messages.1: text content blocks must be non-empty",  # Anthropic's servers
        "The text field in the ContentBlock object at messages.1.content.0 is blank.",  # Bedrock
        "messages: text content blocks must contain non-whitespace text",
    ],
)
def test_no_text_is_empty_where_that_is_not_taken(said: str) -> None:
    wire = sent(asked_twice(refuse(400, said), [*HELLO, CALL, RESULT, AssistantMessage(""), UserMessage("more")]))
    assert "content" not in wire[1]
    assert wire[3]["content"]


@pytest.mark.parametrize(
    "said",
    [
        "Tool call id was call_0123456789 but must be a-z, A-Z, 0-9, with a length of 9.",  # opencode#1680
        "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40.",
    ],
)
def test_ids_of_other_servers_become_nine_letters_and_digits_where_that_is_wanted(said: str) -> None:
    wire = sent(asked_twice(refuse(400, said), [*HELLO, CALL, RESULT]))
    call_id = wire[1]["tool_calls"][0]["id"]
    assert (len(call_id), call_id.isalnum(), wire[2]["tool_call_id"]) == (9, True, call_id)


# Fields


@pytest.mark.parametrize(
    ("said", "extra", "refused", "instead"),
    [
        ("Unrecognized request argument supplied: stream_options", {}, "stream_options", None),  # opencode#40885
        ("Unsupported parameter: 'temperature' is not supported with this model.", {}, "temperature", None),
        ("`temperature` is deprecated for this model.", {}, "temperature", None),
        (
            "Unsupported parameter: 'max_tokens' is not supported here. Use 'max_completion_tokens' instead.",
            {"max_tokens": 5},
            "max_tokens",
            "max_completion_tokens",
        ),
        # openclaude#739
        ("unknown field max_completion_tokens", {"max_completion_tokens": 5}, "max_completion_tokens", "max_tokens"),
    ],
)
def test_a_field_that_is_not_known_is_left_out_or_put_otherwise(
    said: str, extra: dict[str, Any], refused: str, instead: str | None
) -> None:
    requests = asked_twice(refuse(400, said), HELLO, extra)
    assert [refused in request.body for request in requests] == [True, False, False]
    if instead is not None:
        assert requests[1].body[instead] == extra[refused]


def test_a_limit_that_is_known_under_neither_name_is_left_out() -> None:
    refusals = [refuse(400, f"Unsupported parameter: '{name}'") for name in ("max_tokens", "max_completion_tokens")]
    with serving(*refusals, say("hi")) as (model, server):
        list(model.stream(HELLO, [], {"max_tokens": 5}))
    assert {"max_tokens", "max_completion_tokens"}.isdisjoint(server.requests[2].body)


def test_the_parameter_that_a_server_names_counts_whatever_its_words() -> None:
    requests = asked_twice(refuse(400, "Nope.", param="temperature"), HELLO)
    assert "temperature" not in requests[1].body


@pytest.mark.parametrize(
    "refusal",
    [
        # lobehub#9385
        refuse(400, "Your organization must be verified to stream this model.", param="stream"),
        refuse(400, "Unsupported value: 'stream' does not support true with this model."),
        refuse(400, "Streaming is not supported together with tools"),
    ],
)
def test_where_streaming_is_refused_the_whole_reply_is_read_at_once(refusal: Answer) -> None:
    body = {"choices": [{"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}]}
    with serving(refusal, whole(body), whole(body)) as (model, server):
        assert [list(model.stream(HELLO, [])) for _ in range(2)] == [[TextPart("hi")]] * 2
    assert [request.body["stream"] for request in server.requests] == [True, False, False]
    assert "stream_options" not in server.requests[1].body


def test_a_format_that_is_refused_is_not_left_out_but_told() -> None:
    """T: llama-cpp-python knows no JSON schema (14); whoever asked for it has to know."""
    refusal = recording("llama-cpp-python-smollm2/14_json_schema_stream")
    with serving(refusal) as (model, server), pytest.raises(ModelError) as caught:
        list(model.stream(HELLO, [], {"response_format": {"type": "json_schema"}}))
    assert len(server.requests) == 1
    assert "json_schema" in str(getattr(caught.value.__cause__, "said", ""))


# Reasoning and state


@pytest.mark.parametrize(
    "said",
    [
        "The `reasoning_content` in the thinking mode must be passed back to the API.",  # DeepSeek, openagent#2206
        "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1",  # QwenPaw#433
        "Missing `reasoning_content` field in the assistant message at message index 1",  # continue#9913
    ],
)
def test_reasoning_goes_back_with_every_call_where_it_is_wanted(said: str) -> None:
    of_another = AssistantMessage("", (CodeBlock("b", "python", "2"),))
    messages: list[Message] = [*HELLO, CALL, RESULT, of_another, ToolMessage("b", "2"), AssistantMessage("x", (), "y")]
    requests = asked_twice(refuse(400, said), messages)
    assert "reasoning_content" not in requests[0].body["messages"][1]
    wire = sent(requests)
    assert wire[1]["reasoning_content"] == "I think."
    assert wire[3]["reasoning_content"]
    assert "reasoning_content" not in wire[5]


def replied(answer: Answer, follow_up: Answer) -> tuple[AssistantMessage, list[Request]]:
    """The reply that an answer is, and the requests: the second one has the reply in it."""
    with serving(answer, follow_up) as (model, server):
        reader = ReplyReader({"python": "python"})
        list(reader.read(model.stream(HELLO, [])))
        message = reader.reply().message
        list(model.stream([*HELLO, message, *(ToolMessage(block.call_id, "1") for block in message.blocks)], []))
        return message, server.requests


def test_reasoning_details_are_put_together_and_go_back_as_they_were() -> None:
    """OpenRouter: without them its providers lose the thread between calls, or refuse."""
    pieces = [
        {"type": "reasoning.text", "index": 0, "text": "I th", "format": "x"},
        {"type": "reasoning.text", "index": 0, "text": "ink.", "signature": None},
        {"type": "reasoning.text", "index": 0, "text": "", "signature": "sig"},
        {"type": "reasoning.encrypted", "index": 1, "id": "rs_1", "data": "gAAA"},
    ]
    chunks = [chunk({"reasoning": piece.get("text"), "reasoning_details": [piece]}) for piece in pieces]
    calls = call_chunks(0, "a", '{"language": "python", "code": "1"}')
    message, requests = replied(stream([*chunks, *calls, chunk(finish="tool_calls")]), say("ok"))
    assert message.reasoning == "I think."
    assert requests[1].body["messages"][1]["reasoning_details"] == [
        {"type": "reasoning.text", "index": 0, "text": "I think.", "format": "x", "signature": "sig"},
        pieces[3],
    ]


def test_the_signatures_of_calls_go_back_with_their_calls() -> None:
    """Gemini 3, pi#3234 and pi#6733: each call in one delta, without an index, some of them signed."""
    signature = {"google": {"thought_signature": "EjQKMgEM"}}
    function = {"name": "run_code", "arguments": '{"language": "python", "code": "1"}'}
    calls = [{"id": "a", "function": function}, {"id": "b", "function": function, "extra_content": signature}]
    chunks = [chunk({"tool_calls": [call]}) for call in calls]
    message, requests = replied(stream([*chunks, chunk(finish="stop")]), say("ok"))
    assert len(message.blocks) == 2
    assert [call.get("extra_content") for call in requests[1].body["messages"][1]["tool_calls"]] == [None, signature]


def test_calls_of_other_models_are_signed_as_such_where_signatures_are_wanted() -> None:
    """Google's errors are a list with one object in it."""
    error = {"error": {"code": 400, "message": "Function call is missing a thought_signature in functionCall parts."}}
    wire = sent(asked_twice(whole([error], 400), [*HELLO, CALL, RESULT]))
    assert wire[1]["tool_calls"][0]["extra_content"]["google"]["thought_signature"]


def test_state_that_is_not_recognised_or_of_another_server_stays_away() -> None:
    chunks = [chunk({"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}), chunk({"content": "hm"})]
    answer = stream([*chunks, chunk(finish="stop")])
    with serving(answer, refuse(400, "Invalid reasoning_details: not valid"), say("ok")) as (model, server):
        reader = ReplyReader({})
        list(reader.read(model.stream(HELLO, [])))
        conversation = [*HELLO, reader.reply().message, UserMessage("more")]
        list(model.stream(conversation, []))
        kept = ["reasoning_details" in request.body["messages"][1] for request in server.requests[1:]]
    assert kept == [True, False]
    with serving(say("ok")) as (model, server):
        list(model.stream(conversation, []))
    assert "reasoning_details" not in server.requests[0].body["messages"][1]


def test_what_the_server_behind_a_gateway_said_is_told_and_met() -> None:
    """OpenRouter: crush#279."""
    raw = json.dumps({"object": "error", "message": "Unexpected role 'tool' after role 'user'"})
    error = {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw, "provider_name": "Mistral"}}
    with serving(whole({"error": error}, 400), whole({"error": error}, 400)) as (model, server):
        with pytest.raises(ModelError, match="Unexpected role 'tool' after role 'user'"):
            list(model.stream(HELLO, []))
        assert len(server.requests) == 2


# Pictures


@pytest.mark.parametrize(
    "refusal",
    [
        recording("llamacpp-qwen25coder/16_image_part"),
        recording("llama-cpp-python-smollm2/16_image_part"),
        refuse(404, "No endpoints found that support image input"),
        refuse(400, "m is not a multimodal model"),
    ],
    ids=["llama.cpp T", "llama-cpp-python T", "OpenRouter", "vLLM"],
)
def test_a_server_that_takes_no_pictures_is_told_what_they_are(refusal: Answer) -> None:
    messages: list[Message] = [UserMessage("look", (PICTURE,)), CALL, ToolMessage(RESULT.call_id, "1", (PICTURE,))]
    with serving(refusal, say("hi"), say("again")) as (model, server):
        first, second = [list(model.stream(messages, [])) for _ in range(2)]
    notices: list[Delta] = [delta for delta in [*first, *second] if isinstance(delta, NoticePart)]
    assert [str(getattr(notice, "text", "")).partition(":")[0] for notice in notices] == ["m takes no pictures here"]
    wire = server.requests[1].body["messages"]
    assert [message["role"] for message in wire] == ["user", "assistant", "tool"]
    assert wire[0]["content"].startswith("look\n[a picture: image/png")
    assert wire[2]["content"].startswith("1\n[a picture: image/png")


def test_a_list_of_parts_is_sent_only_where_there_is_a_picture() -> None:
    """T: llama-cpp-python answers 500 to any list (16b)."""
    assert "concatenate str" in recording("llama-cpp-python-smollm2/16b_text_parts").body.decode()
    with serving(say("hi")) as (model, server):
        list(model.stream([SystemMessage("s"), *HELLO, CALL, RESULT], []))
    assert all(isinstance(message["content"], str) for message in server.requests[0].body["messages"])


# Waiting


def test_a_model_that_is_being_loaded_is_waited_for_visibly_and_longer() -> None:
    """T: llama.cpp answers 503 while it loads (40)."""
    with serving(recording("llamacpp-smollm2/40_while_loading"), refuse(503, "busy"), say("hi")) as (model, server):
        notices = [delta.text for delta in model.stream(HELLO, []) if isinstance(delta, NoticePart)]
        waits = [later.at - earlier.at for earlier, later in zip(server.requests, server.requests[1:], strict=False)]
    assert "503 not ready: Loading model · retry 2/4 in" in notices[0]
    assert waits[0] >= 0.04
