"""The environment variables that language processes get: the person's own, without the secrets."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HELD_BACK = (
    "*_KEY",
    "*_TOKEN",
    "*_SECRET",
    "*_PASSWORD",
    "*_CREDENTIALS",
    "*_API_KEYS",
    "*_ACCESS_KEY_ID",
    "AWS_SESSION*",
    "INTERPRETER_*",
)
"""Names that look like secrets: a program a model wrote has no use for them, and could send them away."""


def language_environment(environ: Mapping[str, str], env_pass: Sequence[str] = ()) -> dict[str, str]:
    """Return what of ``environ`` a language process gets; names or patterns in ``env_pass`` are let through."""
    return {name: value for name, value in environ.items() if not _held_back(name) or _matches(name, env_pass)}


def _held_back(name: str) -> bool:
    return _matches(name.upper(), HELD_BACK)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
