"""A saved session as a Python script: the code that ran, in cells that editors know; what is not Python as comments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from oi_core.messages import UserMessage
from oi_core.saved.archive import Run, is_request
from oi_core.saved.markdown import fence_language
from oi_core.saved.order import Call, in_order

if TYPE_CHECKING:
    from oi_core.messages import CodeBlock
    from oi_core.saved.archive import SavedSession

MAGIC = ("%", "!")


def as_script(saved: SavedSession) -> str:
    """Return the code that ran as a script, what was asked for above it."""
    parts = [commented(saved.about.title or "a session")]
    for step in in_order(saved):
        if isinstance(step, UserMessage) and is_request(step):
            parts.append(commented(step.text))
        elif isinstance(step, Call | Run) and (block := step.ran()) is not None:
            parts.append(_cell(block))
    return "\n\n".join(parts) + "\n"


def _cell(block: CodeBlock) -> str:
    if block.language != "python":
        return f"# %% [{fence_language(block.language)}]\n{commented(block.code)}"
    lines = block.code.rstrip("\n").split("\n")
    if not _is_python(block.code):
        lines = [f"# {line}" if line.lstrip().startswith(MAGIC) else line for line in lines]
    code = "\n".join(lines)
    return f"# %%\n{code if _is_python(code) else commented(block.code)}"


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def commented(text: str) -> str:
    """Return every line of a text as a comment, whatever ends its lines; no comment holds a NUL."""
    return "\n".join(
        f"# {line}".rstrip() for line in text.replace("\0", "\N{REPLACEMENT CHARACTER}").splitlines() or [""]
    )
