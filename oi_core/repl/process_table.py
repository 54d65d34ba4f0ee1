"""What the system says of processes: session, group, parent, terminal; nothing where there is no /proc."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

HAS_PROC = sys.platform == "linux"
_STATE, _PARENT, _TERMINAL = 0, 1, 4  # of /proc/PID/stat, counted after the name


def session_members(session: int) -> set[int]:
    """Return the processes of a session, without zombies."""
    return {pid for pid in _all_processes() if is_in_session(pid, session)}


def is_in_session(pid: int, session: int) -> bool:
    """Say whether ``pid`` is alive and belongs to ``session``."""
    try:
        return os.getsid(pid) == session and _is_alive(pid)
    except OSError:
        return False


def group_of(pid: int) -> int:
    """Return the process group of ``pid``, 0 when it has gone."""
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def ignores_hangup(pid: int) -> bool:
    """Say whether a process was started to outlive its terminal."""
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith("SigIgn:"):
            return bool(int(line.split()[1], 16) >> (signal.SIGHUP - 1) & 1)
    return False


def group_members(group: int) -> list[int]:
    """Return the processes of a group, without zombies; the one the group is named after comes first."""
    members = [pid for pid in _all_processes() if _is_in_group(pid, group)]
    return sorted(members, key=lambda pid: (pid != group, pid))


def _is_in_group(pid: int, group: int) -> bool:
    return group_of(pid) == group and _is_alive(pid)


def _is_alive(pid: int) -> bool:
    """Say whether a process is there and no zombie; read last, because it takes fifty times as long as its ids."""
    return _stat(pid)[:1] not in ([], ["Z"], ["X"])


def children(pid: int) -> set[int]:
    """Return the processes that ``pid`` started, without zombies."""
    return {
        child
        for child in _all_processes()
        if (fields := _stat(child))[_PARENT : _PARENT + 1] == [str(pid)] and fields[_STATE] not in "ZX"
    }


def terminal_of(pid: int) -> int:
    """Return the device number of the terminal that controls ``pid``, 0 when there is none."""
    fields = _stat(pid)
    if len(fields) <= _TERMINAL:
        return 0
    number = int(fields[_TERMINAL])  # packed as the kernel does, which is not how os.stat gives it
    return os.makedev((number >> 8) & 0xFFF, (number & 0xFF) | ((number >> 12) & 0xFFF00)) if number else 0


def _all_processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()] if HAS_PROC else []  # noqa: PTH208  (faster)


def _stat(pid: int) -> list[str]:
    return _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
