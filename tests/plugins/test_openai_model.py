from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial

import pytest
from oi_openai import OpenAISettings, open_model
from oi_openai.choices import ImagesChoice
from oi_openai.client import Patience
from oi_openai.model import OpenAIModel

from oi_core.code_stream import ReplyReader
from oi_core.errors import ModelCancelled, ModelError
from oi_core.events import Usage
from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.model import CallPart, Delta, ModelSettings, NoticePart, TextPart
from oi_core.testing.answers import (
    Answer,
    chunk,
    hang_up,
    page,
    refuse,
    run,
    say,
    silence,
    stream,
    whole,
)
from oi_core.testing.server import ChatServer, Turn
from oi_core.tool_schema import Tool

KEY = "sk-0123456789abcdef3kQ"
HELLO: list[Message] = [UserMessage("hello")]
QUICK = Patience(backoff=0.01)


@contextmanager
def serving(
    *turns: Turn, key: str | None = KEY, temperature: float | None = None, patience: Patience = QUICK
) -> Iterator[tuple[OpenAIModel, ChatServer]]:
    with ChatServer(*turns) as server:
        settings = ModelSettings(server.base_url, key, temperature)
        model = OpenAIModel("test-model", settings, patience=patience, images=ImagesChoice.YES)
        with closing(model):
            yield model, server


def ask(model: OpenAIModel, messages: list[Message] | None = None) -> list[Delta]:
    return list(model.stream(messages or HELLO, []))


def read_into(deltas: list[Delta], model: OpenAIModel) -> None:
    for delta in model.stream(HELLO, []):
        deltas.append(delta)  # noqa: PERF402  (what comes before an error counts)


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, TextPart))


def notices_of(deltas: list[Delta]) -> list[str]:
    return [delta.text for delta in deltas if isinstance(delta, NoticePart)]


def failure(*turns: Turn, patience: Patience = QUICK, key: str | None = KEY) -> tuple[str, list[Delta], int]:
    """The one line that a person gets, what arrived before it, and the number of requests."""
    deltas: list[Delta] = []
    with serving(*turns, patience=patience, key=key) as (model, server):
        with pytest.raises(ModelError) as caught:
            read_into(deltas, model)
        line = str(caught.value).replace(server.base_url, "URL")
        assert "\n" not in line
        assert " · " in line
        assert KEY not in line
        return line, deltas, len(server.requests)


# What is asked, and what arrives


def test_text_calls_and_usage_arrive_as_deltas() -> None:
    with serving(run("python", "1+1", text="Let me see.", tokens=(12, 7))) as (model, _):
        deltas = ask(model)
    calls = [delta for delta in deltas if isinstance(delta, CallPart)]
    assert text_of(deltas) == "Let me see."
    assert (calls[0].id, calls[0].name, {call.index for call in calls}) == ("call00001", "run_code", {0})
    assert "".join(call.arguments for call in calls) == '{"language": "python", "code": "1+1"}'
    assert deltas[-1] == Usage(12, 7)


def test_the_request_holds_the_conversation_the_tools_and_the_settings() -> None:
    block = CodeBlock("call00001", "python", "1+1")
    messages: list[Message] = [
        SystemMessage("Be kind."),
        *HELLO,
        AssistantMessage("", (block,)),
        ToolMessage("call00001", "2"),
    ]
    tool = Tool("run_code", "Run code.", {"type": "object"})
    with serving(say("2"), temperature=0.5) as (model, server):
        list(model.stream(messages, [tool]))
    request = server.requests[0]
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert [m["role"] for m in request.body["messages"]] == ["system", "user", "assistant", "tool"]
    assert request.body["tools"][0]["function"] == {
        "name": "run_code",
        "description": "Run code.",
        "parameters": {"type": "object"},
    }
    assert request.body["temperature"] == 0.5
    assert request.body["stream_options"] == {"include_usage": True}


def test_text_comes_out_while_the_server_is_still_writing() -> None:
    with serving(say("one two three").paced(0.2)) as (model, _):
        start = time.monotonic()
        arrivals = [time.monotonic() - start for delta in model.stream(HELLO, []) if isinstance(delta, TextPart)]
    assert arrivals[-1] - arrivals[0] > 0.3


def test_a_server_that_does_not_stream_is_understood() -> None:
    message = {"role": "assistant", "content": "Hi.", "tool_calls": None}
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    body = {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage,
    }
    with serving(whole(body)) as (model, _):
        assert ask(model) == [TextPart("Hi."), Usage(3, 2)]


