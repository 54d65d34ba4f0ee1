"""All rules of the reviewer, in the order in which they are tried."""

from __future__ import annotations

from functools import lru_cache

from oi_forbidden import rules_access, rules_files, rules_system
from oi_forbidden.rule import Rulebook


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    """Return the rules, indexed; made when the first code is reviewed."""
    return Rulebook((*rules_files.RULES, *rules_system.RULES, *rules_access.RULES))
