"""The format ``schema``: a response format forces each reply to be one step, ``{"text", "language", "code"}``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import TOOL_NAME, CallPart, Delta, ModelFormat, TextPart
from oi_openai.formats.fence_scanner import fenced
from oi_openai.formats.fences_format import FencesTranslator
from oi_openai.formats.history import retold
from oi_openai.formats.model_formats import Finding, FormattedRequest, language_names, spoken_languages
from oi_openai.formats.step_scanner import NotAStep, Piece, StepScanner, decoded

if TYPE_CHECKING:
    from oi_core.plugin_api import CodeBlock, Message, Tool

NOTHING = ("", "none", "null")
"""What stands for no language: there is nothing to run."""
_REMINDER = 'If that answers the request, say the answer in "text" and leave "language" and "code" empty.'


class SchemaFormat:
    """Works with small models on servers that can force a JSON schema, which needs no training of the model."""

    name = ModelFormat.SCHEMA

    def request(self, messages: Sequence[Message], tools: Sequence[Tool]) -> FormattedRequest:
        """Return the request with the schema of a step; without tools, the conversation as it is."""
        if not tools:
            return FormattedRequest(messages)
        told = retold(messages, _step, _explanation(tools), _REMINDER)
        return FormattedRequest(told, (), {"response_format": _response_format(tools)})

    def translator(self, tools: Sequence[Tool]) -> SchemaTranslator | FencesTranslator:
        """Return what reads steps; without tools, what reads text."""
        return SchemaTranslator(spoken_languages(tools)) if tools else FencesTranslator({})


def _explanation(tools: Sequence[Tool]) -> str:
    what = "\n".join(tool.description for tool in tools)
    return (
        "How to answer: each reply is one JSON object with three strings.\n"
        '- "text": what you say to the person.\n'
        '- "language" and "code": code to run now. Its output is in the next message.\n'
        'When nothing is left to run, put the answer into "text" and leave "language" and "code" empty ("").\n'
        f"What code can do: {what}\n"
        'For example: {"text": "I compute it.", "language": "python", "code": "print(2 ** 10)"}, and after its output '
        '{"text": "It is 1024.", "language": "", "code": ""}'
    )


def _response_format(tools: Sequence[Tool]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "language": {"type": "string", "enum": [*language_names(tools), ""]},
            "code": {"type": "string"},
        },
        "required": ["text", "language", "code"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "step", "strict": True, "schema": schema}}


def _step(text: str, block: CodeBlock | None) -> str:
    language, code = (block.language, block.code) if block else ("", "")
    return json.dumps({"text": text, "language": language, "code": code}, ensure_ascii=False)


class SchemaTranslator:
    """Reads steps. What is no step is read as Markdown, since the server then forced nothing."""

    def __init__(self, languages: dict[str, str]) -> None:
        self._languages = languages
        self._lead = ""
        self._step: _StepReader | None = None
        self._markdown: FencesTranslator | None = None
        self._steps = 0
        self._called = False

    @property
    def finding(self) -> Finding:
        """Whether the model kept to the schema."""
        if self._called:
            return Finding.CALLED
        return Finding.STRAYED if self._markdown is not None and not self._steps else Finding.TALKED

    def feed(self, delta: Delta) -> Iterator[Delta]:
        """Yield text and code as they arrive."""
        if isinstance(delta, TextPart):
            yield from self._read(delta.text)
        else:
            yield delta

    def finish(self) -> Iterator[Delta]:
        """Yield the rest: a step that the end cut off, or text that was none."""
        yield from self._end(run=True)

    def break_off(self) -> Iterator[Delta]:
        """Yield what was held back, as text."""
        yield from self._end(run=False)

    def _end(self, *, run: bool) -> Iterator[Delta]:
        if self._step is not None:
            yield from self._step.end()
            self._called = self._called or self._step.called
        elif self._markdown is not None:
            yield from self._markdown.finish() if run else self._markdown.break_off()
        elif self._lead.strip() and not (self._steps and self._lead.strip().startswith("```")):
            yield TextPart(self._lead)

    def _read(self, text: str) -> Iterator[Delta]:
        while text:
            if self._markdown is not None:
                yield from self._markdown.feed(TextPart(text))
                return
            if self._step is None:
                self._lead += text
                text = self._begin()
                if self._step is None and self._markdown is None:
                    return
                continue
            yield from self._step.feed(text)
            text = ""
            if self._step.over:
                self._called = self._called or self._step.called
                self._steps += 1
                text, self._step = self._step.rest, None

    def _begin(self) -> str:
        """Find out what begins, and return what of the text is to be read as that; the lead stays while unsure."""
        lead = self._lead.lstrip()
        opening, newline, behind = lead.partition("\n")
        if opening.strip().lower() in ("```", "```json") and not self._steps:
            if not newline or not behind.lstrip():
                return ""
            lead = behind.lstrip()
        elif not self._steps and "```json".startswith(lead.lower()):
            return ""
        if not lead or (self._steps and "```".startswith(lead.rstrip())):
            return ""
        text, self._lead = self._lead, ""
        if lead.startswith("{"):
            self._step = _StepReader(self._steps, self._languages)
            return lead
        self._markdown = FencesTranslator({} if self._steps else self._languages)
        return text


class _StepReader:
    """Reads one step; ``over`` says that it is closed, ``rest`` what followed it."""

    def __init__(self, number: int, languages: dict[str, str]) -> None:
        self.called = False
        self.over = False
        self._number = number
        self._languages = languages
        self._scanner = StepScanner()
        self._strings: dict[str, list[str]] = {}
        self._raw: list[str] = []
        self._unread: list[str] = []
        self._failed = False
        self._text_given = False
        self._code_given = 0

    @property
    def rest(self) -> str:
        return self._scanner.rest

    def feed(self, text: str) -> Iterator[Delta]:
        self._raw.append(text)
        if self._failed:
            self._unread.append(text)
            return
        try:
            for piece in self._scanner.feed(text):
                yield from self._take(piece)
        except NotAStep:
            self._failed = True
            self._unread.append(self._scanner.rest)
            return
        if self._scanner.complete:
            self.over = True
            yield from self._close()

    def end(self) -> Iterator[Delta]:
        """Yield what can be made of a step that was not closed, or is none; an open call is left open."""
        if self._failed and not self.called:
            yield from self._fallback()

    def _take(self, piece: Piece) -> Iterator[Delta]:
        self._strings.setdefault(piece.key, []).append(piece.raw)
        if piece.key == "text":
            self._text_given = True
            yield TextPart(decoded(piece.raw))
        elif piece.key == "code" and "language" in self._strings:
            yield from self._code(closing="")

    def _code(self, closing: str) -> Iterator[Delta]:
        """Yield the code that has not been given out, once it is certain that there is any."""
        pieces = self._strings.get("code", [])
        if not self.called:
            language = decoded("".join(self._strings.get("language", [])))
            if language.strip().lower() in NOTHING or not decoded("".join(pieces)).strip():
                return
            self.called = True
            opening = f'{{"language": {json.dumps(language, ensure_ascii=False)}, "code": "'
            yield CallPart(self._number, "", TOOL_NAME, opening)
        new = "".join(pieces[self._code_given :]) + closing
        self._code_given = len(pieces)
        if new:
            yield CallPart(self._number, arguments=new)

    def _close(self) -> Iterator[Delta]:
        yield from self._code(closing='"}')
        code = decoded("".join(self._strings.get("code", [])))
        if not self.called and code.strip():
            yield TextPart(f"\n\n{fenced('', code)}\n")

    def _fallback(self) -> Iterator[Delta]:
        """Yield what could not be read, as text; nothing of an object that is no step is run."""
        unread = "".join(self._unread if self._text_given else self._raw)
        if unread.strip():
            yield TextPart(unread)