def test_half_a_character_in_a_conversation_does_not_break_the_request() -> None:
    with serving(say("ok")) as (model, server):
        ask(model, [UserMessage("a\ud83d")])
    assert server.requests[0].body["messages"][0]["content"] == "a\ufffd"


# Keys


def test_without_a_key_and_a_base_url_the_demo_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ModelError) as caught:
        ask(OpenAIModel("m", ModelSettings()))
    assert str(caught.value) == (
        "no API key: OPENAI_API_KEY is not set · set it, or see what there is without one: interpreter demo"
    )


def test_a_server_of_ones_own_never_gets_the_key_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with serving(say("ok"), key=None) as (model, server):
        assert text_of(ask(model)) == "ok"
    assert "sk-secret" not in server.requests[0].headers["authorization"]


def test_a_wrong_key_is_named_by_its_variable_and_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    line, _, requests = failure(refuse(401, f"Incorrect API key provided: {KEY}"))
    assert "401 invalid key (OPENAI_API_KEY ends …3kQ)" in line
    assert requests == 1


def test_a_server_that_wants_a_key_where_none_is_set_says_so() -> None:
    line, _, _ = failure(refuse(401, "Invalid API Key"), key=None)
    assert "401" in line
    assert "none was sent: OPENAI_API_KEY is not set" in line


@pytest.mark.parametrize("key", ["schlüssel", "a\nb"])
def test_a_key_that_cannot_be_sent_is_an_error_before_anything_is_sent(key: str) -> None:
    with serving(key=key) as (model, server), pytest.raises(ModelError, match="cannot be sent"):
        ask(model)
    assert server.requests == []


def test_a_key_in_an_error_of_the_server_is_not_shown() -> None:
    line, deltas, _ = failure(refuse(503, f"{KEY} waits"), refuse(403, f"{KEY} may not do this"))
    assert "…3kQ may not do this" in line
    assert "…3kQ waits" in notices_of(deltas)[0]


def test_a_proxy_in_the_environment_does_not_stand_before_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with serving(say("ok")) as (model, _):
        assert text_of(ask(model)) == "ok"


# Trying again


def test_a_busy_server_is_tried_again_visibly_after_the_time_it_asks_for() -> None:
    with serving(refuse(429, "Rate limit reached", retry_after=0.2), say("hi")) as (model, server):
        deltas = ask(model)
    (notice,) = notices_of(deltas)
    assert notice.endswith("429 rate limit: Rate limit reached · retry 2/4 in 0.2 s")
    assert text_of(deltas) == "hi"
    assert server.requests[1].at - server.requests[0].at >= 0.2


# llama.cpp answers 503 while it loads its model (in the transcripts)
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again(status: int) -> None:
    with serving(refuse(status), say("hi")) as (model, server):
        assert text_of(ask(model)) == "hi"
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_will_not_pass_is_not_tried_again(status: int) -> None:
    assert failure(refuse(status), say("never"))[2] == 1


def test_after_four_tries_it_is_said() -> None:
    line, deltas, requests = failure(*[refuse(503, "Loading model")] * 5)
    assert requests == 4
    assert [notice.partition(" · ")[2][:9] for notice in notices_of(deltas)] == ["retry 2/4", "retry 3/4", "retry 4/4"]
    assert "503 not ready: Loading model" in line


def test_a_server_that_asks_for_an_hour_is_not_waited_for() -> None:
    line, _, requests = failure(refuse(429, retry_after=3600), say("never"))
    assert requests == 1
    assert "it asks to wait 3600 s" in line


def test_an_account_without_credit_is_not_tried_again() -> None:
    line, _, requests = failure(refuse(429, "You exceeded your current quota", code="insufficient_quota"), say("never"))
    assert requests == 1
    assert "billing" in line


def test_a_connection_that_is_lost_before_the_reply_begins_is_tried_again() -> None:
    with serving(hang_up(), say("hi").dropped(30), say("hi")) as (model, server):
        deltas = ask(model)
    assert text_of(deltas) == "hi"
    assert len(server.requests) == 3
    assert all("was lost" in notice for notice in notices_of(deltas))


