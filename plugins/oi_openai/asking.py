"""What is asked, whatever the protocol: conversation, tools, settings, and what the endpoint is known to want."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oi_core.plugin_api import Message, Tool

WireDict = dict[str, Any]  # the values are whatever JSON holds


class Demand(StrEnum):
    """What an endpoint wants of a request besides what its protocol says."""

    FOLDED_ROLES = "folded roles"
    """User and assistant in turns, and no system message."""
    NO_IMAGES = "no images"
    REASONING_BACK = "reasoning back"
    """The reasoning of every message that made calls."""
    NO_STATE = "no state"
    """Nothing of what it gave to keep: it does not recognise it."""
    SIGNED_CALLS = "signed calls"
    """A signature for every call, also those of other models."""
    SHORT_IDS = "short ids"
    """Ids of calls with nine letters and digits."""
    NO_EMPTY_TEXT = "no empty text"
    NOT_STREAMED = "not streamed"
    OTHER_LIMIT_FIELD = "other limit field"
    """``max_completion_tokens`` for ``max_tokens``, or the other way round."""
    OTHER_PROTOCOL = "other protocol"


@dataclass(frozen=True, slots=True)
class Asking:
    """One request for a reply.

    ``extra`` are further arguments that a format needs, as chat completions have them. ``origin`` stands for server,
    model and protocol: state that came from elsewhere is not sent. ``known`` holds :class:`Demand` values and the
    names of fields that the endpoint does not take.
    """

    model: str
    messages: Sequence[Message]
    tools: Sequence[Tool] = ()
    temperature: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""
    known: frozenset[str] = frozenset()
