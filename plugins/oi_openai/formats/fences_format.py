"""The format ``fences``: the model writes Markdown, and the last fenced block of a language that can run is run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from oi_core.plugin_api import TOOL_NAME, CallPart, Delta, ModelFormat, TextPart
from oi_openai.formats.fence_scanner import (
    FenceClosed,
    FencedText,
    FenceOpened,
    FenceScanner,
    Prose,
    Segment,
    fenced,
)
from oi_openai.formats.history import retold
from oi_openai.formats.model_formats import Finding, FormattedRequest, language_names, spoken_languages

if TYPE_CHECKING:
    from oi_core.plugin_api import CodeBlock, Message, Tool

EXAMPLE = frozenset(("example", "norun", "no-run"))
"""Words behind a fence's language that say that its code is to be read, not run."""
_REMINDER = "If that answers the request, say the answer without any code block."


class FencesFormat:
    """Works with every server and every model that writes Markdown, and with small models less well than a schema."""

    name = ModelFormat.FENCES

    def request(self, messages: Sequence[Message], tools: Sequence[Tool]) -> FormattedRequest:
        """Return the conversation in Markdown; without tools, as it is."""
        if not tools:
            return FormattedRequest(messages)
        return FormattedRequest(retold(messages, _reply, _explanation(tools), _REMINDER))

    def translator(self, tools: Sequence[Tool]) -> FencesTranslator:
        """Return what reads Markdown."""
        return FencesTranslator(spoken_languages(tools))


def _explanation(tools: Sequence[Tool]) -> str:
    names = ", ".join(language_names(tools))
    what = "\n".join(tool.description for tool in tools)
    return (
        "How to run code: write one Markdown code block at the end of your reply, marked with its language "
        f"({names}), and stop there. It is run as it stands, and its output is in the next message. Only the last such "
        "block of a reply is run. A block that is only to be read is marked `text`. When nothing is left to run, "
        f"answer without a code block.\nWhat code can do: {what}\n"
        f"For example:\nI compute it.\n{fenced('python', 'print(2 ** 10)')}"
    )


def _reply(text: str, block: CodeBlock | None) -> str:
    return "\n\n".join(part for part in (text.rstrip(), fenced(block.language, block.code) if block else "") if part)


class FencesTranslator:
    """Reads Markdown. From the opening of a fence that may be the last one on, everything is held back.

    Fences of other languages, without a language, marked as an example, or not closed are text.
    """

    def __init__(self, languages: Mapping[str, str]) -> None:
        self._languages = languages
        self._scanner = FenceScanner()
        self._held: list[str] = []
        self._chosen: _Fence | None = None
        self._open: _Fence | None = None
        self._called = False

    @property
    def finding(self) -> Finding:
        """Whether there was a block to run."""
        return Finding.CALLED if self._called else Finding.TALKED

    def feed(self, delta: Delta) -> Iterator[Delta]:
        """Yield the text that is certain not to be run."""
        if not isinstance(delta, TextPart):
            yield delta
            return
        for segment in self._scanner.feed(delta.text):
            yield from self._take(segment)

    def finish(self) -> Iterator[Delta]:
        """Yield what was held back, and the block to run as a call."""
        for segment in self._scanner.finish():
            yield from self._take(segment)
        chosen = self._chosen
        if chosen is None:
            yield from _text("".join(self._held))
            return
        self._called = True
        yield from _text("".join(self._held[: chosen.begins] + self._held[chosen.ends :]))
        code = "".join(chosen.code).removesuffix("\n")
        yield CallPart(0, "", TOOL_NAME, json.dumps({"language": chosen.language, "code": code}, ensure_ascii=False))

    def break_off(self) -> Iterator[Delta]:
        """Yield what was held back, as text."""
        for segment in self._scanner.finish():
            yield from self._take(segment)
        yield from _text("".join(self._held))

    def _take(self, segment: Segment) -> Iterator[Delta]:
        match segment:
            case FenceOpened(words=words):
                if words and words[0] in self._languages and not EXAMPLE.intersection(words[1:]):
                    self._open = _Fence(words[0], len(self._held))
            case FencedText(text=text) if self._open is not None:
                self._open.code.append(text)
            case FenceClosed() if self._open is not None:
                yield from self._choose(self._open, segment.raw)
                return
            case FenceClosed() | FencedText() | Prose():
                pass
        if self._open is not None or self._chosen is not None:
            self._held.append(segment.raw)
        else:
            yield TextPart(segment.raw)

    def _choose(self, fence: _Fence, closing: str) -> Iterator[Delta]:
        """Take a fence as the one to run, and give up the one before, and what stood between."""
        self._open = None
        self._held.append(closing)
        if not "".join(fence.code).strip():
            if self._chosen is None:
                yield from _text("".join(self._held))
                self._held = []
            return
        yield from _text("".join(self._held[: fence.begins]))
        self._held = self._held[fence.begins :]
        fence.begins, fence.ends = 0, len(self._held)
        self._chosen = fence


class _Fence:
    """A fence that can run: its code, and where it stands in what is held back."""

    def __init__(self, language: str, begins: int) -> None:
        self.language = language
        self.begins = begins
        self.ends = begins
        self.code: list[str] = []


def _text(text: str) -> Iterator[Delta]:
    if text:
        yield TextPart(text)
