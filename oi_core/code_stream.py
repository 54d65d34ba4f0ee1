"""A model's reply, read from its deltas: the events to show while it arrives, and the message it is in the end."""

from __future__ import annotations

import secrets
import string
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never

from oi_core.events import CodeDelta, CodeReady, CodeStarted, Event, Notice, ReasoningDelta, TextDelta, Usage
from oi_core.json_arguments import ArgumentsScanner
from oi_core.messages import AssistantMessage, CodeBlock
from oi_core.model import CallPart, NoticePart, ReasoningPart, StatePart, TextPart
from oi_core.surrogates import SurrogateJoiner, mend
from oi_core.tool_call import CallMeaning, canonical, language_of_tool, understand

if TYPE_CHECKING:
    from oi_core.model import Delta

_ALPHANUMERIC = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: its message, and for calls that cannot be run, by id, the sentence that the model gets as the result."""

    message: AssistantMessage
    problems: Mapping[str, str] = field(default_factory=dict)


def read_reply(deltas: Iterable[Delta], names: Mapping[str, str]) -> Generator[Event, None, Reply]:
    """Yield the events of a reply and return it; :class:`ReplyReader` is for callers who need it after an error too."""
    reader = ReplyReader(names)
    yield from reader.read(deltas)
    return reader.reply()


class ReplyReader:
    """Reads one reply. ``names`` maps every name and alias of a language to the language's name.

    The events of one call are never mixed with those of another: ``CodeStarted``, ``CodeDelta`` …, ``CodeReady``, then
    the next. A call that cannot be understood gets no ``CodeReady``, and stands in :meth:`reply` with its problem.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._state: list[str] = []
        self._text_joiner = SurrogateJoiner()
        self._reasoning_joiner = SurrogateJoiner()
        self._calls: dict[int, _CallReader] = {}
        self._unfinished: list[_CallReader] = []
        self._ids: set[str] = set()

    def read(self, deltas: Iterable[Delta]) -> Iterator[Event]:
        """Yield the events of the reply while its deltas arrive; what ``deltas`` raises comes through."""
        for delta in deltas:
            match delta:
                case CallPart(index=index):
                    call = self._calls.get(index) or self._open_call(index)
                    code = call.feed(delta)
                    if code:
                        yield CodeDelta(call.call_id, code)
                    elif not call.started:
                        yield from self._move_on(keep=1)
                case TextPart(text=text):
                    yield from self._move_on(keep=0)
                    yield from self._add_text(self._text_joiner.feed(text))
                case ReasoningPart(text=text):
                    yield from self._add_reasoning(self._reasoning_joiner.feed(text))
                case NoticePart(text=text, level=level):
                    yield Notice(text, level)
                case StatePart(state=state):
                    self._state.append(state)
                case Usage():
                    yield delta
                case _:
                    assert_never(delta)
        yield from self._add_reasoning(self._reasoning_joiner.finish())
        yield from self._add_text(self._text_joiner.finish())
        while self._unfinished:
            yield from self._unfinished.pop(0).finish()

    def reply(self) -> Reply:
        """Return the reply as far as it has arrived.

        While :meth:`read` is not at its end, or was left by an exception, calls that are not complete are left out.
        """
        blocks: list[CodeBlock] = []
        problems: dict[str, str] = {}
        for call in self._calls.values():
            meaning = call.meaning or call.meaning_if_complete()
            if meaning is None:
                continue
            blocks.append(CodeBlock(call.call_id, meaning.language, meaning.code))
            if meaning.problem:
                problems[call.call_id] = meaning.problem
        message = AssistantMessage("".join(self._text), tuple(blocks), "".join(self._reasoning), tuple(self._state))
        return Reply(message, problems)

    def _add_text(self, text: str) -> Iterator[Event]:
        if text:
            self._text.append(text)
            yield TextDelta(text)

    def _add_reasoning(self, text: str) -> Iterator[Event]:
        if text:
            self._reasoning.append(text)
            yield ReasoningDelta(text)

    def _open_call(self, index: int) -> _CallReader:
        call = _CallReader(self._names, self._ids)
        self._calls[index] = call
        self._unfinished.append(call)
        return call

    def _move_on(self, keep: int) -> Iterator[Event]:
        """Finish complete calls but the last ``keep``, then show what is known of the one that is next."""
        while len(self._unfinished) > keep and self._unfinished[0].complete:
            yield from self._unfinished.pop(0).finish()
        if self._unfinished:
            yield from self._unfinished[0].start()


