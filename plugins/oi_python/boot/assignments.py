"""Boot text, loaded when the setting asks for it: the value of a last assignment is shown, too."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives


def show_assignment(tree: Any) -> None:
    """Add the expression that shows what the last statement assigned to, when that is a name, or some."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, (ast.Assign, ast.AnnAssign, ast.AugAssign)) or last.value is None:
        return
    target = last.targets[-1] if isinstance(last, ast.Assign) else last.target
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
    if all(isinstance(part, ast.Name) for part in parts):
        shown = ast.parse(", ".join(getattr(part, "id", "") for part in parts)).body[0]
        tree.body.append(ast.copy_location(shown, last))
