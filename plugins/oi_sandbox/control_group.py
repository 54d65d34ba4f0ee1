"""A control group of the kernel for the processes of one sandbox: how many there may be, and their memory together.

Versions 1 and 2 of the interface, as the kernel's ``admin-guide/cgroup-v1`` and ``admin-guide/cgroup-v2.rst`` tell it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_sandbox.limits import Limits

_PREFIX = "interpreter-"
_LIMIT_FILES = {("pids", 1): "pids.max", ("pids", 2): "pids.max"}
_LIMIT_FILES |= {("memory", 1): "memory.limit_in_bytes", ("memory", 2): "memory.max"}
_REMOVAL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A place where this process may make a group, and the controllers that it will have there."""

    parent: Path
    version: int
    controllers: frozenset[str]


class ControlGroup:
    """The groups of one sandbox, one in each hierarchy; made at once, and removed with :meth:`remove`."""

    def __init__(self, limits: Limits, hierarchies: tuple[Hierarchy, ...]) -> None:
        self._wanted = {"pids": limits.processes, "memory": limits.memory}
        self._folders: list[Path] = []
        self.limits_processes = False
        self.limits_memory = False
        for hierarchy in hierarchies:
            with contextlib.suppress(OSError):
                self._make(hierarchy)

    @property
    def entrances(self) -> list[Path]:
        """The files that a process with one thread writes 0 to in order to enter.

        To move a process costs the kernel 10 ms and more; version 1 can move a thread that moves itself for nothing.
        """
        tasks = [(folder / "tasks", folder / "cgroup.procs") for folder in self._folders]
        return [alone if alone.exists() else whole for alone, whole in tasks]

    def remove(self) -> None:
        """Kill what is left in the groups, and remove them; what cannot be removed now is left to the next session."""
        deadline = time.monotonic() + _REMOVAL_SECONDS
        while self._folders and time.monotonic() < deadline:
            for folder in list(self._folders):
                _kill_members(folder)
                if _is_gone(folder):
                    self._folders.remove(folder)
            if self._folders:
                time.sleep(0.01)

    def _make(self, hierarchy: Hierarchy) -> None:
        wanted = {name: self._wanted[name] for name in hierarchy.controllers if self._wanted[name]}
        if not wanted:
            return
        folder = hierarchy.parent / f"{_PREFIX}{os.getpid()}-{id(self):x}"
        folder.mkdir()
        self._folders.append(folder)
        for name, limit in wanted.items():
            (folder / _LIMIT_FILES[name, hierarchy.version]).write_text(str(limit), "ascii")
            self.limits_processes |= name == "pids"
            self.limits_memory |= name == "memory"


def usable_hierarchies() -> tuple[Hierarchy, ...]:
    """Return where this process may make groups that limit processes or memory."""
    mounts = list(_mounts())
    found = []
    for line in _lines(Path("/proc/self/cgroup")):
        _, names, path = line.split(":", 2)
        controllers = frozenset(names.split(",")) & {"pids", "memory"}
        for mount in mounts:
            if names and mount.version == 1 and controllers & mount.controllers:
                found += _own_folder(mount, path, controllers)
            elif not names and mount.version == 2:
                found += _delegated(mount, path)
    return tuple(found)


def sweep(hierarchies: tuple[Hierarchy, ...]) -> None:
    """Remove the groups of sessions that were killed before they could."""
    for hierarchy in hierarchies:
        for folder in hierarchy.parent.glob(f"{_PREFIX}*-*"):
            owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if owner.isdigit() and not Path("/proc", owner).exists():
                _is_gone(folder)


@dataclass(frozen=True, slots=True)
class _Mount:
    root: str
    folder: Path
    version: int
    controllers: frozenset[str]


def _mounts() -> Iterator[_Mount]:
    for line in _lines(Path("/proc/self/mountinfo")):
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind in ("cgroup", "cgroup2"):
            root, folder = before.split(" ")[3:5]
            yield _Mount(root, Path(folder), 2 if kind == "cgroup2" else 1, frozenset(options.split(",")))


def _own_folder(mount: _Mount, path: str, controllers: frozenset[str]) -> list[Hierarchy]:
    folder = _place(mount, path)
    usable = folder is not None and os.access(folder, os.W_OK)
    return [Hierarchy(folder, 1, controllers)] if folder is not None and usable else []


def _delegated(mount: _Mount, path: str) -> list[Hierarchy]:
    """Return the nearest folder upward in which a group gets controllers and a process may be moved.

    A group with processes of its own hands no controllers down, and a move needs the right to write in the folder that
    is common to both ends.
    """
    folder = _place(mount, path)
    while folder is not None and folder.is_relative_to(mount.folder):
        if os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK):
            handed_down = " ".join(_lines(folder / "cgroup.subtree_control")).split()
            if controllers := frozenset(handed_down) & {"pids", "memory"}:
                return [Hierarchy(folder, 2, controllers)]
        folder = folder.parent
    return []


def _place(mount: _Mount, path: str) -> Path | None:
    """Return where the group ``path`` is below a mount that may show only a part of the hierarchy."""
    if mount.root == "/":
        return mount.folder / path.lstrip("/")
    if path == mount.root or path.startswith(mount.root + "/"):
        return mount.folder / path.removeprefix(mount.root).lstrip("/")
    return None


def _kill_members(folder: Path) -> None:
    for pid in _lines(folder / "cgroup.procs"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(int(pid), signal.SIGKILL)


def _is_gone(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        folder.rmdir()
    return not folder.exists()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
