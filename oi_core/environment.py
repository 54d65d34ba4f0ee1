"""The environment variables that language processes get: the person's usual ones, none that holds a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


HELD_BACK = (
    *("*_KEY", "*_KEYS", "*_KEY_ID", "*_KEY_BASE64", "*APIKEY", "KEY", "*_PRIVATE_KEY*"),
    *("*TOKEN", "*TOKENS", "*_TOKEN_*", "*SECRET", "*SECRETS", "*_SECRET_*", "*PASSWORD", "*PASSWD", "*PASSPHRASE"),
    *("*_PASS", "*_PWD", "*_CREDENTIAL", "*_CREDENTIALS", "*_CREDENTIALS_*", "*_AUTH", "*_COOKIE", "*_PAT"),
    *("*_DSN", "*_CONNECTION_STRING", "*_WEBHOOK", "*_WEBHOOK_URL", "AWS_SESSION*", "INTERPRETER_*"),
)
"""Names that look like secrets, whichever program they are for: code has no use for them, and could send them away."""

_PASSWORD_IN_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
_LOGIN_IN_HEADER = re.compile(r"\bauthorization\s*:", re.IGNORECASE)  # GIT_CONFIG_VALUE_0 in a build job
_LOGIN_IN_URL = re.compile(r"https?://[^/\s:@]{20,}@", re.IGNORECASE)  # a token in the place of a user's name


@dataclass(frozen=True, slots=True)
class Passage:
    """Whether language processes get a variable, and why or why not in words."""

    name: str
    passes: bool
    reason: str


@cache
def usual_variables() -> tuple[str, ...]:
    """Return the patterns of ``usual_variables.txt``: the variables that programs of every language look for."""
    lines = Path(__file__).with_name("usual_variables.txt").read_text("utf-8").splitlines()
    return tuple(word for line in lines if not line.startswith("#") for word in line.split())


def language_environment(
    environ: Mapping[str, str], env_pass: Sequence[str] = (), secrets: Collection[str] = ()
) -> dict[str, str]:
    """Return what of ``environ`` a language process gets.

    ``env_pass`` has the names or patterns that the person lets through besides the usual ones; ``secrets`` names
    variables that hold a secret whatever they are called.
    """
    passages = explain_environment(environ, env_pass, secrets)
    return {passage.name: environ[passage.name] for passage in passages if passage.passes}


def explain_environment(
    environ: Mapping[str, str], env_pass: Sequence[str] = (), secrets: Collection[str] = ()
) -> list[Passage]:
    """Return for each variable of ``environ``, in its order, whether language processes get it and why."""
    return [explain_variable(name, value, env_pass, secrets) for name, value in environ.items()]


def explain_variable(name: str, value: str, env_pass: Sequence[str] = (), secrets: Collection[str] = ()) -> Passage:
    """Return whether language processes get the variable ``name``, and why or why not.

    A name that looks like a secret passes only when ``env_pass`` has it, or a pattern that begins with letters of it:
    ``GITHUB_*`` lets ``GITHUB_TOKEN`` through, ``*`` does not.
    """
    if name in env_pass:
        return Passage(name, True, "env-pass names it")
    if name in secrets:
        return Passage(name, False, f'held back, it holds the key of the model; env-pass = ["{name}"] lets it through')
    named = _match(name, (pattern for pattern in env_pass if pattern[:1] not in "*?["))
    if named:
        return Passage(name, True, f"env-pass has {named}")
    if secret := _match(name.upper(), HELD_BACK):
        return Passage(
            name, False, f'held back, it looks like a secret ({secret}); env-pass = ["{name}"] lets it through'
        )
    if any(login.search(value) for login in (_PASSWORD_IN_URL, _LOGIN_IN_URL, _LOGIN_IN_HEADER)):
        return Passage(name, False, f'held back, its value has a login in it; env-pass = ["{name}"] lets it through')
    if wide := _match(name, env_pass):
        return Passage(name, True, f"env-pass has {wide}")
    if usual := _match(name, usual_variables()):
        return Passage(name, True, "a usual variable" if usual == name else f"a usual variable ({usual})")
    return Passage(name, False, f'not a usual variable; env-pass = ["{name}"] lets it through')


def _match(name: str, patterns: Iterable[str]) -> str:
    """Return the first pattern that fits the whole name, or nothing."""
    return next((pattern for pattern in patterns if fnmatchcase(name, pattern)), "")
