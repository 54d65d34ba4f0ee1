"""Whether a process waits for its terminal: from the system call that each of its threads is blocked in.

Reading the terminal is waiting for it. To poll it is, too, unless something else could end the wait as well: a program
that serves connections, or passes a terminal on, listens to the keyboard without asking for anything.
"""

from __future__ import annotations

import enum
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from oi_core.repl import process_table

PASSING_SECONDS = 1.0
"""A wait that ends by itself sooner is a look in passing: a program polls the keyboard while it does something else."""
_LARGEST_SET = 4096
_READABLE = 0x1 | 0x2 | 0x40  # POLLIN, POLLPRI, POLLRDNORM; EPOLLIN and its kin are the same


class Waiting(enum.Enum):
    """What a process, or one thread of it, does about its terminal."""

    NOT = "it does not wait for the terminal"
    PASSES_ON = "it passes keys on to another terminal, or over a connection"
    HIDDEN = "the system does not tell"
    IN_PASSING = "it looks at the terminal for a moment"
    FOR_TERMINAL = "it waits for the terminal"


class Mode(enum.Enum):
    """What a terminal does with the keys it gets."""

    LINES = "it edits lines"
    KEYS = "it hands out single keys, and turns the interrupt key into a signal"
    EVERY_KEY = "it hands out every key: whoever set that may pass them on"


_WEIGHT = {waiting: weight for weight, waiting in enumerate(Waiting)}


class Call(enum.Enum):
    """A system call in which a program can wait for a terminal or a connection."""

    READ = enum.auto()
    RECEIVE = enum.auto()
    POLL = enum.auto()
    PPOLL = enum.auto()
    SELECT = enum.auto()
    PSELECT = enum.auto()
    EPOLL = enum.auto()
    EPOLL_PWAIT2 = enum.auto()


# From the kernel's arch/*/entry/syscalls tables and include/uapi/asm-generic/unistd.h, which arm64 and riscv64 share.
_GENERIC = {
    63: Call.READ,
    65: Call.READ,
    207: Call.RECEIVE,
    212: Call.RECEIVE,
    72: Call.PSELECT,
    73: Call.PPOLL,
    22: Call.EPOLL,
    441: Call.EPOLL_PWAIT2,
}
_X86_64 = {
    0: Call.READ,
    19: Call.READ,
    45: Call.RECEIVE,
    47: Call.RECEIVE,
    7: Call.POLL,
    271: Call.PPOLL,
    23: Call.SELECT,
    270: Call.PSELECT,
    232: Call.EPOLL,
    281: Call.EPOLL,
    441: Call.EPOLL_PWAIT2,
}
_CALLS = {"x86_64": _X86_64, "aarch64": _GENERIC, "riscv64": _GENERIC, "armv7l": {3: Call.READ, 145: Call.READ}}


@dataclass(frozen=True, slots=True)
class _Wait:
    """The descriptors that a polling call waits for, and for how many seconds at most, None for ever."""

    fds: frozenset[int]
    seconds: float | None
    is_event_loop: bool = False
    """Whether it is a program's whole world that is waited for, and not what was put together for this one wait."""


def waiting_of(pid: int, mode: Mode) -> Waiting:
    """Say what ``pid`` does about its terminal."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return Waiting.NOT if process_table.HAS_PROC else Waiting.HIDDEN
    answers = (_thread_waiting(pid, thread, mode is Mode.LINES) for thread in threads)
    waiting = max(answers, key=_WEIGHT.__getitem__, default=Waiting.NOT)
    takes_input = waiting in (Waiting.IN_PASSING, Waiting.FOR_TERMINAL)
    if takes_input and mode is Mode.EVERY_KEY:
        if any(_awaits_others(pid, thread) for thread in threads):
            return Waiting.PASSES_ON
        if len(threads) > 1:  # one that is busy just now may wait for the others next
            return Waiting.IN_PASSING
    return waiting


def _thread_waiting(pid: int, thread: Path, edits_lines: bool) -> Waiting:
    try:
        call, words = _blocked_in(thread)
        if call is None or call is Call.RECEIVE:
            return Waiting.NOT
        if call is Call.READ:
            return Waiting.FOR_TERMINAL if _is_terminal(pid, words[0]) else Waiting.NOT
        return _polling(pid, _wait_of(pid, call, words), edits_lines)
    except PermissionError:
        return _waiting_by_place(thread)
    except (OSError, struct.error, ValueError):
        return Waiting.NOT  # it has ended, or gone on meanwhile


def _blocked_in(thread: Path) -> tuple[Call | None, list[int]]:
    """Return the call that a thread is blocked in, None when no input could end it, and its arguments.

    Raises:
        OSError, ValueError: it has ended, or the system does not tell.
    """
    number, *arguments = (thread / "syscall").read_text("ascii").split()
    call = _CALLS.get(os.uname().machine, {}).get(int(number)) if arguments else None
    return call, [int(word, 16) for word in arguments]


def _awaits_others(pid: int, thread: Path) -> bool:
    """Say whether a thread waits for a connection to another program, and not in an event loop with the terminal.

    Such a program passes keys on, as ``docker run -it`` does: one thread reads them, another what comes back.
    """
    try:
        call, words = _blocked_in(thread)
        if call is None:
            return False
        is_single = call in (Call.READ, Call.RECEIVE)
        wait = _Wait(frozenset(words[:1]), None) if is_single else _wait_of(pid, call, words)
        if wait.is_event_loop and any(_is_terminal(pid, fd) for fd in wait.fds):
            return False
        sockets = [link for fd in wait.fds if (link := _link(pid, fd)).startswith("socket:[")]
        return bool(sockets) and not _all_own(pid, sockets)
    except (OSError, struct.error, ValueError):
        return False


def _waiting_by_place(thread: Path) -> Waiting:
    """Go by where a thread sleeps: some kernels hide the call only, and of another user's process (sudo) both."""
    try:
        where = (thread / "wchan").read_text("ascii", "replace")
    except PermissionError:
        return Waiting.HIDDEN
    except OSError:
        return Waiting.NOT
    return Waiting.FOR_TERMINAL if where in ("n_tty_read", "tty_read") else Waiting.HIDDEN


