from __future__ import annotations

import socket
import threading
from contextlib import closing

import oi_openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oi_openai.client import server_of
from oi_openai.endpoint_facts import OLLAMA_DEFAULT, EndpointFacts, endpoint_facts

from oi_core.model import Model, ModelSettings
from oi_core.model_facts.context_sizes import SizeSource
from oi_core.opening import open_session
from oi_core.testing.answers import Answer, refuse, say
from oi_core.testing.server import ChatServer, Request

# As a llama.cpp server of November 2026 answered, what is not read left out.
LLAMA_ENTRY = {
    "id": "smollm2",
    "aliases": ["smollm2"],
    "object": "model",
    "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
    "owned_by": "llamacpp",
    "meta": {"n_vocab": 49152, "n_ctx_train": 8192, "n_params": 134515008},
}
LLAMA_PROPS = {
    "default_generation_settings": {"n_ctx": 512},
    "chat_template_caps": {"supports_tools": False, "supports_tool_calls": False},
    "modalities": {"vision": False, "audio": False},
}
# The shapes below are those of the makers' documentation.
OLLAMA_ENTRY = {"id": "qwen3:8b", "object": "model", "owned_by": "library"}
OLLAMA_SHOW = {
    "parameters": 'stop           "<|im_end|>"\nnum_ctx        16384',
    "capabilities": ["completion", "tools", "vision"],
    "model_info": {"qwen3.context_length": 40960},
}
OPENROUTER = {
    "id": "maker/model",
    "context_length": 200_000,
    "top_provider": {"context_length": 131_072},
    "architecture": {"input_modalities": ["text", "image"]},
    "supported_parameters": ["temperature", "tools"],
}


def facts(server: ChatServer, model: str, *, own: bool = True) -> EndpointFacts:
    return endpoint_facts(server_of(ModelSettings(server.base_url)), model, "a-key", own=own)


def test_llama_cpp_says_what_it_runs_with() -> None:
    with ChatServer(models=[LLAMA_ENTRY], pages={"/props": LLAMA_PROPS}) as server:
        assert facts(server, "smollm2") == EndpointFacts(512, calls_tools=False, takes_images=False)
        assert facts(server, "whatever it is called") == facts(server, "smollm2")


def test_ollama_says_what_is_loaded_else_what_is_set_else_its_default_is_taken() -> None:
    pages = {"/api/show": OLLAMA_SHOW, "/api/ps": {"models": [{"name": "qwen3:8b", "context_length": 32768}]}}
    with ChatServer(models=[OLLAMA_ENTRY], pages=pages) as server:
        assert facts(server, "qwen3:8b") == EndpointFacts(32768, calls_tools=True, takes_images=True)
    with ChatServer(models=[OLLAMA_ENTRY], pages={"/api/show": OLLAMA_SHOW, "/api/ps": {"models": []}}) as server:
        assert facts(server, "qwen3:8b") == EndpointFacts(16384, calls_tools=True, takes_images=True, may_change=True)
    with ChatServer(models=[OLLAMA_ENTRY], pages={"/api/show": {"capabilities": ["completion"]}}) as server:
        told = facts(server, "qwen3:8b")
        assert (told.context_window, told.calls_tools, told.may_change) == (OLLAMA_DEFAULT, False, True)


@pytest.mark.parametrize("asked", ["llama3", "llama3:latest"])
def test_ollamas_names_may_lack_their_tag(asked: str) -> None:
    running = {"models": [{"name": "other:1b", "context_length": 1}, {"name": "llama3:latest", "context_length": 9000}]}
    entries = [{"id": "other:1b", "owned_by": "library"}, {"id": "llama3:latest", "owned_by": "library"}]
    with ChatServer(models=entries, pages={"/api/show": OLLAMA_SHOW, "/api/ps": running}) as server:
        assert facts(server, asked).context_window == 9000


def test_lm_studio_says_what_is_loaded() -> None:
    loaded = {"id": "m", "type": "vlm", "state": "loaded", "max_context_length": 131072, "loaded_context_length": 8000}
    listed = {"id": "m", "object": "model", "owned_by": "organization_owner"}
    entry = {**loaded, "capabilities": ["tool_use"]}
    with ChatServer(models=[listed], pages={"/api/v0/models": {"data": [entry]}}) as server:
        assert facts(server, "m") == EndpointFacts(8000, calls_tools=True, takes_images=True)
    not_loaded = {key: value for key, value in loaded.items() if key != "loaded_context_length"}
    with ChatServer(models=[listed], pages={"/api/v0/models": {"data": [not_loaded]}}) as server:
        assert facts(server, "m") == EndpointFacts(None, takes_images=True, may_change=True)


