"""The reviewer of ``forbidden_commands``: blocks the commands on the person's list, however they are written.

A line of any code is blocked that equals an entry. In shell code, and in commands that Python gives to the system, a
command is blocked whose words equal an entry's, whatever the quotes, spaces, wrappers (``sudo``, ``env``), path or
backslash around them. It is a seat belt against accidents, not a wall: the boundary is the person's yes, and the
sandbox.
"""

from __future__ import annotations

from oi_core.plugin_api import CodeBlock, Policy, Review, Verdict, hookimpl
from oi_forbidden.entries import forbidden_entries
from oi_forbidden.inner_scripts import NestedTooDeeply
from oi_forbidden.reviewing import opinion_on

NEXT_STEP = "interpreter config explain forbidden-commands"


@hookimpl
def review_code(block: CodeBlock, policy: Policy) -> Review | None:
    """Block code that runs an entry of ``policy.forbidden_commands``, which is read afresh; else have no opinion.

    The list is used as it stands: the defaults are in it already, unless the person took them out.
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
