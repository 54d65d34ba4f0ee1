"""Completion of ``@`` paths: what the folder of the path typed so far holds, looked at quickly."""

from __future__ import annotations

import fnmatch
import os
import re
import time
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

MOST_SCANNED: Final = 50_000
"""Entries of one folder; listing takes no more of them, whatever it holds."""
MOST_SECONDS: Final = 0.3
MOST_OFFERED: Final = 200
LEAST_SOUGHT: Final = 2
"""Characters of a name that is looked for in all of the project."""
MOST_DEEPER: Final = 50
GITIGNORE_BYTES: Final = 64_000
NEVER_OFFERED: Final = (".git", ".", "..")

_OPEN: Final = re.compile(
    r"""(?<![\w@])@(?: "(?P<double>[^"\n]*) | '(?P<single>[^'\n]*) | (?P<bare>(?:\\.|[^\s\\"'])*) )$""", re.VERBOSE
)
_SPECIAL: Final = re.compile(r"""([\s\\"'])""")


class PathCandidate(NamedTuple):
    """What could stand for the last ``length`` characters typed, and how it is shown in a list."""

    text: str
    length: int
    shown: str


def path_candidates(text: str, folder: Path) -> Iterator[PathCandidate]:
    """Yield what the ``@`` path at the end of a text could go on with; nothing when there is none.

    Folders end in a slash. Hidden files are offered after a dot, files that git ignores when there is nothing else. A
    name that nothing in the project's folder begins with is looked for further down.
    """
    mention = _OPEN.search(text)
    if mention is None:
        return
    quote = '"' if mention["double"] is not None else "'" if mention["single"] is not None else ""
    typed = mention["double"] or mention["single"] or mention["bare"] or ""
    cut = typed.rfind("/") + 1
    head, tail = typed[:cut], typed[cut:]
    if not quote:
        head, tail = (re.sub(r"\\(.)", r"\1", part) for part in (head, tail))
    names = offered_names(_folder_of(head, folder), tail, folder)
    if not names and not head and len(tail) >= LEAST_SOUGHT:
        names = deeper_names(tail, folder)
    for name in names:
        if quote and quote in name.removesuffix("/"):
            continue
        here = "./" if name.startswith("~") and not head else ""  # by itself it would be somebody's home
        yield PathCandidate(here + (name if quote else _SPECIAL.sub(r"\\\1", name)), len(typed) - cut, name)


def offered_names(place: Path, beginning: str, project: Path) -> list[str]:
    """Return the names in a folder that begin so, those of folders with a slash; in any case when none fits exactly."""
    entries = _entries(place, time.monotonic() + MOST_SECONDS)
    hidden = beginning.startswith(".")
    for fits in (_begins_with(beginning), _begins_with_in_any_case(beginning)):
        found = [entry for entry in entries if fits(entry.name) and (hidden or not entry.name.startswith("."))]
        if found:
            is_ignored = _ignored(project)
            kept = [entry for entry in found if not is_ignored(entry.name)] or found
            return [_with_slash(entry) for entry in sorted(kept, key=lambda entry: entry.name)[:MOST_OFFERED]]
    return []


def deeper_names(beginning: str, project: Path) -> list[str]:
    """Return paths below the project whose names begin so, in any case, the nearest first; links are not followed."""
    deadline = time.monotonic() + MOST_SECONDS
    fits, is_ignored = _begins_with_in_any_case(beginning), _ignored(project)
    found: list[str] = []
    level = [""]
    while level and len(found) < MOST_DEEPER and time.monotonic() < deadline:
        below: list[str] = []
        for path in level:
            for entry in sorted(_entries(project / path, deadline), key=lambda entry: entry.name):
                if not entry.name.startswith(".") and not is_ignored(entry.name):
                    found += [path + _with_slash(entry)] if fits(entry.name) else []
                    below += [f"{path}{entry.name}/"] if _is_folder(entry) else []
        level = below
    return found[:MOST_DEEPER]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _folder_of(head: str, folder: Path) -> Path:
    try:
        return folder / os.path.expanduser(head)  # noqa: PTH111  (pathlib takes "./~" for a home)
    except ValueError:  # a name that no folder can have
        return folder / head


def _entries(place: Path, deadline: float) -> Sequence[os.DirEntry[str]]:
    """Return what a folder holds, as far as that can be told in time, but for names nobody can type."""
    found: list[os.DirEntry[str]] = []
    try:
        with os.scandir(place) as entries:
            for entry in islice(entries, MOST_SCANNED):
                if entry.name not in NEVER_OFFERED and entry.name.isprintable():
                    found.append(entry)
                if time.monotonic() > deadline:
                    break
    except (OSError, ValueError):  # no such folder, none of the person's, or no such name
        return found
    return found


def _begins_with(beginning: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(beginning)


def _begins_with_in_any_case(beginning: str) -> Callable[[str], bool]:
    folded = beginning.casefold()
    return lambda name: name.casefold().startswith(folded)


def _with_slash(entry: os.DirEntry[str]) -> str:
    try:
        return f"{entry.name}/" if entry.is_dir() else entry.name
    except OSError:
        return entry.name


def _ignored(project: Path) -> Callable[[str], bool]:
    """Return whether a name is one of those that the simple lines of ``.gitignore`` leave out: names and ``*.ext``."""
    try:
        with (project / ".gitignore").open(encoding="utf-8", errors="replace") as file:
            lines = file.read(GITIGNORE_BYTES).splitlines()
    except OSError:
        return lambda _name: False
    patterns = [line.strip().strip("/") for line in lines if not line.startswith(("#", "!"))]
    wanted = [fnmatch.translate(pattern) for pattern in patterns if pattern and "/" not in pattern]
    matches = re.compile("|".join(wanted) or r"(?!)").match
    return lambda name: matches(name) is not None