def test_a_reply_that_breaks_off_after_text_is_kept_and_never_asked_for_again() -> None:
    answer = say("one two three")
    line, deltas, requests = failure(answer.dropped(answer.cuts[2] + 10), say("never"))
    assert text_of(deltas) == "one two "
    assert requests == 1
    assert "was lost" in line


# What servers say no to


@pytest.mark.parametrize(
    ("message", "left_out"),
    [
        # opencode#40885, openclaude#739
        ("Unrecognized request argument supplied: stream_options", "stream_options"),
        ("Unsupported value: 'temperature' does not support 0.5 with this model.", "temperature"),
        (
            "{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}",
            "stream_options",
        ),
    ],
)
def test_a_field_that_the_server_does_not_know_is_left_out_from_then_on(message: str, left_out: str) -> None:
    with serving(refuse(400, message), say("hi"), say("again"), temperature=0.5) as (model, server):
        assert (text_of(ask(model)), text_of(ask(model))) == ("hi", "again")
    assert [left_out in request.body for request in server.requests] == [True, False, False]


# jan#6254, mistral.rs#506
@pytest.mark.parametrize(
    "message", ["Conversation roles must alternate user/assistant/user", "System role not supported"]
)
def test_templates_without_a_system_role_get_its_text_from_the_user_from_then_on(message: str) -> None:
    messages: list[Message] = [
        SystemMessage("Be kind."),
        UserMessage("a"),
        UserMessage("b", ("data:x",)),
        AssistantMessage("c"),
    ]
    with serving(refuse(400, message), say("hi"), say("again")) as (model, server):
        ask(model, messages)
        ask(model, messages)
    for request in server.requests[1:]:
        assert [m["role"] for m in request.body["messages"]] == ["user", "assistant"]
        parts = request.body["messages"][0]["content"]
        assert parts[0] == {"type": "text", "text": "Be kind.\n\na"}
        assert parts[-1]["type"] == "image_url"


def test_a_demand_that_cannot_be_met_is_told() -> None:
    line, _, requests = failure(refuse(400, "Unsupported parameter: 'messages'"))
    assert "Unsupported parameter: 'messages'" in line
    assert requests == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (refuse(404, "The model `test-model` does not exist", code="model_not_found"), "404 no model 'test-model'"),
        (refuse(404, "File Not Found"), "404 no chat completions at URL"),
        (
            page("<html><h1>Sign in</h1><script>x</script></html>"),
            "sent something that is no reply: a web page: Sign in",
        ),
        (page("<html><h1>Bad gateway</h1></html>", status=400), "400 refused the request: a web page: Bad gateway"),
        (stream([], done=False), "sent an empty answer"),
        (stream([]), "sent an empty answer"),
        (whole({"error": {"message": "no such luck"}}), "reports an error: no such luck"),
        (whole({"detail": "Not here"}), 'sent something that is no reply: {"detail": "Not here"}'),
        (Answer(body=b"null"), "sent something that is no reply: null"),
        (stream(["{broken"]), "sent something that is no reply: {broken"),
        (stream([{"error": "plain words"}]), "reports an error: plain words"),
        (refuse(500, "image input is not supported - hint: mmproj"), "500 image input is not supported"),
        (refuse(400, "x" * 5000), "400 refused the request: xxx"),
        (refuse(400, "maximum context length is 512 tokens", code="context_length_exceeded"), "too long for the model"),
    ],
)
def test_a_refusal_is_one_line_that_says_what_and_the_next_step(answer: Answer, says: str) -> None:
    line, _, requests = failure(answer)
    assert says in line
    assert requests == 1
    assert len(line) < 450


def test_another_server_is_asked_for_the_whole_name_first_then_for_what_follows_the_provider() -> None:
    unknown = refuse(404, "The model does not exist", code="model_not_found")
    with ChatServer(say("whole"), unknown, say("short"), say("short again")) as server:
        for answers in (["whole"], ["short", "short again"]):
            with closing(OpenAIModel("openai/gpt-oss", ModelSettings(server.base_url, KEY))) as model:
                assert [text_of(ask(model)) for _ in answers] == answers
        assert [request.body["model"] for request in server.requests] == ["openai/gpt-oss"] * 2 + ["gpt-oss"] * 2


def test_openai_itself_lists_its_models_without_the_provider() -> None:
    settings = OpenAISettings()
    for address, name in ((None, "gpt-y"), ("https://eu.api.openai.com/v1", "gpt-y"), ("http://h/v1", "openai/gpt-y")):
        opened = open_model("openai/gpt-y", ModelSettings(address, KEY), key_name="OPENAI_API_KEY", waits=settings)
        assert opened.name == name
        opened.close()


