from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any

import pytest

from oi_core.testing.answers import Answer, chunk, hang_up, recorded, refuse, run, run_all, say, silence, stream, whole
from oi_core.testing.server import ChatServer, Request


def post(server: ChatServer, body: object = None, key: str = "k") -> http.client.HTTPResponse:
    """Send a request with the standard library's client, which knows nothing of ours."""
    connection = http.client.HTTPConnection("127.0.0.1", int(server.base_url.split(":")[2].split("/")[0]), timeout=10)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", json.dumps(body or {"model": "m"}), headers)
    return connection.getresponse()


def events(response: http.client.HTTPResponse) -> list[Any]:
    data = [line.removeprefix(b"data: ") for line in response.read().split(b"\n") if line.startswith(b"data: ")]
    assert data[-1] == b"[DONE]"
    return [json.loads(one) for one in data[:-1]]


def test_the_turns_are_answered_in_order_and_the_requests_kept() -> None:
    with ChatServer(say("one"), say("two")) as server:
        for word in ("one", "two"):
            response = post(server, {"messages": [word]})
            assert response.getheader("content-type") == "text/event-stream"
            texts = [event["choices"][0]["delta"].get("content", "") for event in events(response)]
            assert "".join(texts) == word
        assert [request.body["messages"] for request in server.requests] == [["one"], ["two"]]
        assert server.requests[0].headers["authorization"] == "Bearer k"
        assert server.unused == 0


def test_when_the_script_is_over_it_says_so() -> None:
    with ChatServer(say("one")) as server:
        post(server).read()
        response = post(server)
        assert response.status == 400
        assert "the script of this server is over: it had 1 turns" in response.read().decode()
        server.add(say("more"))
        assert post(server).status == 200


def test_a_turn_may_be_made_from_the_request() -> None:
    def echo(request: Request) -> Answer:
        return say(request.body["messages"][-1]["content"])

    with ChatServer(echo) as server:
        assert b"echoed" in post(server, {"messages": [{"content": "echoed"}]}).read()


def test_calls_come_in_fragments_that_join_to_their_arguments() -> None:
    with ChatServer(run_all([("python", "1"), ("shell", "ls")], text="now", tokens=(3, 4))) as server:
        deltas = [event["choices"][0]["delta"] for event in events(post(server)) if event["choices"]]
    calls = [call for delta in deltas for call in delta.get("tool_calls", [])]
    for index, language in enumerate(("python", "shell")):
        arguments = "".join(call["function"]["arguments"] for call in calls if call["index"] == index)
        assert json.loads(arguments)["language"] == language
    assert [call["id"] for call in calls if "id" in call] == ["call00001", "call00002"]


def test_models_are_listed_and_a_wrong_key_is_refused() -> None:
    with ChatServer(say("x"), models=("a", "b"), api_key="good") as server:
        assert post(server, key="bad").status == 401
        assert post(server, key="good").status == 200
        connection = http.client.HTTPConnection(server.base_url[7:-3], timeout=10)
        connection.request("GET", "/v1/models", headers={"Authorization": "Bearer good"})
        listed = json.loads(connection.getresponse().read())
        assert [model["id"] for model in listed["data"]] == ["a", "b"]
        connection.request("GET", "/v2/models")
        assert connection.getresponse().status == 401
        connection.close()


def test_other_addresses_are_not_found() -> None:
    with ChatServer() as server:
        connection = http.client.HTTPConnection(server.base_url[7:-3], timeout=10)
        connection.request("POST", "/v1/embeddings", "{}")
        assert connection.getresponse().status == 404
        connection.close()


def test_refusals_carry_their_error_and_their_retry_after() -> None:
    with ChatServer(refuse(429, "slow down", retry_after=1.5, code="rate")) as server:
        response = post(server)
        assert (response.status, response.getheader("retry-after")) == (429, "1.5")
        assert json.loads(response.read()) == {"error": {"message": "slow down", "code": "rate"}}


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_pieces_of_any_size_join_to_the_same_body(size: int) -> None:
    answer = run("python", "print('é')", text="héllo")
    with ChatServer(answer.in_pieces(size), answer.cut_at(3, 3, 99_999, 20)) as server:
        assert post(server).read() == answer.body
        assert post(server).read() == answer.body


def test_a_dropped_answer_ends_without_its_end() -> None:
    answer = say("one two three")
    with ChatServer(answer.dropped(40), hang_up()) as server:
        with pytest.raises(http.client.IncompleteRead) as caught:
            post(server).read()
        assert caught.value.partial == answer.body[:40]
        with pytest.raises(http.client.RemoteDisconnected):
            post(server)


def test_a_stalled_answer_waits_and_notices_that_the_client_leaves() -> None:
    answer = say("one two three")
    with ChatServer(answer.stalled(40)) as server:
        response = post(server)
        assert response.read(40) == answer.body[:40]
        response.close()
        assert server.wait_for_hang_up(5) <= time.monotonic()


def test_closing_the_server_ends_what_is_stalled() -> None:
    server = ChatServer(silence()).start()
    connection = http.client.HTTPConnection(server.base_url[7:-3], timeout=10)
    connection.request("POST", "/v1/chat/completions", "{}")
    server.wait_for_requests(1)
    server.close()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        connection.getresponse()
    connection.close()


def test_waiting_for_what_does_not_come_is_a_timeout_that_says_what() -> None:
    with ChatServer() as server:
        with pytest.raises(TimeoutError, match=r"waited 0\.01 s for 1 requests; 0 requests arrived"):
            server.wait_for_requests(1, timeout=0.01)
        with pytest.raises(TimeoutError, match="hangs up"):
            server.wait_for_hang_up(timeout=0.01)


def test_delays_and_pace_are_kept() -> None:
    with ChatServer(say("a b c").delayed(0.1), say("a b c").paced(0.05)) as server:
        for _ in range(2):
            start = time.monotonic()
            post(server).read()
            assert time.monotonic() - start >= 0.1


def test_a_request_that_is_no_json_is_kept_as_text() -> None:
    with ChatServer(whole({"ok": True})) as server:
        connection = http.client.HTTPConnection(server.base_url[7:-3], timeout=10)
        connection.request("POST", "/v1/chat/completions", b"\xff{")
        assert json.loads(connection.getresponse().read()) == {"ok": True}
        connection.close()
        assert server.requests[0].body == "\ufffd{"


def test_a_recording_is_played_with_its_status_headers_and_body(tmp_path: Path) -> None:
    head = b"HTTP/1.1 503 Service Unavailable\r\nServer: x\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n"
    path = tmp_path / "case.response.http"
    path.write_bytes(head + b'{"error": 1}')
    with ChatServer(recorded(path), recorded(head + b"data: 1\n\n[curl stderr] curl: (28) timed out\n")) as server:
        response = post(server)
        assert (response.status, response.getheader("server"), response.read()) == (503, "x", b'{"error": 1}')
        assert response.getheader("content-length") is None
        with pytest.raises(http.client.IncompleteRead) as caught:
            post(server).read()
        assert caught.value.partial == b"data: 1\n"


def test_any_object_text_or_bytes_can_be_streamed() -> None:
    answer = stream([chunk({"content": "a"}), "not json", b"raw bytes\n"], done=False)
    assert answer.body.endswith(b"data: not json\n\nraw bytes\n")
