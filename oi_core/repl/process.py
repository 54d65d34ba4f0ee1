"""A process on a pty that pexpect owns: started, read, written to, signalled and ended without ever blocking.

One thread reads and writes at a time; :meth:`TerminalProcess.wake` may be called from anywhere, even a signal handler.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pexpect

from oi_core.executors import USUAL_COLUMNS
from oi_core.repl import process_table
from oi_core.repl.spawning import READ_SIZE, ROWS, spawn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

ENOUGH = 256 * 1024
SHORT = 1024
"""A read that returns less has emptied the terminal: another one would find nothing."""


class Readiness(NamedTuple):
    """What a wait was ended by; all false means that the time was up."""

    readable: bool = False
    writable: bool = False
    woken: bool = False
    exited: bool = False


class TerminalProcess:
    """One process, leader of its own session on its own pty.

    Raises:
        ExecutorError: the program or the folder is not there, or the program cannot be executed.
    """

    def __init__(
        self, argv: Sequence[str], folder: Path, environment: Mapping[str, str], columns: int = USUAL_COLUMNS
    ) -> None:
        self._child = spawn(argv, folder, environment, columns)
        self._columns = columns
        self.pid: int = self._child.pid
        self._fd: int = self._child.child_fd
        os.set_blocking(self._fd, False)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._pidfd = _open_pidfd(self.pid)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._poll.register(self._wake_read, select.POLLIN)
        self._poll_end = select.poll()
        if self._pidfd >= 0:
            self._poll.register(self._pidfd, select.POLLIN)
            self._poll_end.register(self._pidfd, select.POLLIN)
        self._polls_output = False
        self._outgoing = bytearray()
        self.at_end = False
        """Whether everything the process and its children will ever print has been read."""

    def wait(self, seconds: float | None) -> Readiness:
        """Wait until there is something to do, at most ``seconds``; None is for ever."""
        wants_output = bool(self._outgoing)
        if wants_output is not self._polls_output:
            self._poll.modify(self._fd, select.POLLIN | select.POLLOUT if wants_output else select.POLLIN)
            self._polls_output = wants_output
        readable = writable = woken = exited = False
        for fd, events in self._poll.poll(None if seconds is None else max(0.0, seconds * 1000)):
            if fd == self._fd:
                readable = bool(events & (select.POLLIN | select.POLLHUP | select.POLLERR))
                writable = bool(events & select.POLLOUT)
            elif fd == self._wake_read:
                woken = True
                with contextlib.suppress(BlockingIOError):
                    os.read(fd, 4096)
            else:
                exited = True
        return Readiness(readable, writable, woken, exited)

    def wake(self) -> None:
        """End the wait of whichever thread waits now, or the next one."""
        with contextlib.suppress(OSError):  # full means that a wake-up is under way; closed, that nobody waits
            os.write(self._wake_write, b"\0")

    def read(self) -> bytes:
        """Return what there is to read now, at most about 256 KiB; empty when nothing is, or ``at_end``."""
        chunks: list[bytes] = []
        total = 0
        while total < ENOUGH:
            try:
                chunk = os.read(self._fd, READ_SIZE)
            except BlockingIOError:
                break
            except OSError:  # EIO: no process has the terminal open any more
                chunk = b""
            if not chunk:
                self.at_end = True
                break
            chunks.append(chunk)
            total += len(chunk)
            if len(chunk) < SHORT:
                break
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def has_unread(self) -> bool:
        """Say whether there is something to read now."""
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        return bool(poll.poll(0))

    def write(self, data: bytes) -> None:
        """Write what the pty takes now; the rest waits for :meth:`write_more`."""
        self._outgoing += data
        self.write_more()

    def write_more(self) -> None:
        """Write what is still waiting, as far as the pty takes it."""
        while self._outgoing:
            try:
                written = os.write(self._fd, self._outgoing[:READ_SIZE])
            except BlockingIOError:
                return
            except OSError:
                self._outgoing.clear()
                return
            del self._outgoing[:written]

    def drop_outgoing(self) -> None:
        """Forget what is still waiting to be written."""
        self._outgoing.clear()

    @property
    def has_outgoing(self) -> bool:
        """Whether something is still waiting to be written."""
        return bool(self._outgoing)

    def terminal_attributes(self) -> list[Any] | None:  # termios mixes int and list[bytes]
        """Return the terminal's settings, as :func:`termios.tcgetattr` does; None when it has gone."""
        try:
            return termios.tcgetattr(self._fd)
        except (termios.error, ValueError):
            return None

    def set_terminal_attributes(self, attributes: list[Any]) -> None:
        """Set the terminal's settings at once."""
        with contextlib.suppress(termios.error, ValueError):
            termios.tcsetattr(self._fd, termios.TCSANOW, attributes)

    def set_columns(self, columns: int) -> None:
        """Make the terminal so wide, and tell the programs on it when that changes anything."""
        if columns != self._columns:
            self._columns = columns
            with contextlib.suppress(OSError):
                self._child.setwinsize(ROWS, columns)

    def foreground_group(self) -> int:
        """Return the id of the process group that has the terminal, 0 when there is none."""
        try:
            return max(0, os.tcgetpgrp(self._fd))
        except OSError:
            return 0

    def send_signal(self, signal_number: int) -> None:
        """Signal the process and the group in the foreground of its terminal.

        The process may be a launcher's, and the program that runs the code another one in its group.
        """
        group = self.foreground_group()
        if group > 0:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal_number)
        if group != self.pid:
            self.signal_leader(signal_number)

    def signal_leader(self, signal_number: int) -> None:
        """Signal the process alone."""
        if not self.reap():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal_number)

    def kill_foreground_job(self) -> bool:
        """Kill the group in the foreground when it is not the process's own; say whether there was one."""
        group = self.foreground_group()
        if group <= 0 or group == self.pid:
            return False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        return True

    def reap(self) -> bool:
        """Say whether the process has ended, and take its status from the system if so."""
        if self._child.terminated:
            return True
        if self._pidfd >= 0 and not self._poll_end.poll(0):
            return False
        try:
            return not self._child.isalive()
        except pexpect.ExceptionPexpect:  # somebody else's wait() took the status
            self._child.terminated = True
            return True

    @property
    def exit_status(self) -> int | None:
        """The exit code, or minus the number of the signal that ended the process; None while alive or when unknown."""
        if self._child.signalstatus is not None:
            return -int(self._child.signalstatus)
        return None if self._child.exitstatus is None else int(self._child.exitstatus)

    def close(self, patience: float = 0.5) -> None:
        """End the process and its session, and give back every descriptor; safe to call twice.

        The session is told to hang up; what is alive after ``patience`` seconds is killed, except for processes in the
        background that ignore the hang-up because they were started to outlive it (``nohup``).
        """
        if self._child.closed:
            return
        members = process_table.session_members(self.pid) | {self.pid}
        groups = {self.foreground_group(), self.pid} - {0}
        self._hang_up(members, groups)
        self._wait_for_end(patience)
        self._kill_rest(members | process_table.session_members(self.pid), groups)
        self._wait_for_end(2.0)
        self._child.ptyproc.delayafterclose = self._child.ptyproc.delayafterterminate = 0
        with contextlib.suppress(pexpect.ExceptionPexpect, OSError):
            self._child.close(force=True)
        for fd in (self._wake_read, self._wake_write, self._pidfd):
            if fd >= 0:
                os.close(fd)

    def _hang_up(self, members: set[int], groups: set[int]) -> None:
        if not self.reap():
            for group in groups:
                _signal(os.killpg, group, signal.SIGHUP)
                _signal(os.killpg, group, signal.SIGCONT)
        for pid in members - {self.pid}:
            _signal(os.kill, pid, signal.SIGHUP)
            _signal(os.kill, pid, signal.SIGCONT)

    def _wait_for_end(self, seconds: float) -> None:
        """Wait for the process to end; keep reading, because a process that prints on its way out needs a reader."""
        deadline = time.monotonic() + seconds
        while not self.reap() and time.monotonic() < deadline:
            if not self.at_end:
                self.read()
            readable = [] if self.at_end else [self._fd]
            select.select(readable + ([self._pidfd] if self._pidfd >= 0 else []), [], [], 0.02)

    def _kill_rest(self, members: set[int], groups: set[int]) -> None:
        if not self.reap():
            _signal(os.kill, self.pid, signal.SIGKILL)
        for pid in members - {self.pid}:
            if process_table.is_in_session(pid, self.pid) and (
                process_table.group_of(pid) in groups or not process_table.ignores_hangup(pid)
            ):
                _signal(os.kill, pid, signal.SIGKILL)


def _signal(send: Any, target: int, number: int) -> None:  # os.kill or os.killpg
    with contextlib.suppress(ProcessLookupError, PermissionError):
        send(target, number)


def _open_pidfd(pid: int) -> int:
    """Return a descriptor that becomes readable when the process ends, -1 where the system has none."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return os.pidfd_open(pid)
    return -1
