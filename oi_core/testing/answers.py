"""What the loopback server answers: the bytes of a response, and how they travel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any

HOP_BY_HOP = frozenset(("transfer-encoding", "content-length", "connection", "keep-alive"))
_CURL_TRAILER = b"\n[curl stderr]"


class Ending(Enum):
    """What happens after the last byte that is sent."""

    COMPLETE = "the response ends as HTTP says"
    DROPPED = "the connection is closed as if the response were complete nowhere"
    STALLED = "nothing more comes, until the client hangs up or the server closes"


@dataclass(frozen=True, slots=True)
class Answer:
    """One response. ``cuts`` are the places where the body is cut into pieces that travel separately.

    ``body`` is what a client reads, without HTTP's own framing. ``wait`` is in seconds, before anything is sent;
    ``pace`` is in seconds, between pieces. Without ``status`` not even the head is sent.
    """

    status: int | None = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    body: bytes = b""
    cuts: tuple[int, ...] = ()
    ending: Ending = Ending.COMPLETE
    wait: float = 0.0
    pace: float = 0.0

    def pieces(self) -> list[bytes]:
        """Return the body cut up; no piece is empty."""
        inner = sorted({cut for cut in self.cuts if 0 < cut < len(self.body)})
        return [self.body[start:end] for start, end in pairwise([0, *inner, len(self.body)]) if start < end]

    def in_pieces(self, size: int) -> Answer:
        """Send the body in pieces of ``size`` bytes."""
        return replace(self, cuts=tuple(range(size, len(self.body), size)))

    def cut_at(self, *places: int) -> Answer:
        """Send the body in pieces that end at these byte offsets."""
        return replace(self, cuts=places)

    def dropped(self, after: int | None = None) -> Answer:
        """Close the connection after this many bytes of the body (default: all), without the end that HTTP asks for."""
        return replace(self, body=self.body[:after], ending=Ending.DROPPED)

    def stalled(self, after: int | None = None) -> Answer:
        """Send this many bytes of the body (default: all), and then nothing until the client hangs up."""
        return replace(self, body=self.body[:after], ending=Ending.STALLED)

    def delayed(self, seconds: float) -> Answer:
        """Wait before the first byte."""
        return replace(self, wait=seconds)

    def paced(self, seconds: float) -> Answer:
        """Wait between pieces."""
        return replace(self, pace=seconds)


Chunk = Mapping[str, Any]  # a chat.completion.chunk, or anything else that JSON can hold


def stream(chunks: Iterable[Chunk | str | bytes], *, done: bool = True) -> Answer:
    """Answer with server-sent events: a dict becomes its JSON, a text the data as it stands, bytes go out unframed."""
    parts = [chunk if isinstance(chunk, bytes) else f"data: {_data(chunk)}\n\n".encode() for chunk in chunks]
    if done:
        parts.append(b"data: [DONE]\n\n")
    ends = [sum(map(len, parts[: place + 1])) for place in range(len(parts))]
    return Answer(headers=(("Content-Type", "text/event-stream"),), body=b"".join(parts), cuts=tuple(ends))


def _data(chunk: Chunk | str) -> str:
    return chunk if isinstance(chunk, str) else json.dumps(chunk)


def chunk(delta: Mapping[str, Any] | None = None, finish: str | None = None) -> dict[str, Any]:
    """Return one ``chat.completion.chunk`` with this delta and finish reason."""
    choice = {"index": 0, "delta": dict(delta or {}), "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "test", "choices": [choice]}


def usage(prompt: int, completion: int, cached: int = 0) -> dict[str, Any]:
    """Return the chunk with the tokens of the prompt and of the reply, which has no choices."""
    counts = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    return {**chunk(), "choices": [], "usage": counts}


def say(text: str, *, tokens: tuple[int, int] | None = None) -> Answer:
    """Answer with text, word by word; ``tokens`` are those of the prompt and of the reply."""
    return stream([*_text_chunks(text), chunk(finish="stop"), *_usage(tokens)])


def run(
    language: str, code: str, *, text: str = "", call_id: str = "call00001", tokens: tuple[int, int] | None = None
) -> Answer:
    """Answer with text and a call that runs ``code``."""
    return run_all([(language, code)], text=text, first_id=call_id, tokens=tokens)


def run_all(
    blocks: Sequence[tuple[str, str]],
    *,
    text: str = "",
    first_id: str = "call00001",
    tokens: tuple[int, int] | None = None,
) -> Answer:
    """Answer with text and several calls, each given as language and code."""
    chunks = _text_chunks(text)
    for index, (language, code) in enumerate(blocks):
        call_id = first_id if index == 0 else f"call{index + 1:05}"
        chunks += call_chunks(index, call_id, json.dumps({"language": language, "code": code}))
    return stream([*chunks, chunk(finish="tool_calls"), *_usage(tokens)])


def call_chunks(
    index: int, call_id: str, arguments: str, *, name: str = "run_code", size: int = 8
) -> list[dict[str, Any]]:
    """Return the chunks of one call, its arguments in pieces of ``size`` characters."""
    head = {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
    pieces = [arguments[at : at + size] for at in range(0, len(arguments), size)]
    rest = [{"index": index, "function": {"arguments": piece}} for piece in pieces]
    return [chunk({"tool_calls": [one]}) for one in (head, *rest)]


def refuse(
    status: int,
    message: str = "refused",
    *,
    retry_after: float | None = None,
    **error: Any,  # other keys of the error
) -> Answer:
    """Answer with an error status and OpenAI's error object; ``retry_after`` is in seconds."""
    headers = [("Content-Type", "application/json")]
    if retry_after is not None:
        headers.append(("Retry-After", f"{retry_after:g}"))
    return Answer(status, tuple(headers), json.dumps({"error": {"message": message, **error}}).encode())


def page(html: str, status: int = 200) -> Answer:
    """Answer with a web page, as a proxy or a wrong address does."""
    return Answer(status, (("Content-Type", "text/html; charset=utf-8"),), html.encode())


def whole(body: object, status: int = 200) -> Answer:
    """Answer with a JSON document, as a server that does not stream."""
    return Answer(status, body=json.dumps(body).encode())


def silence() -> Answer:
    """Accept the request and never answer."""
    return Answer(None, ending=Ending.STALLED)


def hang_up() -> Answer:
    """Accept the request and close the connection without a byte."""
    return Answer(None, ending=Ending.DROPPED)


def recorded(source: Path | bytes) -> Answer:
    """Answer with a response as ``curl -i`` saved it: the same status, headers and body, framed anew.

    curl stores a body without HTTP's chunks, so only that framing is made again. A recording that curl itself broke
    off, which says so in its last lines, ends in a dropped connection.
    """
    raw = source if isinstance(source, bytes) else source.read_bytes()
    raw, broken_off, _ = raw.partition(_CURL_TRAILER)
    head, _, body = raw.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    kept = tuple((name, value) for name, value in headers if name.lower() not in HOP_BY_HOP)
    ending = Ending.DROPPED if broken_off else Ending.COMPLETE
    return Answer(int(status_line.split()[1]), kept, body, ending=ending)


def _text_chunks(text: str) -> list[dict[str, Any]]:
    words = [word + " " for word in text.split(" ")]
    pieces = [*words[:-1], words[-1][:-1]] if text else []
    return [chunk({"role": "assistant", "content": ""}), *(chunk({"content": piece}) for piece in pieces)]


def _usage(tokens: tuple[int, int] | None) -> list[dict[str, Any]]:
    return [usage(*tokens)] if tokens else []
