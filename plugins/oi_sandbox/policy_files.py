"""Files of a project that decide what runs later outside the sandbox: protected where they are, noticed when new."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

POLICY_FILES: Mapping[str, str] = {
    "pyproject.toml": "the interpreter reads its settings from it",
    ".envrc": "direnv runs it when you enter the folder",
    ".mise.toml": "mise runs what it names when you enter the folder",
    ".git/config": "git runs programs that it names",
    ".git/config.worktree": "git runs programs that it names",
    ".git/hooks": "git runs what is in it",
    ".pre-commit-config.yaml": "pre-commit runs what it names",
    ".husky": "git runs what is in it",
    ".vscode": "the editor runs tasks and settings in it",
    ".idea": "the editor runs tasks and settings in it",
    ".devcontainer": "the editor starts what it names",
    ".bashrc": "a shell runs it when it starts here",
    ".bash_profile": "a shell runs it when it starts here",
    ".profile": "a shell runs it when it starts here",
    ".zshrc": "a shell runs it when it starts here",
    ".zshenv": "a shell runs it when it starts here",
    ".gdbinit": "gdb runs it when it starts here",
    ".vimrc": "vim may run it when it starts here",
    ".exrc": "vim may run it when it starts here",
}
"""What decides, below a project's folder, and how."""

_MOVABLE = (".git", ".git/modules")
"""Folders that must not be moved away with what they hold."""
_MOST_FOLDERS = 200
_UNINTERESTING = (".sample",)

Fingerprint: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Appearance:
    """A file that decides what runs, and that was not there before, or is another one now."""

    path: Path
    meaning: str


def protected_paths(folder: Path) -> list[Path]:
    """Return what of a project's policy files exists now, as real paths that stay inside ``folder``."""
    places = [folder / name for name in POLICY_FILES]
    places += [path for module in _modules(folder) for path in (module / "config", module / "hooks")]
    git = folder / ".git"
    if git.is_file():  # of a worktree or a submodule: it says where the repository is
        places.append(git)
    return [place for place in places if os.path.lexists(place) and place.resolve() == place]


def fixed_folders(folder: Path) -> list[Path]:
    """Return the folders that hold protected files and must stay where they are, outermost first."""
    places = [folder / name for name in _MOVABLE] + _modules(folder)
    return [place for place in places if place.is_dir() and place.resolve() == place]


class PolicyWatch:
    """Looks for policy files that appear; one that does not exist cannot be protected."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._known = self._look()

    def appeared(self) -> list[Appearance]:
        """Return what appeared since the last look, or became another file."""
        before, self._known = self._known, self._look()
        return [
            Appearance(path, meaning)
            for path, (meaning, fingerprint) in self._known.items()
            if path not in before or before[path][1] != fingerprint
        ]

    def _look(self) -> dict[Path, tuple[str, Fingerprint]]:
        found: dict[Path, tuple[str, Fingerprint]] = {}
        for folder in self._folders:
            for place in (folder, *_subfolders(folder)):
                present = {entry.name for entry in _scan(place)}
                for name, meaning in POLICY_FILES.items():
                    if name.partition("/")[0] in present:
                        found.update((path, (meaning, _fingerprint(path))) for path in _files(place / name))
        return found


def _files(path: Path) -> Iterator[Path]:
    """Yield ``path`` when it is a file or a link, and what is in it when it is a folder."""
    if path.is_symlink() or not path.is_dir():
        if os.path.lexists(path):
            yield path
        return
    for entry in _scan(path):
        if not entry.name.endswith(_UNINTERESTING):
            yield Path(entry.path)


def _fingerprint(path: Path) -> Fingerprint:
    """Return what tells one file from another; a mere change of content does not, the person edits files, too."""
    try:
        status = path.lstat()
    except OSError:
        return (0, 0, 0)
    return (stat.S_IFMT(status.st_mode), status.st_mode & 0o111, status.st_size if path.is_symlink() else 0)


def _subfolders(folder: Path) -> list[Path]:
    return [Path(entry.path) for entry in _scan(folder) if entry.is_dir(follow_symlinks=False)][:_MOST_FOLDERS]


def _modules(folder: Path) -> list[Path]:
    return [Path(entry.path) for entry in _scan(folder / ".git/modules") if entry.is_dir(follow_symlinks=False)]


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)[: 4 * _MOST_FOLDERS]
    except OSError:
        return []
