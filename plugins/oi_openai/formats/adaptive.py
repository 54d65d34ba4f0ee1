"""A model asked in the format that works for it: as set, as remembered, or found out as it goes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, Protocol

from oi_core.plugin_api import Level, ModelError, ModelFormat, NoticePart
from oi_openai.formats.fences_format import FencesFormat
from oi_openai.formats.memory import FormatMemory
from oi_openai.formats.model_formats import Finding, Format, FormattedRequest
from oi_openai.formats.refusals import refuses
from oi_openai.formats.schema_format import SchemaFormat
from oi_openai.formats.tools_format import ToolsFormat

if TYPE_CHECKING:
    from oi_core.plugin_api import Delta, Message, Tool

FENCES_BEFORE_FALLBACK = 2
"""After so many replies with a lone fence and no call ever, a model is taken to know no calls."""
_FORMATS: Final = (ToolsFormat(), SchemaFormat(), FencesFormat())
_WORKS_OTHERWISE: Final = {
    ModelFormat.SCHEMA: "it is asked for JSON steps instead (model-format = schema)",
    ModelFormat.FENCES: "it is asked for Markdown code blocks instead (model-format = fences)",
}


class Chat(Protocol):
    """What is asked: a :class:`oi_core.model.Model` that takes further arguments for its request."""

    name: str

    @property
    def context_window(self) -> int | None:
        """The number of tokens of the window, or None."""
        ...

    @property
    def calls_tools(self) -> bool | None:
        """Whether the server says that the model calls tools, or None."""
        ...

    def stream(
        self, messages: Sequence[Message], tools: Sequence[Tool], extra: Mapping[str, Any] | None = None
    ) -> Generator[Delta, None, None]:
        """Yield the reply; ``extra`` goes into the request."""
        ...

    def cancel(self) -> None:
        """Stop the reply."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class AdaptiveModel:
    """Asks ``chat`` in a format. ``server`` names it in what is remembered.

    With ``AUTO`` it goes from one format to the next, ``tools``, ``schema``, ``fences``, when the server refuses one or
    the model does not keep to it, and remembers the one in which the model first runs code.
    """

    def __init__(
        self,
        chat: Chat,
        server: str,
        setting: ModelFormat = ModelFormat.AUTO,
        *,
        first: ModelFormat = ModelFormat.TOOLS,
        memory: FormatMemory | None = None,
    ) -> None:
        self._chat = chat
        self._server = server
        self._setting = setting
        self._first = first
        self._memory = memory or FormatMemory()
        self._found: ModelFormat | None = None
        self._proven = False
        self._lone_fences = 0
        self._cancelled = False

    @property
    def name(self) -> str:
        """The name to show."""
        return self._chat.name

    @property
    def context_window(self) -> int | None:
        """The number of tokens of the window, or None."""
        return self._chat.context_window

    @property
    def formats(self) -> Sequence[ModelFormat]:
        """The formats, the one in use first."""
        return sorted((each.name for each in _FORMATS), key=lambda name: name != self._in_use())

    def cancel(self) -> None:
        """Stop the reply."""
        self._cancelled = True
        self._chat.cancel()

    def close(self) -> None:
        """Give the connection back."""
        self._chat.close()

    def keep_format(self, model_format: ModelFormat) -> None:
        """Use a format from now on, and remember it."""
        self._found, self._proven = model_format, True
        self._memory.keep(self._server, self.name, model_format)

    def stream_as(
        self, model_format: ModelFormat, messages: Sequence[Message], tools: Sequence[Tool]
    ) -> Iterator[Delta]:
        """Yield the reply, asked for in this format."""
        self._cancelled = False
        return self._reply(model_format, messages, tools).read()

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        """Yield the reply; what the protocol requires is in :class:`oi_core.model.Model`."""
        self._cancelled = False
        return self._tries(messages, tools)

    def _tries(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        while True:
            reply = self._reply(self._in_use(), messages, tools)
            try:
                yield from reply.read()
            except ModelError as error:
                if reply.begun or not self._refused(error, tools):
                    raise
                yield from self._fall_back("the server refuses it")
                continue
            if tools and self._setting is ModelFormat.AUTO:
                yield from self._learn(reply.finding)
            return

    def _reply(self, model_format: ModelFormat, messages: Sequence[Message], tools: Sequence[Tool]) -> _Reply:
        def start(request: FormattedRequest) -> Generator[Delta, None, None]:
            deltas = self._chat.stream(request.messages, request.tools, request.extra)
            if self._cancelled:  # before there was anything to cancel
                self._chat.cancel()
            return deltas

        return _Reply(_named(model_format), start, messages, tools)

    def _in_use(self) -> ModelFormat:
        if self._setting is not ModelFormat.AUTO:
            return self._setting
        if self._found is None:
            remembered = self._memory.recall(self._server, self.name)
            self._proven = remembered is not None
            self._found = remembered or self._promising()
        return self._found

    def _promising(self) -> ModelFormat:
        """Return the format to begin with; tools are none for a model that calls none."""
        if self._first is ModelFormat.TOOLS and self._chat.calls_tools is False:
            return ModelFormat.SCHEMA
        return self._first

    def _refused(self, error: ModelError, tools: Sequence[Tool]) -> bool:
        """Whether the server refused the format as such, so that the next one is worth a try."""
        if not tools or self._setting is not ModelFormat.AUTO:
            return False
        return refuses(self._in_use(), getattr(error.__cause__, "said", ""))

    def _learn(self, finding: Finding) -> Iterator[Delta]:
        """Draw conclusions from a whole reply; without them the next ones would fail in the same way."""
        in_use = self._in_use()
        if finding is Finding.CALLED:
            if not self._proven and in_use is not self._first:
                self._memory.keep(self._server, self.name, in_use)
            self._proven = True
        elif finding is Finding.WRITTEN:
            yield from self._fall_back("the model writes its calls as text")
        elif finding is Finding.STRAYED:
            yield from self._fall_back("the server does not hold the model to it")
        elif finding is Finding.FENCED and not self._proven:
            self._lone_fences += 1
            if self._lone_fences >= FENCES_BEFORE_FALLBACK:
                yield from self._fall_back("the model shows code and does not call for it to be run")

    def _fall_back(self, reason: str) -> Iterator[Delta]:
        in_use = self._in_use()
        order = [each.name for each in _FORMATS]
        following = order[order.index(in_use) + 1 :]
        if following:
            self._found, self._proven = following[0], False
            text = f"{self.name} with model-format {in_use}: {reason}; {_WORKS_OTHERWISE[following[0]]}"
            yield NoticePart(text, Level.INFO)


class _Reply:
    """One reply in one format; ``begun`` says that something of it was given out."""

    def __init__(
        self,
        model_format: Format,
        start: Callable[[FormattedRequest], Generator[Delta, None, None]],
        messages: Sequence[Message],
        tools: Sequence[Tool],
    ) -> None:
        self.begun = False
        self._start = start
        self._request = model_format.request(messages, tools)
        self._translator = model_format.translator(tools)

    @property
    def finding(self) -> Finding:
        return self._translator.finding

    def read(self) -> Iterator[Delta]:
        """Yield the reply; when it breaks off, what was held back comes before the error."""
        try:
            with closing(self._start(self._request)) as deltas:
                for delta in deltas:
                    self.begun = self.begun or not isinstance(delta, NoticePart)
                    yield from self._translator.feed(delta)
        except ModelError:
            yield from self._translator.break_off()
            raise
        yield from self._translator.finish()


def _named(name: ModelFormat) -> Format:
    return next(each for each in _FORMATS if each.name is name)
