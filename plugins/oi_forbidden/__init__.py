"""The reviewer of code: blocks a person's ``forbidden_commands`` however they are written, and says what code would do.

A line of any code is blocked that equals an entry. In shell code, and in commands that Python gives to the system, a
command is blocked whose words equal an entry's, whatever the quotes, spaces, wrappers (``sudo``, ``env``), path or
backslash around them. All other code is read for its acts, and rules judge these. It is a seat belt against accidents,
not a wall: the boundary is the person's yes, and the sandbox.

The map, along the way of one block (:mod:`~oi_forbidden.reviewer`):

1. The person's list. :mod:`~oi_forbidden.entries` compares it with the commands that a fast reader finds
   (``shell_reader``, ``shell_scope``, ``shell_commands``, ``inner_scripts``, ``python_reader``, ``python_names``), in
   ``shell_entries``, ``python_entries`` and ``windows_entries``.
2. The reading. :mod:`~oi_forbidden.reading` lets readers follow the code and note *acts* (:mod:`~oi_forbidden.acts`):
   "deletes /srv, recursively, inside a loop". Acts carry labels of where a path (``places``) or an address (``hosts``)
   leads.

   - Shell: ``shell_tree`` parses, ``shell_walker`` walks the tree in the order of running, ``shell_runner`` follows one
     command with its ``shell_words``, ``shell_redirects`` and ``shell_state``; ``programs`` gives it to that
     program's reader, in ``programs_files``, ``programs_network`` and their like.
   - Python: ``python_review`` parses, ``python_scope`` collects bindings, ``python_evaluator`` works out what
     expressions are worth and where their data comes from, ``python_acts`` compares each call with the tables of
     ``python_calls``, ``python_network_calls`` and ``python_listed_calls``.
   - Source inside source goes to the reader of its language; ``other_code`` and ``windows_acts`` know some.

3. The judgement. :mod:`~oi_forbidden.rules` lists the rules, which are data: ``rules_files``, ``rules_secrets`` and so
   on, one module for each thing people fear. :mod:`~oi_forbidden.reviewing` makes the review's sentences of
   them, and :mod:`~oi_forbidden.effects` adds what is not asked about: hosts, packages, files elsewhere.

A new rule goes into the module of its category with code that it matches and code that it leaves; a new program's
reader into the ``programs_…`` module of its kind, named in ``READERS`` there.
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
