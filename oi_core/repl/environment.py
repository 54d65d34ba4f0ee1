"""The environment of a language process: what it is given, and what every process needs all the same."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEEDED = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR", "TZ")


def complete_environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return ``given`` and what a working environment lacks then: a path, a home, a UTF-8 locale, a terminal type."""
    environment = {name: os.environ[name] for name in _NEEDED if name in os.environ} | dict(given)
    environment.setdefault("PATH", os.defpath)
    environment.setdefault("HOME", os.path.expanduser("~"))  # noqa: PTH111  (Path.home raises where this gives "~")
    if not any(environment.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG")):
        environment["LANG"] = "C.UTF-8"
    if environment.get("TERM", "dumb") in ("", "dumb", "unknown"):
        environment["TERM"] = "xterm-256color"
    return environment
