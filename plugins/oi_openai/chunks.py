"""The chunks of a chat completion as deltas, whatever of them a server leaves out, nulls, repeats or adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import Delta, ReasoningPart, StatePart, TextPart, Usage
from oi_openai.calls import CallTracker
from oi_openai.reasoning_details import ReasoningDetails
from oi_openai.state import kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class ErrorInStream(Exception):
    """The server reported an error inside a stream that began well; ``error`` is what it said."""

    def __init__(self, error: object) -> None:
        super().__init__(str(error))
        self.error = error


class ChunkReader:
    """Reads the chunks of one reply. ``finish_reason`` is the server's, empty while it gave none.

    ``origin`` goes into the state that is kept with the reply.
    """

    def __init__(self, origin: str = "") -> None:
        self.finish_reason = ""
        self._origin = origin
        self._calls = CallTracker()
        self._details = ReasoningDetails()
        self._usage: Usage | None = None

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[Delta]:
        """Yield what a chunk adds to the reply; one without choices adds nothing.

        Raises:
            ErrorInStream: the chunk is an error.
        """
        if chunk.get("error"):
            raise ErrorInStream(chunk["error"])
        self._usage = _usage(chunk) or self._usage
        choice = _first_choice(chunk.get("choices"))
        delta: Mapping[str, Any] = choice.get("delta") or choice.get("message") or {}
        if not isinstance(delta, dict):
            return
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(reasoning, str) and reasoning:
            yield ReasoningPart(reasoning)
        self._details.add(delta.get("reasoning_details"))
        yield from _content(delta.get("content") or delta.get("refusal"))
        for entry in _entries(delta):
            part = self._calls.feed(entry)
            if part is not None:
                yield part
        self.finish_reason = str(choice.get("finish_reason") or self.finish_reason)

    def finish(self) -> Iterator[Delta]:
        """Yield what only the end of the stream makes certain: calls without arguments, state, and the usage."""
        yield from self._calls.finish()
        state = {"reasoning_details": self._details.entries, "calls": self._calls.signatures()}
        if any(state.values()):
            yield StatePart(kept(self._origin, state))
        if self._usage is not None:
            yield self._usage


def _first_choice(choices: object) -> Mapping[str, Any]:
    """Return the first choice: Azure's first chunk has none (pydantic-ai#164), and the last may have no delta."""
    listed = choices if isinstance(choices, list) else []
    return next((c for c in listed if isinstance(c, dict) and not c.get("index")), {})


def _content(content: object) -> Iterator[Delta]:
    """Yield a delta's content: text, or a list of parts, where Mistral's servers put their thinking too."""
    if isinstance(content, str) and content:
        yield TextPart(content)
    for part in content if isinstance(content, list) else ():
        if not isinstance(part, dict):
            continue
        if isinstance(part.get("text"), str) and part["text"]:
            yield TextPart(part["text"])
        for thought in part["thinking"] if isinstance(part.get("thinking"), list) else ():
            if isinstance(thought, dict) and isinstance(thought.get("text"), str) and thought["text"]:
                yield ReasoningPart(thought["text"])


def _entries(delta: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the pieces of calls; the ``function_call`` of 2023 counts where nothing newer stands beside it."""
    calls = delta.get("tool_calls")
    if not calls and isinstance(delta.get("function_call"), dict):
        calls = [{"index": 0, "function": delta["function_call"]}]
    return [entry for entry in calls if isinstance(entry, dict)] if isinstance(calls, list) else []


def _usage(chunk: Mapping[str, Any]) -> Usage | None:
    """Return a chunk's token counts; where every chunk has them, the last one's stand."""
    usage = chunk.get("usage")
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else usage.get("prompt_cache_hit_tokens")
    return Usage(count(usage.get("prompt_tokens")), count(usage.get("completion_tokens")), count(cached))


def count(value: object) -> int:
    """Return a number of tokens; 0 for what is none."""
    return int(value) if isinstance(value, int | float) and value > 0 else 0
