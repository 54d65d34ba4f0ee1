"""Which models are sent pictures, how many, and what the others are told; a figure's way from code to the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oi_openai.choices import ImagesChoice
from oi_openai.pictures import MOST_PICTURES, STRIDE, bounded_pictures, takes_pictures, without_pictures

from oi_core.messages import Message, SystemMessage, ToolMessage, UserMessage
from oi_core.opening import open_session
from oi_core.testing.answers import run, say
from oi_core.testing.responses_answers import code_call, message, respond
from oi_core.testing.server import ChatServer


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o",
        "gpt-4o-mini-2024-07-18",
        "openai/gpt-4.1",
        "gpt-5.2-codex",
        "gpt-6-luna",
        "o3",
        "o4-mini",
        "anthropic/claude-sonnet-4.5",
        "google/gemini-3-pro",
        "gemma3:4b",
        "gemma-3-27b-it",
        "llava:13b",
        "llama3.2-vision",
        "meta-llama/Llama-4-Scout-17B",
        "qwen2.5vl:7b",
        "Qwen/Qwen3-VL-8B-Instruct",
        "pixtral-12b",
        "mistral-small3.2",
        "moondream",
        "minicpm-v",
        "glm-4.5v",
        "grok-4",
    ],
)
def test_models_that_are_known_to_take_pictures_do(model: str) -> None:
    assert takes_pictures(model, ImagesChoice.AUTO, is_openai=False)


@pytest.mark.parametrize(
    "model",
    [
        "gpt-3.5-turbo",
        "gpt-4",
        "gpt-4-0613",
        "o3-mini",
        "o1-mini",
        "gemma3:1b",
        "llama3.2",
        "qwen2.5-coder:0.5b",
        "deepseek-r1",
        "mistral-7b",
        "glm-4.6",
        "smollm2",
        "gpt-oss-20b",
        "test-model",
    ],
)
def test_other_models_are_not_sent_any(model: str) -> None:
    assert not takes_pictures(model, ImagesChoice.AUTO, is_openai=False)


def test_a_model_of_openais_own_that_nobody_knows_yet_takes_pictures_and_the_setting_goes_before_all() -> None:
    assert takes_pictures("next", ImagesChoice.AUTO, is_openai=True)
    assert not takes_pictures("gpt-3.5-turbo", ImagesChoice.AUTO, is_openai=True)
    assert takes_pictures("smollm2", ImagesChoice.YES, is_openai=False)
    assert not takes_pictures("gpt-6", ImagesChoice.NO, is_openai=True)


def pictured(counts: list[int]) -> list[Message]:
    messages: list[Message] = [SystemMessage("s")]
    for number, count in enumerate(counts):
        urls = tuple(f"data:image/png;base64,{number}x{place}" for place in range(count))
        messages.append(UserMessage("u", urls) if number % 2 else ToolMessage("a", "t", urls))
    return messages


def urls_of(messages: Any) -> list[str]:  # of any kind, most of which have none
    return [url for message in messages for url in getattr(message, "images", ())]


@given(st.lists(st.integers(0, 7), max_size=20))
def test_the_newest_pictures_go_and_every_older_one_leaves_a_line(counts: list[int]) -> None:
    messages = pictured(counts)
    everything, kept = urls_of(messages), urls_of(bounded_pictures(messages))
    assert kept == everything[len(everything) - len(kept) :]
    assert min(len(everything), MOST_PICTURES - STRIDE + 1) <= len(kept) <= MOST_PICTURES
    texts = "".join(message.text for message in bounded_pictures(messages))
    assert texts.count("[a picture: ") == len(everything) - len(kept)
    assert urls_of(without_pictures(messages)) == []
    assert urls_of(messages) == everything


def test_most_prompts_begin_as_the_one_before() -> None:
    left_out = {count - len(urls_of(bounded_pictures(pictured([1] * count)))) for count in range(60)}
    assert left_out == {0, 10, 20, 30, 40}


def test_pictures_of_too_many_bytes_in_all_are_left_out_too() -> None:
    messages: list[Message] = [UserMessage("u", tuple("data:," + "x" * 5_000_000 for _ in range(10)))]
    assert len(urls_of(bounded_pictures(messages))) == 4


FIGURE = """
import struct, zlib
class Figure:
    def _repr_png_(self):
        def piece(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        rows = zlib.compress(b"\\0\\xff\\0\\0" * 3)
        head = struct.pack(">IIBBBBB", 1, 3, 8, 2, 0, 0, 0)
        return b"\\x89PNG\\r\\n\\x1a\\n" + piece(b"IHDR", head) + piece(b"IDAT", rows) + piece(b"IEND", b"")
Figure()
"""


def shown_to(model: str, server: ChatServer, folder: Path, **options: str) -> None:
    plugin: dict[str, Any] = {f"plugins.openai.{name}": value for name, value in options.items()}
    with open_session(folder, model, True, isolated=True, base_url=server.base_url, **plugin) as session:
        assert list(session.stream("draw"))


def test_a_figure_that_real_code_shows_reaches_a_model_that_takes_pictures(tmp_path: Path) -> None:
    with ChatServer(run("python", FIGURE), say("A red line.")) as server:
        shown_to("gpt-4o", server, tmp_path)
    *_, result, figure = server.requests[1].body["messages"]
    assert (result["role"], figure["role"]) == ("tool", "user")
    assert "[a picture was shown]" in result["content"]
    assert figure["content"][1]["image_url"]["url"].startswith("data:image/png;base64,iVBOR")


def test_another_model_is_told_what_was_shown(tmp_path: Path) -> None:
    with ChatServer(run("python", FIGURE), say("A red line.")) as server:
        shown_to("smollm2", server, tmp_path)
    result = server.requests[1].body["messages"][-1]
    assert "[a picture: image/png, 1x3, 1 kB; this model is not shown pictures]" in result["content"]


def test_in_the_responses_protocol_a_figure_is_part_of_its_result(tmp_path: Path) -> None:
    with ChatServer(respond(code_call("python", FIGURE)), respond(message("A red line."))) as server:
        shown_to("smollm2", server, tmp_path, protocol="responses", images="yes")
    output = server.requests[1].body["input"][-1]["output"]
    assert [part["type"] for part in output] == ["input_text", "input_image"]