def test_a_broken_event_in_the_middle_keeps_what_came_before() -> None:
    line, deltas, _ = failure(stream([chunk({"content": "half"}), "{broken"]))
    assert text_of(deltas) == "half"
    assert "broke off with something that is not JSON: {broken" in line


def test_a_stream_that_ends_without_a_finish_is_an_error_and_with_done_only_a_warning() -> None:
    line, deltas, _ = failure(stream([chunk({"content": "half"})], done=False))
    assert (text_of(deltas), "stopped in the middle of the reply" in line) == ("half", True)
    with serving(stream([chunk({"content": "half"})])) as (model, _server):
        assert notices_of(ask(model)) == ["the server did not say why the reply ended; it may not be whole"]


def test_a_reply_cut_by_a_limit_or_a_filter_and_one_of_nothing_are_told() -> None:
    turns = [stream([chunk({"content": "x"}), chunk(finish=reason)]) for reason in ("length", "content_filter")]
    with serving(*turns, stream([chunk(finish="stop")])) as (model, _):
        assert "limit of tokens" in notices_of(ask(model))[0]
        assert "filter cut the reply" in notices_of(ask(model))[0]
        assert notices_of(ask(model)) == ["the model answered with nothing"]


def test_a_model_that_the_server_does_not_have_is_answered_with_those_like_it() -> None:
    with ChatServer(refuse(404, "no such model"), models=("gpt-mini", "gpt-maxi", "other")) as server:
        model = OpenAIModel("gpt-minni", ModelSettings(server.base_url), patience=QUICK)
        with closing(model), pytest.raises(ModelError) as caught:
            ask(model)
    assert str(caught.value).endswith("no such model · it has gpt-mini, gpt-maxi: name one with -m")


# Groq's 400 tool_use_failed hands back what the model wrote
@pytest.mark.parametrize(
    "generation",
    [
        '<function=run_code>{"language": "python", "code": "1"}</function>',
        '<function=run_code{"language": "python", "code": "1"}</function>',
        '{"name": "run_code", "arguments": {"language": "python", "code": "1"}}',
        '[{"name": "run_code", "parameters": "{\\"language\\": \\"python\\", \\"code\\": \\"1\\"}"}]',
        '<tool_call>\n{"name": "python", "arguments": {"code": "1"}}\n</tool_call>',
        "<function=python>1</function>",
        "<|python_tag|>1",
    ],
)
def test_a_call_that_the_server_could_not_read_is_read_by_us(generation: str) -> None:
    answer = refuse(400, "Failed to call a function.", code="tool_use_failed", failed_generation=generation)
    with serving(answer) as (model, _):
        reader = ReplyReader({"python": "python"})
        assert list(reader.read(model.stream(HELLO, [])))
    (block,) = reader.reply().message.blocks
    assert (block.language, block.code, reader.reply().problems) == ("python", "1", {})


def test_what_it_could_not_read_and_is_no_call_is_text() -> None:
    with serving(refuse(400, "Failed", code="tool_use_failed", failed_generation="I cannot.")) as (model, _):
        assert ask(model) == [TextPart("I cannot.")]


# Addresses that lead nowhere


def test_a_server_that_is_not_there_is_named_with_what_to_check() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(ModelError) as caught:
            ask(OpenAIModel("m", ModelSettings(url), patience=QUICK))
    assert str(caught.value).startswith(f"nothing answers at {url} (connection refused) · is the server running there?")


def test_a_host_that_does_not_exist_is_named() -> None:
    with pytest.raises(ModelError, match=r"no-such-host\.invalid"):
        ask(OpenAIModel("m", ModelSettings("http://no-such-host.invalid/v1"), patience=QUICK))


@pytest.mark.parametrize(
    "url", ["localhost:8080", "not an address", "ftp://127.0.0.1/v1", "http://127.0.0.1:99999999/v1"]
)
def test_what_is_no_address_is_an_error_of_one_line(url: str) -> None:
    with pytest.raises(ModelError) as caught:
        ask(OpenAIModel("m", ModelSettings(url), patience=QUICK))
    assert " · " in str(caught.value)


# Silence


