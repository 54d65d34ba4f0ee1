"""What a model is to the core: a name that streams deltas for messages, and can be stopped from another thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from oi_core.events import Level, Usage

if TYPE_CHECKING:
    from oi_core.messages import Message
    from oi_core.tool_schema import Tool


@dataclass(frozen=True, slots=True)
class TextPart:
    """The next piece of the reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """The next piece of the model's reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class CallPart:
    """The next piece of a tool call.

    Pieces with the same ``index`` belong to one call. ``id`` and ``name`` are given once they are known, then may stay
    empty; ``arguments`` is the next piece of the JSON text. A model plugin resolves its server's habits (names that are
    repeated, indices that are missing) before it yields a piece; the core reads the arguments.
    """

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class NoticePart:
    """Something to tell the person meanwhile: "429 rate limit, retry 2/4 in 8 s"."""

    text: str
    level: Level = Level.WARNING


@dataclass(frozen=True, slots=True)
class StatePart:
    """Something that the server wants to have back with this reply: it ends up in ``AssistantMessage.state``.

    A JSON text that only the model's plugin understands. A plugin yields it at the end of a whole reply, so that one
    that broke off has none.
    """

    state: str


Delta: TypeAlias = TextPart | ReasoningPart | CallPart | NoticePart | StatePart | Usage


class Model(Protocol):
    """One model, ready to talk."""

    @property
    def name(self) -> str:
        """The name to show: what the person would write after ``-m``."""
        ...

    @property
    def context_window(self) -> int | None:
        """The number of tokens a prompt and its reply may have together, or None when nobody knows."""
        ...

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        """Yield the reply to ``messages`` piece by piece; closing the iterator stops the reply at the server.

        Raises:
            ModelError: what went wrong in one line, with the next step; pieces yielded before it stay valid.
            ModelCancelled: :meth:`cancel` was called.
        """
        ...

    def cancel(self) -> None:
        """Stop the reply that is being streamed, if there is one; safe from any thread and from a signal handler."""
        ...

    def close(self) -> None:
        """Give connections back; the model is not used again."""
        ...


class ModelFormat(StrEnum):
    """How a model says that code is to run."""

    AUTO = "auto"
    """What is known to work for the model, found out as it goes."""
    TOOLS = "tools"
    """It calls a function, as the server's protocol has it."""
    SCHEMA = "schema"
    """Each reply is forced to be an object of text, language and code."""
    FENCES = "fences"
    """It writes Markdown; the last fenced block of a language that can run is run."""


@runtime_checkable
class SpeaksFormats(Protocol):
    """A model that can be asked in each of several formats, besides what :class:`Model` says."""

    @property
    def formats(self) -> Sequence[ModelFormat]:
        """The formats there are, the one in use first."""
        ...

    def stream_as(
        self, model_format: ModelFormat, messages: Sequence[Message], tools: Sequence[Tool]
    ) -> Iterator[Delta]:
        """Do as :meth:`Model.stream`, in this format and without falling back to another."""
        ...

    def keep_format(self, model_format: ModelFormat) -> None:
        """Use this format from now on, and remember it for the model; a setting still goes before it."""
        ...


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What a person can set about any model; a value of None means "as the server likes it".

    The rest is for a provider that starts a compatible server itself and has ``open_compatible`` open a model there:
    ``known_as`` stands for an address that changes in what is remembered, ``first_format`` is asked in where nothing
    is set or remembered. ``open_compatible`` is None where no plugin speaks to such servers.
    """

    base_url: str | None = None
    api_key: str | None = None
    temperature: float | None = None
    model_format: ModelFormat = ModelFormat.AUTO
    known_as: str = ""
    first_format: ModelFormat = ModelFormat.TOOLS
    open_compatible: Callable[[str, ModelSettings], Model] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ModelProvider:
    """A family of models behind one prefix: ``open_model("gpt-x", settings)`` for ``prefix/gpt-x``.

    ``needs_key`` says that ``open_model`` cannot work without an API key unless a base URL is given, so that the first
    screen can ask for one. ``imports`` are modules that the first request imports and that take long to: a chat imports
    them while the person types.
    """

    prefix: str
    summary: str
    open_model: Callable[[str, ModelSettings], Model]
    needs_key: bool = False
    imports: tuple[str, ...] = ()
