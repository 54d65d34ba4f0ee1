"""The file of one saved session while it is written: JSON lines, appended as they come, for its owner alone."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

from oi_core.saved.records import Record

ONLY_OWNER = 0o600


class SessionFile:
    """A file of records that grows at its end; a lock on it, for as long as it is open, tells others that it does.

    What is written is with the system when :meth:`write` returns: a program that is killed loses nothing of it.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a file that is not there yet.

        Raises:
            FileExistsError: it is there.
            OSError: it cannot be made.
        """
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, ONLY_OWNER)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return cls(path, descriptor)

    @classmethod
    def reopen(cls, path: Path) -> Self | None:
        """Open a file to go on with it; None when another process writes to it, or it cannot be written.

        A last line that broke off is ended, so that the next one is whole.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                os.write(descriptor, b"\n")
        except OSError:
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    def write(self, records: Iterable[Record]) -> None:
        """Append records.

        Raises:
            OSError: they could not be written, or not whole.
        """
        left = memoryview(b"".join(line_of(record) for record in records))
        while left:
            left = left[os.write(self._descriptor, left) :]

    def close(self) -> None:
        """Close the file and give the lock back."""
        os.close(self._descriptor)


def line_of(record: Record) -> bytes:
    """Return a record as a line: ASCII, whatever is in it."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def is_open_elsewhere(path: Path) -> bool:
    """Whether a process, this one included, writes to the file now."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
