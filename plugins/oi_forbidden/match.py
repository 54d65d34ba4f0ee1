"""A forbidden command found in code."""

from __future__ import annotations

from typing import NamedTuple


class Match(NamedTuple):
    """The line, counted from 1, and the entry of ``forbidden_commands`` that it runs."""

    line: int
    entry: str