def test_a_server_that_accepts_and_never_answers_is_given_up_and_hung_up_on() -> None:
    with serving(silence(), patience=Patience(first_byte=0.2)) as (model, server):
        with pytest.raises(ModelError, match=r"did not begin to answer within 0\.2 s"):
            ask(model)
        server.wait_for_hang_up()


def test_a_server_that_falls_silent_in_the_middle_is_given_up_with_what_came() -> None:
    answer = say("one two three")
    line, deltas, _ = failure(answer.stalled(answer.cuts[2]), patience=Patience(silence=0.2))
    assert text_of(deltas) == "one two "
    assert "fell silent" in line


# Cancelling


def cancelled(
    model: OpenAIModel, cancel: Callable[[], None], *, collect: list[Delta], begun: Callable[[], None] = lambda: None
) -> float:
    """Read until the reply is stopped; the seconds from ``cancel``, 0.3 s after ``begun`` returned, to the end."""
    called: list[float] = []

    def later() -> None:
        begun()
        time.sleep(0.3)
        called.append(time.monotonic())
        cancel()

    thread = threading.Thread(target=later)
    thread.start()
    with pytest.raises(ModelCancelled):
        read_into(collect, model)
    thread.join()
    return time.monotonic() - called[0]


ENDLESS = say("word " * 50)


@pytest.mark.parametrize(
    ("answer", "words"),
    [(silence(), 0), (ENDLESS.stalled(ENDLESS.cuts[2]), 2), (ENDLESS.stalled(0), 0), (refuse(503, retry_after=60), 0)],
    ids=["before the first byte", "in the middle", "after the head", "between two tries"],
)
def test_cancel_from_another_thread_stops_at_once_and_frees_the_server(answer: Answer, words: int) -> None:
    deltas: list[Delta] = []
    with serving(answer, say("next")) as (model, server):
        assert cancelled(model, model.cancel, collect=deltas, begun=lambda: server.wait_for_requests(1)) < 1
        if answer.status == 200:
            assert server.wait_for_hang_up(1) > 0
        assert text_of(deltas) == "word " * words
        assert text_of(ask(model)) == "next"


@pytest.mark.parametrize(
    "answer", [silence(), ENDLESS.stalled(ENDLESS.cuts[2])], ids=["before the first byte", "in the middle"]
)
def test_cancel_from_a_signal_handler_stops_at_once(answer: Answer) -> None:
    with serving(answer, say("next")) as (model, server):
        before = signal.signal(signal.SIGUSR1, lambda *_: model.cancel())
        try:
            kill = partial(os.kill, os.getpid(), signal.SIGUSR1)
            assert cancelled(model, kill, collect=[], begun=lambda: server.wait_for_requests(1)) < 1
        finally:
            signal.signal(signal.SIGUSR1, before)
        server.wait_for_hang_up(1)
        assert text_of(ask(model)) == "next"


def test_closing_the_iterator_in_the_middle_frees_the_server() -> None:
    with serving(ENDLESS.paced(0.05)) as (model, server):
        deltas = model.stream(HELLO, [])
        assert next(deltas) == TextPart("word ")
        deltas.close()
        server.wait_for_hang_up(1)


def test_cancel_without_a_reply_and_after_its_end_does_nothing() -> None:
    with serving(say("a"), say("b")) as (model, _):
        model.cancel()
        assert text_of(ask(model)) == "a"
        model.cancel()
        assert text_of(ask(model)) == "b"


def test_cancel_while_the_client_is_still_being_imported_does_not_wait_for_it() -> None:
    program = (
        "import sys, threading, time; from oi_openai.model import OpenAIModel; from oi_core.plugin_api import *\n"
        "model = OpenAIModel('m', ModelSettings('http://127.0.0.1:9/v1'))\n"
        "threading.Timer(0.05, model.cancel).start(); start = time.monotonic()\n"
        "try: list(model.stream([UserMessage('hi')], []))\n"
        "except ModelCancelled: print('cancelled', time.monotonic() - start < 5)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "cancelled True\n"


def test_cancel_while_a_name_is_looked_up_or_a_connection_is_made_does_not_wait_for_it() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        clients = [socket.socket() for _ in range(3)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        model = OpenAIModel("m", ModelSettings(f"http://127.0.0.1:{full.getsockname()[1]}/v1"))
        assert cancelled(model, model.cancel, collect=[]) < 1
        for client in clients:
            client.close()
