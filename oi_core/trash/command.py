"""``/undo-delete``: list what code deleted in the project, and have it back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.commands import Command
from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.toml_files.document import shown_path

if TYPE_CHECKING:
    from oi_core.session import Session
    from oi_core.trash.folder import Deleted, Trash

SHOWN = 20


def undo_delete(session: Session, arguments: str) -> str:
    """List what is in the trash, or restore the entry of a number, perhaps under another name.

    Raises:
        ConfigError: there is no such entry, or its place is taken.
    """
    from oi_core.trash.folder import Trash

    trash = Trash(session.config.folder)
    deleted = trash.deleted()
    number, _, name = arguments.strip().partition(" ")
    if not number:
        return _listing(trash, deleted, is_on=session.config.trash)
    if not number.isdecimal() or not 1 <= int(number) <= len(deleted):
        last = f"1 to {len(deleted)}; 1 is the newest" if deleted else "nothing is there"
        raise ConfigError(f"there is no {number} in the trash", f"/undo-delete lists it: {last}")
    place = trash.restore(deleted[int(number) - 1], Path(name.strip()) if name.strip() else None)
    return f"{neutralise_line(str(place.relative_to(trash.project)))} is back."


def _listing(trash: Trash, deleted: list[Deleted], *, is_on: bool) -> str:
    if not deleted:
        return "Nothing is in the trash." if is_on else "Nothing is in the trash; trash = true has code use it."
    rows = [
        f"{number:>3}  {time.strftime('%Y-%m-%d %H:%M', time.localtime(each.when))}  {_name(each, trash)}"
        for number, each in enumerate(deleted[:SHOWN], 1)
    ]
    more = [f"     and {len(deleted) - SHOWN} older"] if len(deleted) > SHOWN else []
    return "\n".join([*rows, *more, f"/undo-delete N puts one back · the trash is {shown_path(trash.folder)}"])


def _name(deleted: Deleted, trash: Trash) -> str:
    mark = "/" if deleted.item.is_dir() and not deleted.item.is_symlink() else ""
    return neutralise_line(f"{deleted.original.relative_to(trash.project)}{mark}")


UNDO_DELETE = Command("undo-delete", "list what code moved to the trash, or put one back: /undo-delete N", undo_delete)
