"""All rules of the reviewer, in the order in which they are tried."""

from __future__ import annotations

from functools import lru_cache

from oi_forbidden import (
    rules_code,
    rules_files,
    rules_machine,
    rules_network,
    rules_others,
    rules_persistence,
    rules_privileges,
    rules_secrets,
    rules_traces,
    rules_written,
)
from oi_forbidden.rule import Rulebook


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    """Return the rules, indexed; made when the first code is reviewed."""
    return Rulebook(
        (
            *rules_files.RULES,
            *rules_machine.RULES,
            *rules_privileges.RULES,
            *rules_persistence.RULES,
            *rules_traces.RULES,
            *rules_others.RULES,
            *rules_written.RULES,
            *rules_secrets.RULES,
            *rules_network.RULES,
            *rules_code.RULES,
        )
    )
