"""One block's review: the person's forbidden commands first, then the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oi_core.plugin_api import Review, Verdict
from oi_forbidden.entries import forbidden_entries
from oi_forbidden.inner_scripts import NestedTooDeeply
from oi_forbidden.reviewing import opinion_on

if TYPE_CHECKING:
    from oi_core.plugin_api import CodeBlock, Policy

NEXT_STEP: Final = "interpreter config explain forbidden-commands"


def review(block: CodeBlock, policy: Policy) -> Review | None:
    """Block code that runs an entry of ``policy.forbidden_commands``, which is read afresh; else judge it by the rules.

    The list is used as it stands: the defaults are in it already, unless the person took them out. None means that the
    block's language cannot be read here, and nothing was found in it.
    """
    entries = policy.forbidden_commands
    entries = (entries,) if isinstance(entries, str) else tuple(entries)
    for entry in entries:
        if not isinstance(entry, str):
            return Review(Verdict.BLOCK, f"forbidden_commands holds {entry!r}, which is not text · {NEXT_STEP}")
    try:
        match = forbidden_entries(entries).first_in(block)
    except (NestedTooDeeply, RecursionError):
        return Review(Verdict.ASK, "nests too deeply to be compared with the forbidden commands")
    if match is None:
        return opinion_on(block, policy.folder, entries)
    return Review(Verdict.BLOCK, f'line {match.line} is the forbidden command "{match.entry}" · {NEXT_STEP}')