def _polling(pid: int, wait: _Wait, edits_lines: bool) -> Waiting:
    """Judge a wait for several things.

    Whoever turned line editing off takes keys, unless another terminal or a connection is fed with them (``script``,
    ``sudo``, ``ssh``). With line editing, a wait is believed when nothing else can end it. What stands in the set of
    ``poll`` is waited for; not so in that of an event loop: idle connections lie there, and libuv leaves a terminal in
    it that nobody reads any more.
    """
    terminals = {fd for fd in wait.fds if _is_terminal(pid, fd)}
    if not terminals or wait.seconds == 0:
        return Waiting.NOT
    others = [_link(pid, fd) for fd in wait.fds - terminals]
    if any(link.endswith("/ptmx") for link in others) or (not wait.is_event_loop and _has_connection(pid, others)):
        return Waiting.PASSES_ON
    is_idle_loop = wait.is_event_loop and (wait.seconds is not None or process_table.children(pid))
    if edits_lines and (is_idle_loop or not _all_own(pid, others)):
        return Waiting.NOT
    passes = wait.seconds is not None and wait.seconds < PASSING_SECONDS
    return Waiting.IN_PASSING if passes else Waiting.FOR_TERMINAL


def _has_connection(pid: int, links: list[str]) -> bool:
    """Say whether a socket is among these that is not one of this machine's own kind."""
    sockets = {link.removeprefix("socket:[").rstrip("]") for link in links if link.startswith("socket:[")}
    if not sockets:
        return False
    lines = Path(f"/proc/{pid}/net/unix").read_text("utf-8", "replace").splitlines()
    return bool(sockets - {line.split()[6] for line in lines})


def _all_own(pid: int, links: list[str]) -> bool:
    """Say whether nobody but the process itself can wake it through any of these: timers, and pipes to itself."""
    if not links:
        return True
    try:
        opened = [os.fspath(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return all(_is_own(link, opened) for link in links)


def _is_own(link: str, opened: list[str]) -> bool:
    kind, _, inode = link.rstrip("]").partition(":[")
    if kind == "pipe":
        return opened.count(link) > 1
    if kind == "socket":  # the two ends of a pair are made one after the other
        return any(f"socket:[{int(inode) + step}]" in opened for step in (-1, 1))
    return kind == "anon_inode" and inode in ("eventfd", "signalfd", "timerfd")


def _link(pid: int, fd: int) -> str:
    link = os.fspath(Path(f"/proc/{pid}/fd/{fd}").readlink())
    return f"anon_inode:[{link.partition(':')[2].strip('[]')}]" if link.startswith("anon_inode:") else link


def _is_terminal(pid: int, fd: int) -> bool:
    try:
        device = Path(f"/proc/{pid}/fd/{fd}").stat().st_rdev
    except OSError:
        return False
    return device == os.makedev(5, 0) or (device != 0 and device == process_table.terminal_of(pid))


def _wait_of(pid: int, call: Call, words: list[int]) -> _Wait:
    """Read what a polling call was given, from the memory of the process where it has to be.

    Raises:
        OSError, struct.error, ValueError: it is there no longer.
    """
    match call:
        case Call.POLL | Call.PPOLL:
            seconds = _milliseconds(words[2]) if call is Call.POLL else _time(pid, words[2], 1e-9)
            return _Wait(_poll_set(pid, words[0], words[1]), seconds)
        case Call.SELECT | Call.PSELECT:
            return _Wait(_select_set(pid, words[0], words[1]), _time(pid, words[4], _SELECT_UNITS[call]))
        case _:
            seconds = _milliseconds(words[3]) if call is Call.EPOLL else _time(pid, words[3], 1e-9)
            return _Wait(_epoll_set(pid, words[0]), seconds, is_event_loop=True)


_SELECT_UNITS = {Call.SELECT: 1e-6, Call.PSELECT: 1e-9}


def _poll_set(pid: int, address: int, count: int) -> frozenset[int]:
    data = _memory(pid, address, min(count, _LARGEST_SET) * 8)
    return frozenset(fd for fd, events, _ in struct.iter_unpack("=ihh", data) if fd >= 0 and events & _READABLE)


def _select_set(pid: int, count: int, address: int) -> frozenset[int]:
    if not address:
        return frozenset()
    count = min(count, _LARGEST_SET)
    bits = int.from_bytes(_memory(pid, address, (count + 63) // 64 * 8), "little")
    return frozenset(fd for fd in range(count) if bits >> fd & 1)


def _epoll_set(pid: int, fd: int) -> frozenset[int]:
    lines = (line.split() for line in Path(f"/proc/{pid}/fdinfo/{fd}").read_text("ascii").splitlines())
    return frozenset(int(line[1]) for line in lines if line[:1] == ["tfd:"] and int(line[3], 16) & _READABLE)


def _milliseconds(word: int) -> float | None:
    value = struct.unpack("=i", struct.pack("=I", word & 0xFFFFFFFF))[0]
    return None if value < 0 else value / 1000


def _time(pid: int, address: int, unit: float) -> float | None:
    if not address:
        return None
    whole, fraction = struct.unpack("=qq", _memory(pid, address, 16))
    return float(whole + fraction * unit)


def _memory(pid: int, address: int, size: int) -> bytes:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(size)
