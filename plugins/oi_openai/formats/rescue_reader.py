"""Finds calls that a model writes as text where it should make them, while the text arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from oi_core.plugin_api import CallPart, Delta, TextPart
from oi_openai.formats.fence_scanner import FenceClosed, FencedText, FenceOpened, FenceScanner, Prose, Segment
from oi_openai.formats.written_calls import FENCE_WORDS, TAGS, WrittenCall, calls_in_text, like_a_call

RESCUED_FROM = 1000
"""The index of the first rescued call, so that it is none of the server's own calls."""
_LONGEST_TAG = max(map(len, TAGS))
_START = re.compile("|".join(re.escape(tag) for tag in TAGS) + r"|(?:\A|(?<=\n))[ \t]*(?P<json>[\[{])")
_LAST_LINE = re.compile(r"[^\n]*\Z")


class RescueReader:
    """Reads the text of one reply, in fragments cut anywhere.

    A call can begin with a tag, with an object at the start of a line, or with a fence marked as JSON or as nothing.
    From there on everything is held back until it cannot be a call, or else until the end: models stop after a call.
    """

    def __init__(self, languages: Mapping[str, str]) -> None:
        self.rescued = 0
        self.runnable_fences = 0
        self.looked_like_call = False
        self._languages = languages
        self._scanner = FenceScanner()
        self._words: tuple[str, ...] = ()
        self._prose = ""
        self._line_is_blank = True
        self._held = ""
        self._inside: str | None = None
        self._sure = False
        self._rest: list[str] = []

    def feed(self, text: str) -> Iterator[Delta]:
        """Yield the text that certainly is none of a call."""
        for segment in self._scanner.feed(text):
            yield from _text("".join(self._take(segment)))

    def finish(self, *, run: bool = True) -> Iterator[Delta]:
        """Yield the calls and the rest of the text; without ``run`` all of it as text."""
        for segment in self._scanner.finish():
            yield from _text("".join(self._take(segment)))
        self.looked_like_call = self._sure
        calls: list[WrittenCall] = []
        rest = self._prose + self._held + "".join(self._rest)
        if self._sure and run:
            calls, rest = calls_in_text(rest, self._languages)
        if rest.strip() or not calls:
            yield from _text(rest)
        for call in calls:
            yield CallPart(RESCUED_FROM + self.rescued, "", call.name, call.arguments)
            self.rescued += 1

    def _take(self, segment: Segment) -> Iterator[str]:
        """Yield the text that a segment makes certain."""
        if self._sure:
            self._rest.append(segment.raw)
        elif self._inside is not None:
            yield from self._in_fence(segment)
        elif isinstance(segment, Prose):
            yield from self._in_prose(segment.raw)
        else:
            yield from self._given_up()
            self._line_is_blank = True
            if isinstance(segment, FenceOpened):
                self._words = segment.words
                if not segment.words or segment.words[0] in FENCE_WORDS:
                    self._held, self._inside = segment.raw, ""
                    return
            elif isinstance(segment, FenceClosed):
                self.runnable_fences += bool(self._words and self._words[0] in self._languages)
            yield segment.raw

    def _in_fence(self, segment: Segment) -> Iterator[str]:
        """Hold a fence back until it is decided whether it begins like a call."""
        self._held += segment.raw
        self._inside = (self._inside or "") + (segment.text if isinstance(segment, FencedText) else "")
        likeness = like_a_call(self._inside)
        if likeness:
            self._sure = True
        elif likeness is False or isinstance(segment, FenceClosed):
            yield self._held
            self._held, self._inside = "", None

    def _in_prose(self, text: str) -> Iterator[str]:
        self._prose += text
        while not self._sure:
            if self._held:
                self._held, self._prose = self._held + self._prose, ""
                likeness = _likeness(self._held)
                self._sure = bool(likeness)
                if likeness is not False:
                    return
                self._prose, self._held = self._held, ""
                yield from self._passed(1)
            start = self._start()
            if start is None:
                yield from self._passed(len(self._prose) - _tag_begun(self._prose))
                return
            place = start.start("json") if start["json"] else start.start()
            yield from self._passed(place)
            self._held, self._prose, self._sure = self._prose, "", not start["json"]

    def _start(self) -> re.Match[str] | None:
        """Return the first place in the prose where a call may begin."""
        match = _START.search(self._prose)
        while match is not None and match["json"] and match.start() == 0 and not self._line_is_blank:
            match = _START.search(self._prose, match.end())
        return match

    def _passed(self, length: int) -> Iterator[str]:
        """Yield so many characters of the prose, and note whether a line has begun with them."""
        text, self._prose = self._prose[:length], self._prose[length:]
        if text:
            line = _LAST_LINE.search(text)
            last = line[0] if line else ""
            self._line_is_blank = not last.strip(" \t") and (self._line_is_blank or "\n" in text)
            yield text

    def _given_up(self) -> Iterator[str]:
        text, self._prose, self._held = self._prose + self._held, "", ""
        if text:
            yield text


def _likeness(text: str) -> bool | None:
    """Return whether text that begins a line is like a call: a tag may begin like JSON."""
    if text.startswith(TAGS):
        return True
    return None if any(tag.startswith(text) for tag in TAGS) else like_a_call(text)


def _tag_begun(text: str) -> int:
    """Return how many of the last characters may be the beginning of a tag."""
    for length in range(min(_LONGEST_TAG - 1, len(text)), 0, -1):
        if any(tag.startswith(text[-length:]) for tag in TAGS):
            return length
    return 0


def _text(text: str) -> Iterator[Delta]:
    if text:
        yield TextPart(text)
