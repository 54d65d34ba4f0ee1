"""The trash of one project: a folder in the person's state folder, what is in it, and the way back."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core.errors import ConfigError, ExecutorError
from oi_core.toml_files.document import shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping


_CODE: Final = Path(__file__).with_name("moving.py")
_TOOL: Final = Path(__file__).parent / "bin" / "rm"


@dataclass(frozen=True, slots=True)
class Deleted:
    """Something in the trash: what it was called, when it was deleted (seconds since 1970), and where it lies now."""

    original: Path
    when: float
    item: Path


class Trash:
    """The trash of the project in ``project``; ``root`` is where those of all projects are, by default the person's."""

    def __init__(self, project: Path, root: Path | None = None) -> None:
        self.project = project.resolve()
        name = hashlib.sha256(os.fsencode(self.project)).hexdigest()[:16]
        self.folder = (root or user_trash_folder()) / name

    def prepare(self) -> None:
        """Make the folder, which nobody else may read.

        Raises:
            ExecutorError: it cannot be made: nothing is to be deleted in the belief that it can be had back.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ExecutorError(
                f"the trash cannot be made in {shown_path(self.folder)}: {error.strerror}", "or set trash = false"
            ) from None
        if not os.access(_TOOL, os.X_OK):  # the shell would go on to the real one without a word
            raise ExecutorError(f"the trash's own rm cannot be run: {_TOOL}", "reinstall oi-core, or set trash = false")

    def environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the variables with which a language process that has ``environment`` moves instead of deleting."""
        return {
            **environment,
            "PATH": os.pathsep.join([str(_TOOL.parent), environment.get("PATH") or os.defpath]),
            "OI_TRASH": str(self.folder.resolve()),
            "OI_TRASH_OF": str(self.project),
            "OI_TRASH_CODE": str(_CODE),
            "OI_TRASH_RM": str(_TOOL),
            "OI_TRASH_PYTHON": sys.executable,
        }

    def deleted(self) -> list[Deleted]:
        """Return what is in the trash, the newest first; what was interrupted while it was moved is left out."""
        found = []
        with suppress(OSError):
            for entry in self.folder.iterdir():
                with suppress(OSError, ValueError):
                    if entry.is_symlink():
                        continue
                    item = entry / "item"
                    original = Path(os.fsdecode((entry / "path").read_bytes()))
                    if os.path.lexists(item) and original.is_relative_to(self.project):
                        found.append(Deleted(original, int(entry.name.partition("-")[0]) / 1e9, item))
        return sorted(found, key=lambda each: each.item.parent.name, reverse=True)

    def restore(self, deleted: Deleted, destination: Path | None = None) -> Path:
        """Move something back to where it was, or to ``destination`` in the project; return where it is now.

        Raises:
            ConfigError: something is there, or a folder on the way leads out of the project; says what to do.
        """
        place = self.project / (destination or deleted.original)
        parent = place.parent.resolve()
        place = parent / place.name
        if not parent.is_relative_to(self.project) or place.name in ("", ".."):
            raise ConfigError(f"{place} is not in the project {self.project}", "/undo-delete N NAME, for a place in it")
        try:
            parent.mkdir(parents=True, exist_ok=True)
            _move_without_overwriting(deleted.item, place)
        except FileExistsError:
            name = place.relative_to(self.project)
            raise ConfigError(f"{name} exists, and is not overwritten", f"/undo-delete N {name}.deleted") from None
        except OSError as error:
            raise ConfigError(f"{place.name} cannot be moved back: {error.strerror or error}") from None
        shutil.rmtree(deleted.item.parent, ignore_errors=True)
        return place


def user_trash_folder() -> Path:
    """Return where the person's trash is kept."""
    from platformdirs import user_state_path

    return user_state_path("interpreter", appauthor=False) / "trash"


def _move_without_overwriting(item: Path, place: Path) -> None:
    """Move to a name that nothing has; the name is taken first, so that nothing made meanwhile is lost."""
    if item.is_dir() and not item.is_symlink():
        place.mkdir()
        try:
            item.rename(place)  # an empty folder gives way
        except OSError:
            place.rmdir()
            if os.path.lexists(place):
                raise
            shutil.copytree(item, place, symlinks=True)
        return
    if item.is_symlink():
        place.symlink_to(item.readlink())
        return
    try:
        os.link(item, place)
    except FileExistsError:
        raise
    except OSError:  # another file system, or one without links
        with place.open("xb"):
            pass
        shutil.copy2(item, place)
