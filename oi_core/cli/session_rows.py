"""Saved sessions as lines: what is saved is a stranger's text, and one line stays one line."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size

from oi_core.cli.first_screen import shown_folder
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.saved.reading import count_asked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oi_core.saved.store import StoredSession

LEAST_TITLE: Final = 8


def rows_of(sessions: Iterable[StoredSession], width: int, *, folders: bool = False) -> list[str]:
    """Return a line for each session: id, when it was last used, how long it is, its folder if wanted, its title."""
    rows = []
    for stored in sessions:
        asked = count_asked(stored.path)
        length = f"{asked:>3} {'turn ' if asked == 1 else 'turns'}"
        head = f"{stored.id}  {datetime.fromtimestamp(stored.changed):%Y-%m-%d %H:%M}  {length}"
        if folders:
            head += f"  {folder_of(stored)}"
        title = neutralise_line(stored.about.title) or "(no words)"
        rows.append(f"{head}  {cut(title, max(width - cell_len(head) - 2, LEAST_TITLE))}")
    return rows


def folder_of(stored: StoredSession) -> str:
    """Return the folder a session was begun in, as people write it."""
    from pathlib import Path

    return neutralise_line(shown_folder(Path(stored.about.folder))) if stored.about.folder else "?"


def cut(text: str, width: int) -> str:
    """Return a line that takes at most ``width`` columns; a mark says that it was cut."""
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"
