"""What a chat begins with: where one is, what code can run in, and which model answers."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core import __version__

if TYPE_CHECKING:
    from oi_core.session import Session

NAMED_LANGUAGES: Final = 2
WELL_KNOWN: Final = ("python", "shell")
"""The languages named first where there is no room for all."""


def first_screen(session: Session) -> str:
    """Return the line above the first prompt."""
    names = sorted(session.languages, key=lambda name: (name not in WELL_KNOWN, name))
    more = f" (+{len(names) - NAMED_LANGUAGES}, /languages)" if len(names) > NAMED_LANGUAGES else ""
    languages = " ".join(names[:NAMED_LANGUAGES]) + more if names else "no languages (interpreter plugins list)"
    facts = [
        f"interpreter {__version__}",
        shown_folder(session.config.folder),
        languages,
        session.config.model,
    ]
    width = shutil.get_terminal_size().columns - 1
    lines = _folded(facts, width)
    with_help = _folded([*facts, "/help"], width)
    return "\n  ".join(with_help if len(with_help) == len(lines) else lines)


def _folded(facts: list[str], width: int) -> list[str]:
    """Return the facts in lines that break between two of them, as far as they fit."""
    lines = [facts[0]]
    for fact in facts[1:]:
        if len(lines[-1]) + len(fact) + 5 > width:
            lines.append(fact)
        else:
            lines[-1] += f" · {fact}"
    return lines


def shown_folder(folder: Path) -> str:
    """Return a folder as people write it: ``~/shop``."""
    try:
        inside = folder.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return str(folder)
    return "~" if inside == Path() else f"~/{inside}"
