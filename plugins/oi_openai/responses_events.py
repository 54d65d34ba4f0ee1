"""The events of a streamed response, as OpenAI's Responses protocol has them, as deltas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import CallPart, Delta, ReasoningPart, StatePart, TextPart, Usage
from oi_openai.chunks import ErrorInStream, count
from oi_openai.state import kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ENDINGS = {"response.completed": "stop", "response.incomplete": "length", "response.done": "stop"}
_TEXT = ("response.output_text.delta", "response.refusal.delta")
_REASONING = ("response.reasoning_summary_text.delta", "response.reasoning_text.delta")
_KEPT_OF_REASONING = ("type", "id", "summary", "content", "encrypted_content")
BETWEEN_MESSAGES = "\n\n"
"""Between the texts of two message items of one reply."""


@dataclass(slots=True)
class _Item:
    """An output item as far as it has come.

    ``characters`` counts what was given out of its text, reasoning or arguments; ``number`` is a call's, from 0.
    """

    characters: int = 0
    number: int = -1
    told: Mapping[str, Any] = field(default_factory=dict)
    is_done: bool = False


class ResponsesReader:
    """Reads the events of one response. ``finish_reason`` is in the words of chat completions, empty while unknown.

    Reasoning items, the phases of messages and the order of all items are kept as state, with ``origin``.
    """

    def __init__(self, origin: str = "") -> None:
        self.finish_reason = ""
        self._origin = origin
        self._items: list[_Item] = []
        self._newest: dict[int | str, _Item] = {}
        self._calls = 0
        self._has_text = False
        self._has_reasoning = False
        self._usage: Usage | None = None

    def feed(self, event: Mapping[str, Any]) -> Iterator[Delta]:
        """Yield what an event adds to the reply.

        Raises:
            ErrorInStream: the event is an error, or ends a response that failed.
        """
        kind = _string(event.get("type"))
        if kind == "error" or event.get("error"):
            raise ErrorInStream(event.get("error") or dict(event))
        if not kind and "output" in event:  # a whole response, from a server that does not stream
            yield from self._end(event, f"response.{event.get('status') or 'completed'}")
        elif kind == "response.failed" or kind in _ENDINGS:
            yield from self._end(_mapping(event.get("response")), kind)
        elif kind in ("response.output_item.added", "response.output_item.done"):
            yield from self._item_told(_key(event), _mapping(event.get("item")), done=kind.endswith("done"))
        elif kind in _TEXT:
            yield from self._text(self._item(_key(event)), _string(event.get("delta")))
        elif kind in _REASONING:
            yield from self._reasoning(self._item(_key(event)), _string(event.get("delta")))
        elif kind == "response.reasoning_summary_part.added" and self._has_reasoning:
            yield ReasoningPart("\n\n")
        elif kind == "response.function_call_arguments.delta":
            yield from self._arguments(self._item(_key(event)), _string(event.get("delta")))
        elif kind == "response.function_call_arguments.done":
            item = self._item(_key(event))
            yield from self._arguments(item, _string(event.get("arguments"))[item.characters :])

    def finish(self) -> Iterator[Delta]:
        """Yield the state of a whole reply, and the usage."""
        items = [kept_item for item in self._items if (kept_item := _kept(item))]
        if self.finish_reason and any(item["type"] == "reasoning" or "phase" in item for item in items):
            yield StatePart(kept(self._origin, {"items": items}))
        if self._usage is not None:
            yield self._usage

    def _item(self, key: int | str, *, new: bool = False) -> _Item:
        """Return the item that an event is about; servers exist that number every item 0."""
        item = self._newest.get(key)
        if item is None or new:
            item = self._newest[key] = _Item()
            self._items.append(item)
        return item

    def _item_told(self, key: int | str, told: Mapping[str, Any], *, done: bool) -> Iterator[Delta]:
        """Take an item's beginning or its whole, and yield of the whole what no delta brought."""
        item = self._item(key, new=not done or key not in self._newest or self._newest[key].is_done)
        item.told, item.is_done = told, done
        kind = told.get("type")
        if kind == "function_call" and item.number < 0:
            item.number, self._calls = self._calls, self._calls + 1
            yield CallPart(item.number, _string(told.get("call_id") or told.get("id")), _string(told.get("name")))
        if not done:
            return
        if kind == "function_call":
            yield from self._arguments(item, _string(told.get("arguments"))[item.characters :])
        elif kind == "message" and not item.characters:
            yield from self._text(item, "".join(_texts(told.get("content"))))
        elif kind == "reasoning" and not item.characters:
            text = "\n\n".join(_texts(told.get("summary")) or _texts(told.get("content")))
            yield from self._reasoning(item, "\n\n" + text if text and self._has_reasoning else text)

    def _text(self, item: _Item, text: str) -> Iterator[Delta]:
        if not text:
            return
        if not item.characters and self._has_text:
            text = BETWEEN_MESSAGES + text
        self._has_text = True
        item.characters += len(text)
        yield TextPart(text)

    def _reasoning(self, item: _Item, text: str) -> Iterator[Delta]:
        if text:
            self._has_reasoning = True
            item.characters += len(text)
            yield ReasoningPart(text)

    def _arguments(self, item: _Item, text: str) -> Iterator[Delta]:
        if text and item.number >= 0:
            item.characters += len(text)
            yield CallPart(item.number, arguments=text)

    def _end(self, response: Mapping[str, Any], kind: str) -> Iterator[Delta]:
        """Take the end of a response; its items count only where none came before, for they would count twice."""
        output = response.get("output")
        if not self._items:
            for index, told in enumerate(output if isinstance(output, list) else ()):
                yield from self._item_told(index, _mapping(told), done=True)
        self._usage = _usage(response.get("usage")) or self._usage
        if kind in ("response.failed", "response.cancelled") or response.get("error"):
            raise ErrorInStream(response.get("error") or f"the response has {kind.partition('.')[2]}")
        reason = _mapping(response.get("incomplete_details")).get("reason")
        self.finish_reason = "content_filter" if reason == "content_filter" else _ENDINGS.get(kind, "stop")


def _kept(item: _Item) -> dict[str, Any]:
    """Return what is kept of an item: reasoning as it is, of the others what kind they are."""
    kind, told = item.told.get("type"), item.told
    if kind == "reasoning":
        return {key: told[key] for key in _KEPT_OF_REASONING if told.get(key) is not None} if item.is_done else {}
    if kind == "message":
        phase = {"phase": told["phase"]} if told.get("phase") else {}
        return {"type": kind, "characters": item.characters, **phase}
    return {"type": kind} if kind == "function_call" else {}


def _key(event: Mapping[str, Any]) -> int | str:
    """Return what tells an item from others: its place, since gateways change ids on the way, else its id."""
    place = event.get("output_index")
    if isinstance(place, int):
        return place
    return _string(event.get("item_id") or _mapping(event.get("item")).get("id"))


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(parts: object) -> list[str]:
    listed = parts if isinstance(parts, list) else []
    return [_string(part.get("text") or part.get("refusal")) for part in listed if isinstance(part, dict)]


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    cached = _mapping(usage.get("input_tokens_details")).get("cached_tokens")
    return Usage(count(usage.get("input_tokens")), count(usage.get("output_tokens")), count(cached))