class _CallReader:
    """Reads one call; nothing of it is given out before :meth:`start` finds its language known."""

    def __init__(self, names: Mapping[str, str], ids_taken: set[str]) -> None:
        self.meaning: CallMeaning | None = None
        self.call_id = ""
        self.started = False
        self._names = names
        self._ids_taken = ids_taken
        self._name = ""
        self._arguments: list[str] = []
        self._code: list[str] = []
        self._joiner = SurrogateJoiner()
        self._scanner = ArgumentsScanner()

    @property
    def complete(self) -> bool:
        """Whether the arguments are a closed JSON object."""
        return self._scanner.complete

    def feed(self, part: CallPart) -> str:
        """Take the next piece of the call; once it has started, return the code that is new."""
        if part.id and not self.call_id:
            self._settle_id(part.id)
        if part.name and not self._name:
            self._name = part.name
        arguments = self._joiner.feed(part.arguments)
        self._arguments.append(arguments)
        code = self._scanner.feed(arguments)
        if code:
            self._code.append(code)
        return code if self.started else ""

    def start(self) -> Iterator[Event]:
        """Yield what is known, if the code has begun and its language is certain."""
        if self.started or not self._name or not self._scanner.code_begun:
            return
        language = language_of_tool(self._name, self._names) or (self._scanner.language or "").strip()
        if language:
            yield from self._start(canonical(language, self._names) or language)

    def finish(self) -> Iterator[Event]:
        """Understand the whole call and yield what of it has not been given out yet."""
        self._arguments.append(self._joiner.finish())
        decoded = "".join(self._code)
        given_out = decoded if self.started else ""
        meaning = self._understand()
        if meaning.problem and decoded:
            meaning = replace(meaning, language=meaning.language or self._scanner.language or "", code=decoded)
        elif not meaning.code.startswith(given_out):
            meaning = replace(meaning, code=decoded, problem="the arguments of the call contradict themselves")
        self.meaning = meaning
        self._settle_id(self.call_id)
        if meaning.problem:
            return
        if not self.started:
            self._code = [meaning.code]
            yield from self._start(meaning.language)
        elif len(meaning.code) > len(given_out):
            yield CodeDelta(self.call_id, meaning.code[len(given_out) :])
        yield CodeReady(CodeBlock(self.call_id, meaning.language, meaning.code))

    def meaning_if_complete(self) -> CallMeaning | None:
        """Return what the call asks for, if all of it has arrived before the reply broke off."""
        if not self.complete:
            return None
        self._settle_id(self.call_id)
        meaning = self._understand()
        return None if meaning.problem else meaning

    def _start(self, language: str) -> Iterator[Event]:
        self.started = True
        self._settle_id(self.call_id)
        yield CodeStarted(self.call_id, language)
        code = "".join(self._code)
        if code:
            yield CodeDelta(self.call_id, code)

    def _understand(self) -> CallMeaning:
        meaning = understand(self._name, "".join(self._arguments), self._names)
        return replace(meaning, language=canonical(meaning.language, self._names) or meaning.language)

    def _settle_id(self, wanted: str) -> None:
        """Fix the call's id: the server's, unless it gave none or gives one twice in a reply.

        Made ids have nine letters and digits, because Mistral's servers take no others.
        """
        if self.call_id:
            return
        call_id = mend(wanted)
        while not call_id or call_id in self._ids_taken:
            call_id = "".join(secrets.choice(_ALPHANUMERIC) for _ in range(9))
        self._ids_taken.add(call_id)
        self.call_id = call_id
