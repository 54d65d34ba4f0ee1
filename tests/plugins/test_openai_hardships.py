"""Networks and servers at their worst, and replies of unusual size, in both protocols, over real HTTP."""

from __future__ import annotations

import codecs
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from oi_openai.choices import ProtocolChoice
from oi_openai.client import Patience
from oi_openai.model import OpenAIModel

from oi_core.code_stream import Reply, ReplyReader
from oi_core.errors import ModelCancelled, ModelError
from oi_core.messages import Message, UserMessage
from oi_core.model import ModelSettings, TextPart
from oi_core.testing.answers import Answer, call_chunks, chunk, page, refuse, run, run_all, say, silence, stream
from oi_core.testing.responses_answers import code_call, message, respond
from oi_core.testing.server import ChatServer, Turn

HELLO: list[Message] = [UserMessage("hello")]
PROTOCOLS = [ProtocolChoice.CHAT, ProtocolChoice.RESPONSES]


@contextmanager
def serving(
    *turns: Turn, protocol: ProtocolChoice = ProtocolChoice.CHAT, patience: Patience | None = None
) -> Iterator[tuple[OpenAIModel, ChatServer]]:
    with ChatServer(*turns) as server:
        settings = ModelSettings(server.base_url, "sk-good")
        patience = patience or Patience(backoff=0.01, tries=2)
        with closing(OpenAIModel("m", settings, patience=patience, protocol=protocol)) as model:
            yield model, server


def failure(*turns: Turn, protocol: ProtocolChoice = ProtocolChoice.CHAT, patience: Patience | None = None) -> str:
    with serving(*turns, protocol=protocol, patience=patience) as (model, server):
        with pytest.raises(ModelError) as caught:
            list(model.stream(HELLO, []))
        line = str(caught.value).replace(server.base_url, "URL")
    assert "\n" not in line
    assert " · " in line
    return line


def reply_to(answer: Answer, protocol: ProtocolChoice = ProtocolChoice.CHAT) -> Reply:
    with serving(answer, protocol=protocol) as (model, _):
        reader = ReplyReader({"python": "python", "shell": "shell"})
        assert list(reader.read(model.stream(HELLO, [])))
        return reader.reply()


def redirect(to: str, status: int = 302) -> Answer:
    return Answer(status, (("Location", to),), b"")


# Networks


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_captive_portal_is_a_web_page_in_one_line(protocol: ProtocolChoice) -> None:
    html = "<!DOCTYPE html><title>Hotel</title><h1>Welcome</h1><script>var x</script> Accept the terms"
    assert "sent something that is no reply: a web page: Hotel Welcome Accept the terms" in failure(
        page(html), protocol=protocol
    )
    assert "511 the network wants a login" in failure(page("<html>Log in</html>", 511), protocol=protocol)
    assert "log in there with a browser" in failure(page("<html>Log in</html>", 511), protocol=protocol)


def test_a_redirection_to_a_login_page_is_told() -> None:
    with ChatServer(page("<html>Sign in</html>")) as portal, ChatServer() as server:
        server.add(redirect(f"{portal.base_url}/chat/completions", 307))
        model = OpenAIModel("m", ModelSettings(server.base_url, "sk-good"))
        with closing(model), pytest.raises(ModelError, match="a web page: Sign in"):
            list(model.stream(HELLO, []))
        assert "sk-good" not in str(portal.requests[0].headers)


def test_a_server_that_redirects_in_circles_is_told() -> None:
    assert "leads in circles" in failure(*[redirect("/v1/chat/completions", 307)] * 30)


def test_a_proxys_error_page_is_its_words_and_tried_again_where_it_may_pass() -> None:
    with serving(page("<html><h1>502 Bad Gateway</h1><hr>nginx</html>", 502), say("hi")) as (model, server):
        deltas = list(model.stream(HELLO, []))
    assert deltas[-1] == TextPart("hi")
    assert "502 bad gateway: a web page: 502 Bad Gateway nginx · retry 2/2" in str(deltas[0])
    assert len(server.requests) == 2


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_accepts_and_never_answers_is_given_up_and_says_which_setting_waits_longer(
    protocol: ProtocolChoice,
) -> None:
    line = failure(silence(), protocol=protocol, patience=Patience(first_byte=0.2))
    assert "did not begin to answer within 0.2 s · the setting plugins.openai.first-byte-seconds" in line


def test_pings_do_not_keep_a_server_alive_that_says_nothing_for_ever() -> None:
    """T: llama-cpp-python sends comments while it works; a stream that then stalls is given up."""
    answer = stream([b": ping - 1\r\n\r\n", b": ping - 2\r\n\r\n"], done=False)
    line = failure(answer.stalled(), patience=Patience(silence=0.3))
    assert "fell silent · your message is kept: send it again; plugins.openai.silence-seconds waits longer" in line


