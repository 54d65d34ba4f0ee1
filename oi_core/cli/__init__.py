"""The command ``interpreter``: from the argument vector to an exit code; nothing is imported before it is needed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, without its name; default: those of the process. Returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if sys.platform == "win32":
        sys.stderr.write(
            "interpreter: native Windows has no pseudo-terminals that it could run languages on: install WSL "
            "(wsl --install) and run interpreter inside it\n"
        )
        return 2
    from oi_core.cli.program import run

    return run(words)
