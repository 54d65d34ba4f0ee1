"""A language for tests of the kit's part for Python: Python itself, as plainly as can be."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from oi_core.plugin_api import ChildTerminal

NAMES: dict[str, object] = {}


def run(code: str, terminal: ChildTerminal) -> None:
    """Run code; ``terminal`` is one of its names."""
    NAMES["terminal"] = terminal
    exec(compile(code, "<code>", "exec"), NAMES)