# Cancelling, in both protocols: what is the same for all is in the model's own tests


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("after", [None, 0, 400])
def test_cancel_frees_the_server_within_a_second_at_any_point(protocol: ProtocolChoice, after: int | None) -> None:
    text = "word " * 50
    answer = say(text) if protocol is ProtocolChoice.CHAT else respond(message(text))
    following = say("next") if protocol is ProtocolChoice.CHAT else respond(message("next"))
    begun = silence() if after is None else answer.stalled(after)
    with serving(begun, following, protocol=protocol) as (model, server):

        def cancel() -> None:
            server.wait_for_requests(1)
            time.sleep(0.2)
            model.cancel()

        thread = threading.Thread(target=cancel)
        thread.start()
        with pytest.raises(ModelCancelled):
            list(model.stream(HELLO, []))
        stopped = time.monotonic()
        thread.join()
        assert server.wait_for_hang_up(1) - stopped < 1
        assert list(model.stream(HELLO, [])) == [TextPart("next")]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_is_killed_in_mid_stream_leaves_the_text_and_the_next_message_works(
    protocol: ProtocolChoice,
) -> None:
    answer = say("one two three") if protocol is ProtocolChoice.CHAT else respond(message("one two three"), size=4)
    following = say("next") if protocol is ProtocolChoice.CHAT else respond(message("next"))
    reader = ReplyReader({})
    with serving(answer.dropped(len(answer.body) // 2), following, protocol=protocol) as (model, _):
        with pytest.raises(ModelError, match=r"was lost .* your message is kept"):
            list(reader.read(model.stream(HELLO, [])))
        assert reader.reply().message.text
        assert "one two three".startswith(reader.reply().message.text)
        assert list(model.stream(HELLO, [])) == [TextPart("next")]


# Size


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_two_megabytes_of_code_in_a_call_arrive_whole(protocol: ProtocolChoice) -> None:
    code = "x = {'a': [1, {2: \"é\"}]}\n" * 80_000
    arguments = json.dumps({"language": "python", "code": code})
    if protocol is ProtocolChoice.CHAT:
        answer = stream([*call_chunks(0, "a", arguments, size=500), chunk(finish="tool_calls")])
    else:
        answer = respond(code_call("python", code), size=500)
    assert [block.code for block in reply_to(answer.in_pieces(60_000), protocol).message.blocks] == [code]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_ten_calls_in_one_reply_are_ten_blocks_in_their_order(protocol: ProtocolChoice) -> None:
    blocks = [("python" if number % 2 else "shell", f"echo {number}") for number in range(10)]
    if protocol is ProtocolChoice.CHAT:
        answer = run_all(blocks, text="Ten things.")
    else:
        calls = [code_call(*block, call_id=f"c{n}", item_id=f"fc_{n}") for n, block in enumerate(blocks)]
        answer = respond(message("Ten things."), *calls)
    reply = reply_to(answer, protocol)
    assert [(block.language, block.code) for block in reply.message.blocks] == blocks
    assert len({block.call_id for block in reply.message.blocks}) == 10


def test_ten_calls_whose_pieces_come_in_turns_are_ten_blocks() -> None:
    columns = [call_chunks(n, f"c{n}", json.dumps({"language": "python", "code": f"f({n})"})) for n in range(10)]
    interleaved = [one for row in zip(*columns, strict=True) for one in row]
    reply = reply_to(stream([*interleaved, chunk(finish="tool_calls")]))
    assert [block.code for block in reply.message.blocks] == [f"f({n})" for n in range(10)]


def test_a_language_that_there_is_not_is_a_call_all_the_same() -> None:
    assert [block.language for block in reply_to(run("cobol", "DISPLAY 1")).message.blocks] == ["cobol"]


# Encodings


def test_a_byte_order_mark_before_a_stream_or_a_document_is_passed_over() -> None:
    streamed = say("hi").body
    whole = json.dumps({"choices": [{"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}]})
    events = Answer(headers=(("Content-Type", "text/event-stream"),), body=codecs.BOM_UTF8 + streamed)
    for answer in (events, events.in_pieces(1), Answer(body=codecs.BOM_UTF8 + whole.encode())):
        assert reply_to(answer).message.text == "hi"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_document_may_be_in_any_encoding_of_json(encoding: str) -> None:
    body = {"choices": [{"index": 0, "message": {"content": "Größe 😀"}, "finish_reason": "stop"}]}
    assert reply_to(Answer(body=json.dumps(body, ensure_ascii=False).encode(encoding))).message.text == "Größe 😀"


def test_bytes_that_are_no_text_stand_out_and_break_nothing() -> None:
    raw = b'data: {"choices": [{"index": 0, "delta": {"content": "a\xff\xe9b"}, "finish_reason": "stop"}]}\n\n'
    assert reply_to(stream([raw])).message.text == "a\ufffd\ufffdb"


def test_an_error_in_another_encoding_is_one_line() -> None:
    answer = Answer(500, (("Content-Type", "text/html; charset=iso-8859-1"),), "<html>Störung</html>".encode("latin-1"))
    assert "Störung" in failure(answer, answer)


def test_a_broken_compression_is_one_line() -> None:
    headers = (("Content-Type", "text/event-stream"), ("Content-Encoding", "gzip"))
    assert "was lost" in failure(*[Answer(headers=headers, body=b"no gzip at all")] * 2)


@pytest.mark.parametrize("key", ["", " "])
def test_an_error_without_words_still_says_what(key: str) -> None:
    assert "400 refused the request" in failure(refuse(400, key))
    assert "400 refused the request" in failure(Answer(400, body=b""))
