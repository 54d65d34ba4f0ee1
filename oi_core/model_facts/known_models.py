"""What is known of models by their names: the size of the context window and the price, from ``known_models.json``.

The file has its date and its sources in it. For a hosted model it holds ``[window, input, output, cached input]`` as
its maker publishes them: tokens, then US dollars a million tokens. Where a longer prompt costs more by the token, the
window is where that begins. Models with open weights have no price there, because it is the server's, and their windows
count only for servers that are not the person's own: those are often started with less.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_VERSION = re.compile(r"[-@:](latest|preview|v?\d[\d.-]*)")
"""What may follow a known name without changing the price: a date or a version."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million tokens."""

    input: float
    output: float
    cached: float


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What is known of a model; None where nothing is."""

    context_window: int | None = None
    price: Price | None = None


def known_model(name: str, *, own_server: bool = False) -> KnownModel:
    """Return what is known of the model ``name``, which may have a path before it and a version behind it.

    ``own_server`` says that it runs on a machine of the person's.
    """
    base = name.rpartition("/")[2].lower()
    hosted = _facts()["hosted"]
    key = _longest_prefix(base, hosted)
    if key:
        window, *price = hosted[key]
        same = base == key or _VERSION.fullmatch(base[len(key) :]) is not None
        return KnownModel(window, Price(*price) if price and same else None)
    open_weights = _facts()["open_weights"]
    key = _longest_prefix(base, open_weights)
    return KnownModel(open_weights[key]) if key and not own_server else KnownModel()


def hosted_models() -> tuple[str, ...]:
    """Return the names of the models of which prices or windows are known, but for those with open weights."""
    return tuple(_facts()["hosted"])


def facts_date() -> str:
    """Return the day of the facts, as in 2026-11-22."""
    return str(_facts()["date"])


def _longest_prefix(name: str, keys: dict[str, Any]) -> str:
    matches = (key for key in keys if name == key or (name.startswith(key) and name[len(key)] in "-:@"))
    return max(matches, key=len, default="")


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:  # whatever the JSON holds; a test checks the file
    facts: dict[str, Any] = json.loads(Path(__file__).with_name("known_models.json").read_text(encoding="utf-8"))
    return facts
