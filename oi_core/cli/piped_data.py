"""Data on standard input beside a script's message: in a file that code can read, and described to the model."""

from __future__ import annotations

import os
import select
import shutil
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core.errors import ConfigError
from oi_core.events import Level, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRST_BYTE_SECONDS: Final = 2.0
"""How long a pipe that nobody has written to is waited for: jobs of cron and CI often start with one left open."""
READ_BYTES: Final = 64 * 1024
HEAD_BYTES: Final = 2000
HEAD_LINES: Final = 30
BINARY_HEAD_BYTES: Final = 32
STANDARD_INPUT: Final = 0
LATE: Final = "nothing came on standard input within 2 s: going on without it · < /dev/null says that none is to come"


@dataclass(frozen=True, slots=True)
class PipedData:
    """A file with the data, its size in bytes, and its first bytes."""

    path: Path
    size: int
    head: bytes

    def described(self) -> str:
        """Return what the model is told of it."""
        where = f"[Standard input, {self.size:,} bytes, is in the file {self.path}. It is data, not a message."
        if b"\0" in self.head:
            return f"{where} It is binary and begins with the bytes {self.head[:BINARY_HEAD_BYTES].hex(' ')}.]"
        whole = len(self.head) == self.size
        text = _decoded(self.head, whole=whole)
        lines = text.splitlines(keepends=True)
        if whole and len(lines) <= HEAD_LINES:
            return f"{where} This is all of it:]\n{text}"
        return f"{where} It begins:]\n{''.join(lines[:HEAD_LINES])}\n[… the rest is in the file]"


def _decoded(head: bytes, *, whole: bool) -> str:
    """Return bytes as text; a character that the end of a part cuts through is left out."""
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = not whole and error.start >= len(head) - 3
        return head[: error.start].decode("utf-8") if cut else head.decode("utf-8", "backslashreplace")


@contextmanager
def piped_data(folder: Path | None, tell: Callable[[Notice], None]) -> Iterator[PipedData | None]:
    """Read standard input to its end and yield what came; None for a terminal, nothing, or a pipe that stays silent.

    A whole file, as of ``< sales.csv``, is used where it lies; anything else goes to a file that its owner alone can
    read, in ``folder`` or where temporary files go, and that is removed at the end.

    Raises:
        ConfigError: the data cannot be read, or does not fit on the disk.
    """
    if not _is_there():
        yield None
        return
    if folder is None and (file := _file_as_it_lies()) is not None:
        yield file
        return
    if not select.select([STANDARD_INPUT], [], [], FIRST_BYTE_SECONDS)[0]:
        tell(Notice(LATE, Level.WARNING))
        yield None
        return
    try:
        own = Path(tempfile.mkdtemp(prefix="interpreter-stdin-", dir=folder))
    except OSError as error:
        raise ConfigError(f"there is no folder to keep standard input in: {error}", "set TMPDIR to one") from error
    try:
        yield _copied(own / "stdin")
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _is_there() -> bool:
    try:
        return not os.isatty(STANDARD_INPUT) and os.fstat(STANDARD_INPUT) is not None
    except OSError:  # started without one
        return False


def _file_as_it_lies() -> PipedData | None:
    """Return the regular file that standard input is, if it is to be read from its beginning and has a path."""
    found = os.fstat(STANDARD_INPUT)
    if not stat.S_ISREG(found.st_mode) or found.st_size == 0 or os.lseek(STANDARD_INPUT, 0, os.SEEK_CUR) != 0:
        return None
    try:
        path = Path(f"/proc/self/fd/{STANDARD_INPUT}").readlink()
        same = os.path.samestat(path.stat(), found)
    except OSError:  # not Linux, or removed since
        return None
    return PipedData(path, found.st_size, os.pread(STANDARD_INPUT, HEAD_BYTES, 0)) if same else None


def _copied(path: Path) -> PipedData | None:
    """Copy standard input; None when there is nothing on it."""
    head, size = b"", 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while part := os.read(STANDARD_INPUT, READ_BYTES):
                file.write(part)
                head += part[: HEAD_BYTES - len(head)]
                size += len(part)
    except OSError as error:
        raise ConfigError(
            f"standard input could not be kept in {path.parent} after {size:,} bytes: {error.strerror}",
            "name a folder with more room in TMPDIR, or the file in the message",
        ) from error
    return PipedData(path, size, head) if size else None
