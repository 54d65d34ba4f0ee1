"""Output too long to keep in memory, kept whole in a file of bounded size."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

HALF = 2
COPY_BYTES = 1024 * 1024


class Spool:
    """A file that takes text; past ``limit`` bytes (0: no limit) its oldest half goes, and its first line says so.

    A disk that is full or a folder that is gone ends the keeping, not the program: ``problem`` then says what happened.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self.problem = ""
        self._limit = limit
        self._size = 0
        self._lost = 0
        self._file: IO[bytes] | None = None

    def write(self, text: str) -> None:
        """Append text."""
        if self.problem:
            return
        data = text.encode("utf-8", "backslashreplace")
        try:
            if self._file is None:
                self._file = self.path.open("wb")
            self._file.write(data)
            self._size += len(data)
            if self._limit and self._size > self._limit:
                self._drop_oldest_half()
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Write what is buffered; the file stays."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.problem = f"the whole output could not be kept: {error.strerror or error}"
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:  # the buffer could not be written, which is known already
                return

    def _drop_oldest_half(self) -> None:
        assert self._file is not None  # noqa: S101  (write has opened it)
        self._file.close()
        keep = self._limit // HALF
        newer = self.path.with_suffix(".newer")
        self._lost += self._size - keep
        with self.path.open("rb") as old, newer.open("wb") as new:
            old.seek(-keep, os.SEEK_END)
            new.write(f"[… the first {self._lost:,} bytes were dropped …]\n".encode())
            shutil.copyfileobj(old, new, COPY_BYTES)
        newer.replace(self.path)
        self._size = keep
        self._file = self.path.open("ab")


class SpoolFolder:
    """The folder of a session's spools, made when the first one is needed and removed at the end, unless kept.

    It is readable by its owner alone: output may hold what nobody else should see. It is made in the folder ``within``,
    where the language processes can read it; None is the system's folder for temporary files.
    """

    def __init__(self, limit: int, within: Path | None = None) -> None:
        self._limit = limit
        self._within = within
        self._folder: Path | None = None
        self._count = 0

    def new(self, name: str) -> Spool:
        """Return a spool for output of ``name``; where no folder can be made, one that reports it."""
        self._count += 1
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="interpreter-", dir=self._within))
        except OSError as error:
            spool = Spool(Path(os.devnull), 0)
            spool.problem = f"the whole output could not be kept: {error.strerror or error}"
            return spool
        return Spool(self._folder / f"{self._count:04d}-{name}.txt", self._limit)

    def close(self) -> None:
        """Remove the folder and what is in it."""
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
