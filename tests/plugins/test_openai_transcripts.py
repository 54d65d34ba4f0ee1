"""Responses that real servers gave, played over real HTTP at several chunkings; tests/data/transcripts says whose."""

from __future__ import annotations

import itertools
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oi_openai.choices import ProtocolChoice
from oi_openai.chunks import ChunkReader
from oi_openai.client import Patience
from oi_openai.model import OpenAIModel
from oi_openai.responses_events import ResponsesReader
from oi_openai.sse import EventReader

from oi_core.code_stream import Reply, ReplyReader
from oi_core.errors import ModelError
from oi_core.events import Event, Usage
from oi_core.messages import CodeBlock, UserMessage
from oi_core.model import Delta, ModelSettings
from oi_core.testing.answers import Answer, recorded
from oi_core.testing.server import ChatServer

FOLDER = Path(__file__).parent.parent / "data" / "transcripts"
FILES = sorted(FOLDER.glob("*/*.response.http"))
STREAMS = [path for path in FILES if b"text/event-stream" in path.read_bytes()]
NAMES = {"python": "python", "shell": "shell"}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.response.http')}"


def protocol_of(path: Path) -> ProtocolChoice:
    return ProtocolChoice.RESPONSES if path.parent.name.endswith("responses") else ProtocolChoice.CHAT


def played(answer: Answer, protocol: ProtocolChoice = ProtocolChoice.CHAT) -> tuple[list[Event], Reply, str]:
    """The events, the reply and the line of the error, if there is one, of one try."""
    with ChatServer(answer) as server:
        settings = ModelSettings(server.base_url, "sk-good")
        model = OpenAIModel("m", settings, patience=Patience(tries=1), protocol=protocol)
        with closing(model):
            reader, events, line = ReplyReader(NAMES), [], ""
            try:
                for event in reader.read(model.stream([UserMessage("hi")], [])):
                    events.append(event)  # noqa: PERF402  (what comes before an error counts)
            except ModelError as error:
                line = str(error).replace(server.base_url, "URL").replace(server.base_url[7:-3], "SERVER")
            return events, reader.reply(), line


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_recording_is_a_reply_or_one_line_and_the_same_at_every_chunking(path: Path) -> None:
    events, reply, line = played(recorded(path), protocol_of(path))
    assert events or line
    assert "\n" not in line
    for size in (7, 1000):
        assert played(recorded(path).in_pieces(size), protocol_of(path)) == (events, reply, line)


def deltas(path: Path, pieces: list[bytes]) -> list[Delta]:
    reader = ChunkReader() if protocol_of(path) is ProtocolChoice.CHAT else ResponsesReader()
    found: list[Delta] = []
    for event in EventReader(pieces):
        found += reader.feed(event)
    return [*found, *reader.finish()]


@settings(max_examples=40)
@given(st.sampled_from(STREAMS), st.lists(st.integers(min_value=0), max_size=30))
def test_any_split_of_a_streams_bytes_gives_the_same_deltas(path: Path, places: list[int]) -> None:
    body = recorded(path).body
    inner = sorted(place % (len(body) + 1) for place in places)
    pieces = [body[a:b] for a, b in itertools.pairwise([0, *inner, len(body)])]
    assert deltas(path, pieces) == deltas(path, [body])


@pytest.mark.parametrize("path", STREAMS, ids=name_of)
def test_single_bytes_of_a_stream_give_the_same_deltas(path: Path) -> None:
    body = recorded(path).body
    assert deltas(path, [bytes([byte]) for byte in body]) == deltas(path, [body])


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (
            "llamacpp-smollm2/09b_ctx_overflow_stream",
            "400 the conversation is too long for the model: request (6031 tokens)",
        ),
        (
            "llama-cpp-python-smollm2/09_ctx_overflow",
            "400 the conversation is too long for the model: This model's maximum",
        ),
        ("llama-cpp-python-smollm2/09b_ctx_overflow_stream", "sent an empty answer · the conversation may be too long"),
        ("llamacpp-smollm2/40_while_loading", "503 not ready: Loading model"),
        ("llamacpp-smollm2/30_bad_key", "401 invalid key"),
        ("llama-cpp-python-smollm2/30_bad_key", "401 invalid key"),
        ("llamacpp-smollm2/33_wrong_path", "404 no chat completions at URL"),
        ("llama-cpp-python-smollm2/33_wrong_path", "404 no chat completions at URL"),
        ("llamacpp-qwen25coder/19_n2_stream", "400 refused the request: Field 'n': Value must be"),
        ("llamacpp-qwen25coder/16_image_part", "image input is not supported"),
        (
            "llamacpp-responses/63_ctx_overflow_stream",
            "400 the conversation is too long for the model: request (3031 tokens)",
        ),
        ("llamacpp-responses/64b_short_assistant_message", "400 refused the request: Cannot determine type of 'item'"),
        ("llamacpp-responses/65_image", "image input is not supported"),
        ("llama-cpp-python-smollm2/04_tool_required_stream", "was lost"),
    ],
)
def test_what_servers_say_when_they_refuse_becomes_a_line_for_a_person(case: str, says: str) -> None:
    path = FOLDER / f"{case}.response.http"
    assert says in played(recorded(path), protocol_of(path))[2]


def test_a_call_with_id_and_name_on_every_delta_is_one_block() -> None:
    _, reply, _ = played(recorded(FOLDER / "llama-cpp-python-smollm2" / "05_tool_named_stream.response.http"))
    call_id = "call__0_execute_cmpl-58c61f5b-66c5-4a14-92bd-fad5fd8c45b2"
    assert reply.message.blocks == (CodeBlock(call_id, "python", "123*456"),)


@pytest.mark.parametrize("path", STREAMS, ids=name_of)
def test_a_stream_cut_anywhere_is_a_reply_or_one_error_and_keeps_its_text(path: Path) -> None:
    whole = played(recorded(path), protocol_of(path))[1].message.text
    size = len(recorded(path).body)
    for after in (0, size // 3, size - 20):
        _, reply, line = played(recorded(path).dropped(max(0, after)), protocol_of(path))
        assert whole.startswith(reply.message.text)
        assert line


def test_a_response_whose_items_have_no_number_is_one_text_with_its_usage() -> None:
    """llama.cpp leaves ``output_index`` out, and says twice that the response was created."""
    events, reply, _ = played(
        recorded(FOLDER / "llamacpp-responses" / "60_text_stream.response.http"), ProtocolChoice.RESPONSES
    )
    whole = recorded(FOLDER / "llamacpp-responses" / "66_whole.response.http")
    assert b"output_index" not in recorded(FOLDER / "llamacpp-responses" / "60_text_stream.response.http").body
    assert reply.message.text
    assert isinstance(events[-1], Usage)
    assert played(whole, ProtocolChoice.RESPONSES)[1].message.text == "I'm glad you're here"
