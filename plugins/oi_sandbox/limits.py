"""How much sandboxed code may use: memory, processes, the size of a file."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from oi_sandbox.settings import SandboxSettings

_GB = 10**9
_MEMORY_SHARE = 0.75
_DISK_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of memory, processes, and bytes of one file; 0 is no limit."""

    memory: int
    processes: int
    file_size: int


def limits(settings: SandboxSettings, folder: Path) -> Limits:
    """Return the limits in force for code in ``folder``: the person's, else shares of what the machine has."""
    memory = _bytes(settings.memory_gb, lambda: int(_physical_memory() * _MEMORY_SHARE))
    file_size = _bytes(settings.file_gb, lambda: int(shutil.disk_usage(folder).free * _DISK_SHARE))
    return Limits(memory, settings.processes, file_size)


def counts_each_sandbox() -> bool:
    """Whether the system counts the processes of a user namespace by themselves: Linux does from 5.14 on."""
    numbers = os.uname().release.split(".")[:2]
    return all(part.isdigit() for part in numbers) and tuple(map(int, numbers)) >= (5, 14)


def shell_commands(limits: Limits) -> list[str]:
    """Return the commands of any shell that set the limits for itself and all that it starts, but for processes.

    Memory is limited as writable private memory (``RLIMIT_DATA``), which programs feel as a failed allocation; the
    address space is not, because many reserve far more of it than they use.
    """
    commands = ["ulimit -c 0"]
    if limits.memory:
        commands.append(f"ulimit -d {limits.memory // 1024}")
    if limits.file_size:
        commands.append(f"ulimit -f {limits.file_size // 512}")  # POSIX counts blocks of 512 bytes
    return commands


def _bytes(gigabytes: float | None, default: Callable[[], int]) -> int:
    return default() if gigabytes is None else int(gigabytes * _GB)


def _physical_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
