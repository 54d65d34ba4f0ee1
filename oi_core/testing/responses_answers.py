"""What the loopback server answers in OpenAI's Responses protocol: the events of a response, item after item."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from oi_core.testing.answers import Answer, stream

Item = dict[str, Any]  # an output item as it is in the end, or an event; the values are whatever JSON holds


def message(text: str, *, phase: str | None = None, item_id: str = "msg_1") -> Item:
    """Return a message item."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    item = {"type": "message", "id": item_id, "role": "assistant", "status": "completed", "content": content}
    return item if phase is None else {**item, "phase": phase}


def reasoning(*summary: str, encrypted: str | None = None, item_id: str = "rs_1") -> Item:
    """Return a reasoning item with a summary in parts."""
    parts = [{"type": "summary_text", "text": text} for text in summary]
    return {"type": "reasoning", "id": item_id, "summary": parts, "encrypted_content": encrypted}


def call(arguments: str, *, call_id: str = "call_1", name: str = "run_code", item_id: str = "fc_1") -> Item:
    """Return a function call item."""
    about = {"call_id": call_id, "name": name, "arguments": arguments}
    return {"type": "function_call", "id": item_id, "status": "completed", **about}


def code_call(language: str, code: str, *, call_id: str = "call_1", item_id: str = "fc_1") -> Item:
    """Return a call that runs ``code``."""
    return call(json.dumps({"language": language, "code": code}), call_id=call_id, item_id=item_id)


def response_body(
    items: Sequence[Item], *, status: str = "completed", tokens: tuple[int, int, int] | None = None
) -> Item:
    """Return a whole response; ``tokens`` are those of the input, of the output, and of the input those cached."""
    usage = None
    if tokens is not None:
        input_tokens, output_tokens, cached = tokens
        usage = {
            "input_tokens": input_tokens,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input_tokens + output_tokens,
        }
    about = {"id": "resp_1", "object": "response", "created_at": 0, "model": "test", "error": None}
    return {**about, "status": status, "incomplete_details": None, "output": list(items), "usage": usage}


def respond(
    *items: Item, tokens: tuple[int, int, int] | None = None, size: int = 8, ending: Item | None = None
) -> Answer:
    """Answer with a stream of these items, their texts in pieces of ``size`` characters.

    ``ending`` is the last event, instead of one that says that the response is complete.
    """
    begun = response_body((), status="in_progress")
    events = [{"type": "response.created", "response": begun}, {"type": "response.in_progress", "response": begun}]
    for index, item in enumerate(items):
        events += _item_events(index, item, size)
    events.append(ending or {"type": "response.completed", "response": response_body(items, tokens=tokens)})
    return as_stream(events)


def as_stream(events: Iterable[Item]) -> Answer:
    """Answer with these events as they stand, numbered, each under its type; no ``[DONE]`` follows them."""
    numbered = [{**event, "sequence_number": number} for number, event in enumerate(events)]
    framed = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in numbered]
    return stream(framed, done=False)


def _item_events(index: int, item: Item, size: int) -> list[Item]:
    """Return the events of one item: added, its deltas, done."""
    place = {"output_index": index, "item_id": item["id"]}
    match item["type"]:
        case "message":
            empty: Item = {"content": []}
            inner = _text_events(place, item["content"][0]["text"], size)
        case "reasoning":
            empty, inner = {"summary": [], "encrypted_content": None}, _summary_events(place, item, size)
        case _:
            empty, inner = {"arguments": ""}, _argument_events(place, item["arguments"], size)
    added = {"type": "response.output_item.added", "output_index": index, "item": {**item, **empty}}
    done = {"type": "response.output_item.done", "output_index": index, "item": item}
    return [added, *inner, done]


def _text_events(place: Item, text: str, size: int) -> list[Item]:
    about = {**place, "content_index": 0}
    deltas = [{"type": "response.output_text.delta", **about, "delta": piece} for piece in _pieces(text, size)]
    return [
        {"type": "response.content_part.added", **about, "part": {"type": "output_text", "text": ""}},
        *deltas,
        {"type": "response.output_text.done", **about, "text": text},
        {"type": "response.content_part.done", **about, "part": {"type": "output_text", "text": text}},
    ]


def _summary_events(place: Item, item: Item, size: int) -> list[Item]:
    events: list[Item] = []
    for number, part in enumerate(item["summary"]):
        about = {**place, "summary_index": number}
        events.append({"type": "response.reasoning_summary_part.added", **about, "part": {**part, "text": ""}})
        pieces = _pieces(part["text"], size)
        events += [{"type": "response.reasoning_summary_text.delta", **about, "delta": piece} for piece in pieces]
        events.append({"type": "response.reasoning_summary_text.done", **about, "text": part["text"]})
    return events


def _argument_events(place: Item, arguments: str, size: int) -> list[Item]:
    kind = "response.function_call_arguments"
    deltas = [{"type": f"{kind}.delta", **place, "delta": piece} for piece in _pieces(arguments, size)]
    return [*deltas, {"type": f"{kind}.done", **place, "arguments": arguments}]


def _pieces(text: str, size: int) -> list[str]:
    return [text[start:end] for start, end in pairwise([*range(0, len(text), size), len(text)])]
