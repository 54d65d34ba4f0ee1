"""What a chat begins with: where one is, what code can run in, and what to do when there is no key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core import __version__

if TYPE_CHECKING:
    from oi_core.session import Session

NAMED_LANGUAGES: Final = 2
WELL_KNOWN: Final = ("python", "shell")
"""The languages named first where there is no room for all."""


def first_screen(session: Session) -> str:
    """Return the lines above the first prompt."""
    lines = [_header(session)]
    if not session.has_key:
        lines += _without_key(session)
    return "\n".join(lines)


def _header(session: Session) -> str:
    names = sorted(session.languages, key=lambda name: (name not in WELL_KNOWN, name))
    more = f" (+{len(names) - NAMED_LANGUAGES}, /languages)" if len(names) > NAMED_LANGUAGES else ""
    languages = " ".join(names[:NAMED_LANGUAGES]) + more if names else "no languages (interpreter plugins list)"
    facts = [
        f"interpreter {__version__}",
        shown_folder(session.config.folder),
        languages,
        session.config.model,
        "/help",
    ]
    return " · ".join(facts)


def _without_key(session: Session) -> list[str]:
    variable = session.config.api_key_env
    ways = [
        (f"export {variable}=…", "then start again"),
        ("interpreter --base-url URL", "a local server, no key"),
        ("interpreter demo", "a tour, no key, no network"),
    ]
    width = max(len(way) for way, _ in ways)
    return [
        f"No API key found (looked at: {variable}, api-key-command).",
        *[f"  {way:{width}}  {what}" for way, what in ways],
    ]


def shown_folder(folder: Path) -> str:
    """Return a folder as people write it: ``~/shop``."""
    try:
        inside = folder.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return str(folder)
    return "~" if inside == Path() else f"~/{inside}"
