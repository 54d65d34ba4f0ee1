"""What the system says of processes: session, group, what they wait for; nothing where there is no /proc."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

HAS_PROC = sys.platform == "linux"
_READ_CALLS = {"x86_64": ("0", "19"), "aarch64": ("63", "65"), "riscv64": ("63", "65"), "armv7l": ("3", "145")}
_STATE, _GROUP, _SESSION, _TERMINAL = 0, 2, 3, 4  # of /proc/PID/stat, counted after the name


def session_members(session: int) -> set[int]:
    """Return the processes of a session, without zombies."""
    return {pid for pid in _all_processes() if is_in_session(pid, session)}


def is_in_session(pid: int, session: int) -> bool:
    """Say whether ``pid`` is alive and belongs to ``session``."""
    fields = _stat(pid)
    return len(fields) > _SESSION and fields[_SESSION] == str(session) and fields[_STATE] not in "ZX"


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
    fields = _stat(pid)
    return len(fields) > _GROUP and fields[_GROUP] == str(group) and fields[_STATE] not in "ZX"


def waits_for_terminal(pid: int) -> bool | None:
    """Say whether a thread of ``pid`` is blocked in reading its terminal; None when the system does not tell."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return None if not HAS_PROC else False
    answers = {_reads_terminal(pid, thread) for thread in threads}
    return True if True in answers else None if None in answers else False


def _reads_terminal(pid: int, thread: Path) -> bool | None:
    call = _read(thread / "syscall").split()
    if len(call) > 1:
        reads = call[0] in _READ_CALLS.get(os.uname().machine, ())
        return reads and _is_terminal(pid, int(call[1], 16))
    if call:
        return False
    # Some kernels hide the call and show where it sleeps; of another user's process (sudo) both are hidden.
    where = _read(thread / "wchan")
    return True if where in ("n_tty_read", "tty_read") else None


def _is_terminal(pid: int, fd: int) -> bool:
    fields = _stat(pid)
    try:
        device = Path(f"/proc/{pid}/fd/{fd}").stat().st_rdev
    except OSError:
        return False
    return device == os.makedev(5, 0) or (len(fields) > _TERMINAL and device == _device(int(fields[_TERMINAL])))


def _device(number: int) -> int:
    """Return a device number of /proc/PID/stat, which packs it as the kernel does, the way ``os.stat`` gives it."""
    return os.makedev((number >> 8) & 0xFFF, (number & 0xFF) | ((number >> 12) & 0xFFF00))


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")] if HAS_PROC else []


def _stat(pid: int) -> list[str]:
    return _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
