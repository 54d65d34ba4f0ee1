"""What a plugin may hand back from a hook: the right type, sound names, each of them once."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from oi_core.commands import Command
from oi_core.errors import ConfigError
from oi_core.executors import Language, Launcher
from oi_core.model import ModelProvider
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.review import Effect, Review, Verdict
from oi_core.validate import table_of

Contribution = TypeVar("Contribution", Language, ModelProvider, Launcher, Command)

NOUNS: Mapping[type, str] = {
    Language: "language",
    ModelProvider: "model prefix",
    Launcher: "launcher",
    Command: "command",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+#.-]{0,49}")  # c++, c#, objective-c; stands in JSON, in TOML and at the prompt
_NAMES = ("name", "prefix")
_TEXTS = (*_NAMES, "summary", "help", "lexer")
_FUNCTIONS = ("start", "probe", "open_model", "wrap", "notices", "output_folder", "close", "run")


class Junk(Exception):
    """What a plugin returned is not what the hook asks for; the message says how."""


def accepted(results: Iterable[object], kind: type[Contribution]) -> list[Contribution]:
    """Return everything that one plugin's implementations of a hook returned, checked.

    Raises:
        Junk: a result is not a sequence of ``kind``, or something in it is not as it should be.
    """
    items = [item for result in results for item in _sequence(result, kind)]
    for item in items:
        _check_fields(item)
    taken: set[str] = set()
    for name in [name for item in items for name in names_of(item)]:
        if not _NAME.fullmatch(name):
            raise Junk(f"{_shown(name)} is not a name for a {NOUNS[kind]}")
        if name.casefold() in taken:
            raise Junk(f"it gives the name {_shown(name)} twice")
        taken.add(name.casefold())
    return items


def merged(
    provided: Mapping[str, Sequence[Contribution]], kind: type[Contribution], title: Callable[[str], str]
) -> dict[str, Contribution]:
    """Return the contributions of all plugins by name, sorted by it; ``title`` describes a plugin in a message.

    Raises:
        ConfigError: one name comes from two plugins.
    """
    owners: dict[str, str] = {}
    merged_items: dict[str, Contribution] = {}
    for plugin in sorted(provided):
        for item in provided[plugin]:
            name = name_of(item)
            first = owners.setdefault(name.casefold(), plugin)
            if first != plugin:
                raise ConfigError(
                    f'two plugins provide the {NOUNS[kind]} "{name}": {title(first)} and {title(plugin)}',
                    f"disable one of them: interpreter plugins disable {plugin}",
                )
            merged_items[name] = item
    return {name: merged_items[name] for name in sorted(merged_items)}


def without_clashing_aliases(languages: Mapping[str, Language]) -> tuple[dict[str, Language], list[str]]:
    """Return the languages with only those aliases that mean one of them, and the aliases that two claimed.

    A language's own name is stronger than another's alias. An alias of two languages is taken from both, so that what
    it means does not depend on an order.
    """
    names = {name.casefold() for name in languages}
    claims = [alias.casefold() for language in languages.values() for alias in language.aliases]
    twice = sorted({alias for alias in claims if claims.count(alias) > 1 and alias not in names})
    unusable = names.union(twice)
    kept = {
        name: replace(language, aliases=tuple(a for a in language.aliases if a.casefold() not in unusable))
        for name, language in languages.items()
    }
    return kept, twice


def review_from(result: object, plugin: str) -> Review:
    """Return the opinion that a plugin gave, in its own name unless it gave another.

    Raises:
        Junk: it is not a review with a verdict, a reason and a reviewer.
    """
    if not isinstance(result, Review) or not isinstance(result.verdict, Verdict):
        raise Junk(f"it returned {_a(result)}, not a sound Review or None")
    if not isinstance(result.reason, str) or not isinstance(result.reviewer, str):
        raise Junk("it returned a Review whose reason or reviewer is not a string")
    if not isinstance(result.effects, tuple) or not all(isinstance(effect, Effect) for effect in result.effects):
        raise Junk("it returned a Review whose effects are not a tuple of Effect")
    return result.said_by(plugin)


def paragraph_from(result: object) -> str:
    """Return the paragraph that a plugin gave, or nothing.

    Raises:
        Junk: it is not a string.
    """
    if result is not None and not isinstance(result, str):
        raise Junk(f"it returned {_a(result)}, not a string or None")
    return (result or "").strip()


def settings_from(result: object) -> type | None:
    """Return the dataclass that a plugin declares, or None.

    Raises:
        Junk: it is not a class.
        ConfigError: it is not a dataclass that settings can be read into.
    """
    if result is None:
        return None
    if not isinstance(result, type):
        raise Junk(f"it returned {_a(result)}, not a dataclass or None")
    table_of(result)
    return result


def name_of(item: Language | ModelProvider | Launcher | Command) -> str:
    """Return the name that a contribution is known by."""
    return item.prefix if isinstance(item, ModelProvider) else item.name


def names_of(item: Language | ModelProvider | Launcher | Command) -> list[str]:
    """Return every name a contribution is known by: a language may have aliases."""
    return [name_of(item), *(item.aliases if isinstance(item, Language) else ())]


def _sequence(result: object, kind: type[Contribution]) -> list[Contribution]:
    if result is None:
        return []
    if isinstance(result, str | bytes | Mapping) or not isinstance(result, Iterable):
        raise Junk(f"it returned {_a(result)}, not a sequence of {kind.__name__}")
    items = list(result)
    for item in items:
        if not isinstance(item, kind):
            raise Junk(f"it returned {_a(item)} among what should be {kind.__name__}")
    return cast("list[Contribution]", items)


def _check_fields(item: Any) -> None:  # one of the four contributions, with whatever a plugin put into it
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if field.name in _TEXTS and not isinstance(value, str):
            raise Junk(f"{field.name} of a {NOUNS[type(item)]} is {_a(value)}, not a string")
        if field.name in _FUNCTIONS and not callable(value):
            raise Junk(f"{field.name} of a {NOUNS[type(item)]} is {_a(value)}, not a function")
    aliases = getattr(item, "aliases", ())
    if not isinstance(aliases, tuple | list) or not all(isinstance(alias, str) for alias in aliases):
        raise Junk(f"aliases of a {NOUNS[type(item)]} are not a tuple of strings")


def _a(value: object) -> str:
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


def _shown(name: str) -> str:
    return f'"{neutralise_line(name)}"'
