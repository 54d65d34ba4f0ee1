"""The folder of saved sessions: a file for each, found by its id."""

from __future__ import annotations

import difflib
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.saved.archive import About
from oi_core.saved.reading import read_head
from oi_core.saved.session_file import SessionFile, is_open_elsewhere

LETTERS = "abcdefghjkmnpqrstuvwxyz"
"""Without those that are taken for others: i, l, o."""
DIGITS = "23456789"
ID_LENGTH = 6
ONLY_OWNER = 0o700
SUFFIX = ".jsonl"
DAY_SECONDS = 86_400
NAMED_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session in the folder: what it is about, its file, and when that last grew, in seconds since 1970."""

    about: About
    path: Path
    changed: float

    @property
    def id(self) -> str:
        """The name it is found by."""
        return self.path.stem


def new_id() -> str:
    """Return an id that is easy to type: a letter, then letters and digits."""
    return secrets.choice(LETTERS) + "".join(secrets.choice(LETTERS + DIGITS) for _ in range(ID_LENGTH - 1))


class SessionStore:
    """The sessions in ``folder``, which is made for its owner alone when the first one is kept.

    Those that nothing was added to for ``keep_days`` go when another is begun; 0 keeps all.
    """

    def __init__(self, folder: Path, keep_days: int = 0) -> None:
        self.folder = folder
        self._keep_days = keep_days

    def begin(self, name: str) -> SessionFile:
        """Make the file of a new session.

        Raises:
            OSError: it cannot be made.
        """
        if not self.folder.is_dir():
            self.folder.mkdir(mode=ONLY_OWNER, parents=True, exist_ok=True)
        self._remove_old()
        return SessionFile.create(self.path_of(name))

    def path_of(self, name: str) -> Path:
        """Return where the session with this id lies, or would."""
        return self.folder / f"{name}{SUFFIX}"

    def sessions(self, folder: Path | None = None) -> Iterator[StoredSession]:
        """Yield the sessions, of one project's folder or of all, those changed last first."""
        for changed, path in sorted(self._files(), reverse=True):
            about = read_head(path)
            if about is not None and (folder is None or about.folder == str(folder)):
                yield StoredSession(about, path, changed)

    def find(self, name: str) -> StoredSession:
        """Return the session with this id, or the only one whose id begins with it.

        Raises:
            ConfigError: there is none, or more than one; the message names those that come near.
        """
        wanted = name.strip().lower()
        names = [path.stem for _, path in sorted(self._files(), reverse=True)]
        found = [each for each in names if each == wanted] or [each for each in names if each.startswith(wanted)]
        if len(found) == 1:
            path = self.path_of(found[0])
            about = read_head(path)
            if about is None:
                raise ConfigError(f"the saved session {found[0]} is damaged from its first line", f"see {path}")
            return StoredSession(about, path, path.stat().st_mtime)
        shown = neutralise_line(name)
        if found:
            raise ConfigError(f"more than one session begins with {shown}", ", ".join(found[:NAMED_CANDIDATES]))
        near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
        step = f"did you mean {near[0]}?" if near else "interpreter sessions list shows those there are"
        raise ConfigError(f"there is no saved session {shown}", step)

    def remove(self, session: StoredSession) -> None:
        """Delete a session's file.

        Raises:
            ConfigError: it cannot be deleted, or is being written.
        """
        if is_open_elsewhere(session.path):
            raise ConfigError(f"the session {session.id} is going on", "leave it first")
        try:
            session.path.unlink()
        except OSError as error:
            raise ConfigError(f"{session.path} cannot be deleted: {error.strerror or error}") from error

    def _files(self) -> Iterator[tuple[float, Path]]:
        try:
            paths = list(self.folder.glob(f"*{SUFFIX}"))
        except OSError:
            return
        for path in paths:
            try:
                status = path.stat()
            except OSError:  # removed meanwhile
                continue
            yield status.st_mtime, path

    def _remove_old(self) -> None:
        if not self._keep_days:
            return
        oldest = time.time() - self._keep_days * DAY_SECONDS
        for changed, path in self._files():
            if changed < oldest and not is_open_elsewhere(path):
                path.unlink(missing_ok=True)
