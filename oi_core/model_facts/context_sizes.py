"""How many tokens a model takes at once: what the person says, or the server, or what is known, or a careful guess."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

ASSUMED_TOKENS = 8192
REPLY_SHARE = 0.25
REPLY_TOKENS = 16_000
"""A quarter of the window is left for the reply, but not more than this."""


class SizeSource(StrEnum):
    """Who says how large a window is."""

    SETTING = "context-window"
    SERVER = "the server"
    KNOWN = "the makers' figures"
    LEARNED = "what the server took and refused"
    ASSUMED = "a guess"


@dataclass(frozen=True, slots=True)
class ContextSize:
    """The size of a model's window in tokens, prompt and reply together, and who says so."""

    tokens: int
    source: SizeSource

    @property
    def prompt_tokens(self) -> int:
        """What of it a prompt may take, so that there is room for the reply."""
        return self.tokens - min(REPLY_TOKENS, int(self.tokens * REPLY_SHARE))

    @classmethod
    def for_prompt(cls, tokens: int, source: SizeSource) -> Self:
        """Return the window of which a prompt may take so many tokens."""
        return cls(min(int(tokens / (1 - REPLY_SHARE)), tokens + REPLY_TOKENS), source)


def context_size(
    model: str, *, setting: int | None = None, server: int | None = None, own_server: bool = False
) -> ContextSize:
    """Return the size of the window: the smaller of the setting and what the server says, else what is known."""
    said = [(setting, SizeSource.SETTING), (server, SizeSource.SERVER)]
    sizes = [ContextSize(tokens, source) for tokens, source in said if tokens]
    if sizes:
        return min(sizes, key=lambda size: size.tokens)
    from oi_core.model_facts.known_models import known_model

    known = known_model(model, own_server=own_server).context_window
    return ContextSize(known, SizeSource.KNOWN) if known else ContextSize(ASSUMED_TOKENS, SizeSource.ASSUMED)


def is_own_server(url: str | None) -> bool:
    """Whether an address is this machine's or the local network's, so that the server is likely the person's own."""
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return (
            host == "localhost"
            or host.endswith((".local", ".localhost", ".internal"))
            or (bool(host) and "." not in host)
        )
    return address.is_private or address.is_loopback or address.is_link_local
