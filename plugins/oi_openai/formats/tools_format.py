"""The format ``tools``: the model calls a function; calls that it wrote as text instead are rescued."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from oi_core.plugin_api import CallPart, Delta, ModelFormat, TextPart
from oi_openai.formats.model_formats import Finding, FormattedRequest, spoken_languages
from oi_openai.formats.rescue_reader import RescueReader

if TYPE_CHECKING:
    from oi_core.plugin_api import Message, Tool


class ToolsFormat:
    """Works with every model that was trained to call functions, on servers that understand its calls."""

    name = ModelFormat.TOOLS

    def request(self, messages: Sequence[Message], tools: Sequence[Tool]) -> FormattedRequest:
        """Return the conversation and the tools as they are."""
        return FormattedRequest(messages, tools)

    def translator(self, tools: Sequence[Tool]) -> ToolsTranslator:
        """Return what lets calls through and rescues those in the text."""
        return ToolsTranslator(RescueReader(spoken_languages(tools)) if tools else None)


class ToolsTranslator:
    """Lets the server's deltas through; once it made a call itself, text stays text."""

    def __init__(self, reader: RescueReader | None) -> None:
        self._reader = reader
        self._called = False

    @property
    def finding(self) -> Finding:
        """Whether the model called the tool, wrote a call as text, or wrote code in a fence."""
        reader = self._reader
        if self._called or reader is None:
            return Finding.CALLED if self._called else Finding.TALKED
        if reader.rescued or reader.looked_like_call:
            return Finding.WRITTEN
        return Finding.FENCED if reader.runnable_fences == 1 else Finding.TALKED

    def feed(self, delta: Delta) -> Iterator[Delta]:
        """Yield what is certain."""
        if self._reader is None or self._called:
            self._called = self._called or isinstance(delta, CallPart)
            yield delta
        elif isinstance(delta, TextPart):
            yield from self._reader.feed(delta.text)
        elif isinstance(delta, CallPart):
            self._called = True
            yield from self._reader.finish(run=False)
            yield delta
        else:
            yield delta

    def finish(self) -> Iterator[Delta]:
        """Yield the rest of the text, and the calls in it."""
        if self._reader is not None and not self._called:
            yield from self._reader.finish()

    def break_off(self) -> Iterator[Delta]:
        """Yield what was held back, as text."""
        if self._reader is not None and not self._called:
            yield from self._reader.finish(run=False)