def test_gateways_and_vllm_say_it_in_their_lists() -> None:
    with ChatServer(models=[OPENROUTER, {"id": "b", "max_model_len": 7}, {"id": "c", "context_window": 9}]) as server:
        assert facts(server, "maker/model", own=False) == EndpointFacts(131_072, calls_tools=True, takes_images=True)
        assert facts(server, "b", own=False).context_window == 7
        assert facts(server, "c").context_window == 9
        assert facts(server, "not listed") == EndpointFacts()


def test_only_ones_own_server_is_asked_for_more_than_its_list() -> None:
    with ChatServer(models=[LLAMA_ENTRY], pages={"/props": LLAMA_PROPS}) as server:
        assert facts(server, "smollm2", own=False) == EndpointFacts(None, takes_images=False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*LLAMA_PROPS, *OPENROUTER, "data", "models", "name", "n_ctx", "capabilities", "owned_by"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=40)
@given(page=JSON, entries=st.lists(st.dictionaries(st.sampled_from(list(OPENROUTER)), JSON, max_size=4), max_size=3))
def test_nonsense_of_any_kind_is_no_fact(page: object, entries: list[dict[str, object]]) -> None:
    pages = dict.fromkeys(("/props", "/api/show", "/api/ps", "/api/v0/models"), page)
    with ChatServer(models=entries, pages=pages) as server:
        told = facts(server, "m")
    assert told.context_window is None or told.context_window > 0


def test_a_server_that_is_down_is_asked_again_and_one_that_hangs_is_not() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        hanging = server_of(ModelSettings(f"http://127.0.0.1:{listening.getsockname()[1]}/v1"))
        assert endpoint_facts(hanging, "m", "k", own=True, seconds=0.2) == EndpointFacts()
    assert endpoint_facts(hanging, "m", "k", own=True) == EndpointFacts(may_change=True)


def test_the_key_goes_to_no_other_server() -> None:
    asked: list[str] = []
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as elsewhere,
        closing(socket.create_server(("127.0.0.1", 0))) as listening,
    ):
        threading.Thread(target=lambda: asked.append(elsewhere.accept()[0].recv(4000).decode()), daemon=True).start()
        target = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/v1/models"

        def redirect() -> None:
            connection, _ = listening.accept()
            connection.recv(4000)
            connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())
            connection.close()

        threading.Thread(target=redirect, daemon=True).start()
        server = server_of(ModelSettings(f"http://127.0.0.1:{listening.getsockname()[1]}/v1"))
        assert endpoint_facts(server, "m", "secret", own=False) == EndpointFacts()
    assert asked == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/v1", "http://[", "nonsense"])
def test_an_address_that_is_none_says_nothing(url: str) -> None:
    assert endpoint_facts(server_of(ModelSettings(url)), "m", "k", own=True).context_window is None


def opened(server: ChatServer, model: str) -> Model:
    return oi_openai.open_model(model, ModelSettings(server.base_url), key_name="X", waits=oi_openai.OpenAISettings())


def test_a_window_that_is_not_known_yet_is_asked_for_again() -> None:
    pages: dict[str, object] = {"/api/show": OLLAMA_SHOW, "/api/ps": {"models": []}}
    with ChatServer(models=[OLLAMA_ENTRY], pages=pages) as server, closing(opened(server, "qwen3:8b")) as model:
        assert model.context_window == 16384
        server.pages["/api/ps"] = {"models": [{"name": "qwen3:8b", "context_length": 8192}]}
        assert model.context_window == 8192
        server.pages["/api/ps"] = {"models": []}
        assert model.context_window == 8192


def test_a_turn_is_built_for_the_window_of_the_server_and_asks_a_model_without_tools_for_json() -> None:
    requests: list[Request] = []

    def answer(request: Request) -> Answer:
        requests.append(request)
        return say("hello") if len(requests) == 1 else refuse(400, "over")

    with (
        ChatServer(answer, models=[LLAMA_ENTRY], pages={"/props": {**LLAMA_PROPS}}) as server,
        open_session(isolated=True, model="smollm2", base_url=server.base_url) as session,
    ):
        for _event in session.stream("hi"):
            pass
        assert session.prompts.size.tokens == 512
        assert session.prompts.size.source is SizeSource.SERVER
    assert "tools" not in requests[0].body
    assert requests[0].body["response_format"]["type"] == "json_schema"
