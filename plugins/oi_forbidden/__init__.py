"""The reviewer of code: blocks a person's ``forbidden_commands`` however they are written, and says what code would do.

A line of any code is blocked that equals an entry. In shell code, and in commands that Python gives to the system, a
command is blocked whose words equal an entry's, whatever the quotes, spaces, wrappers (``sudo``, ``env``), path or
backslash around them. All other code is read for its acts, and rules judge these. It is a seat belt against accidents,
not a wall: the boundary is the person's yes, and the sandbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oi_core.plugin_api import hookimpl

if TYPE_CHECKING:
    from oi_core.plugin_api import CodeBlock, Policy, Review


@hookimpl
def review_code(block: CodeBlock, policy: Policy) -> Review | None:
    """Block what the person forbade, ask about what a rule names; see :func:`oi_forbidden.reviewer.review`."""
    from oi_forbidden.reviewer import review  # the readers and rules take as long to load as the program: not at start

    return review(block, policy)
