"""What a format is: how a request is put to the server, and how the reply becomes deltas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from oi_core.plugin_api import Delta, Message, ModelFormat, Tool


@dataclass(frozen=True, slots=True)
class FormattedRequest:
    """What goes to the server; ``extra`` are further arguments of the request, whatever JSON holds."""

    messages: Sequence[Message]
    tools: Sequence[Tool] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


class Finding(Enum):
    """What a whole reply tells of whether the format suits the model."""

    CALLED = "it asked to run code, as the format has it"
    TALKED = "it said something, which tells nothing"
    FENCED = "it called nothing and wrote one fence of a language that can run"
    WRITTEN = "it wrote a call as text, where it should have made one"
    STRAYED = "it did not keep to the format at all"


class Translator(Protocol):
    """Turns the deltas of one reply into those that the core is to have."""

    @property
    def finding(self) -> Finding:
        """What the reply tells; certain after :meth:`finish`."""
        ...

    def feed(self, delta: Delta) -> Iterator[Delta]:
        """Yield what a delta of the server's makes certain."""
        ...

    def finish(self) -> Iterator[Delta]:
        """Yield what only the end makes certain."""
        ...

    def break_off(self) -> Iterator[Delta]:
        """Yield what was held back of a reply that broke off, as text: nothing of it is run."""
        ...


class Format(Protocol):
    """One way to say "run this"."""

    name: ModelFormat

    def request(self, messages: Sequence[Message], tools: Sequence[Tool]) -> FormattedRequest:
        """Return how to ask for a reply to ``messages``."""
        ...

    def translator(self, tools: Sequence[Tool]) -> Translator:
        """Return what reads the reply."""
        ...


def spoken_languages(tools: Sequence[Tool]) -> dict[str, str]:
    """Return what a model may call each language that can run, in lower case, mapped to the language."""
    spoken: dict[str, str] = {}
    for tool in tools:
        listed = tool.parameters.get("properties", {}).get("language", {}).get("enum", [])
        spoken |= {name.lower(): name for name in listed if isinstance(name, str)}
        spoken |= {name.lower(): language for name, language in tool.languages.items()}
    return spoken


def language_names(tools: Sequence[Tool]) -> list[str]:
    """Return the languages that can run, in their order."""
    return list(dict.fromkeys(spoken_languages(tools).values()))
