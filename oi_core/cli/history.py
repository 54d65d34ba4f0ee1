"""What was typed at the prompt before, per project, with lines that look like secrets kept out of the file."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Final

from prompt_toolkit.history import History

from oi_core.cli.pastes import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from oi_core.cli.pastes import Pastes

ENTRIES_LOADED: Final = 2000
BYTES_LOADED: Final = 4_000_000
"""From the end of the file."""
PASTE_KEPT: Final = 20_000
"""Characters; of a longer paste the file keeps the token alone."""

_SENSITIVE: Final = r"""
  \b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abeoprs]|hf|AIza|AKIA|ASIA|ya29)[-_.]?[A-Za-z0-9_\-]{12,}
| -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY
| \beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}
| (?:api[-_ ]?key|pass(?:word|wd|phrase)|secret|token|credential)s?["']?\s*(?:=|:|\bis\b)\s*\S{4,}
| \b(?:authorization|bearer)\b[: ]+\S{8,}
| (?<![a-z0-9+.\-])[a-z][a-z0-9+.\-]*://[^\s/@:]+:[^\s/@]+@
| (?<![A-Za-z0-9+/_\-])(?=[A-Za-z0-9+/_\-]*\d)(?=[A-Za-z0-9+/_\-]*[A-Za-z])[A-Za-z0-9+/_\-]{32,}\b
"""
"""Verbose, and compiled with the first message that is kept: a start need not wait for it."""


def looks_secret(text: str) -> bool:
    """Whether a text seems to hold a key or a password; rather one line too many than one too few."""
    return re.search(_SENSITIVE, text, re.VERBOSE | re.IGNORECASE) is not None


def history_file(folder: Path, project: Path) -> Path:
    """Return the history file of a project inside ``folder``; its name does not tell the project's."""
    return (
        folder / "history" / f"{hashlib.sha256(str(project).encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.jsonl"
    )


def project_history(project: Path, pastes: Pastes) -> ProjectHistory:
    """Return the history of what was typed in a project, in the folder for the person's state."""
    from platformdirs import user_state_path

    return ProjectHistory(history_file(user_state_path("interpreter", appauthor=False), project), pastes)


class ProjectHistory(History):
    """A history in a file that only its owner can read: one entry a line, the newest last.

    An entry is a JSON string, or an object with the text and the long pastes in it, by their tokens. What looks like a
    secret and what begins with a blank is remembered until the program ends, and not written. A file that cannot be
    read or written costs nothing but the memory of other days.
    """

    def __init__(self, path: Path, pastes: Pastes) -> None:
        super().__init__()
        self._path = path
        self._pastes = pastes

    def load_history_strings(self) -> Iterable[str]:
        """Yield the entries of the file, the newest first."""
        for line in reversed(self._newest_lines()[-ENTRIES_LOADED:]):
            try:
                entry = json.loads(line)
            except ValueError:  # a line that another process was writing when the machine went down
                continue
            match entry:
                case str():
                    yield entry
                case {"text": str(text), "pastes": dict(pastes)}:
                    yield self._with_pastes(text, pastes)
                case _:
                    continue

    def _newest_lines(self) -> list[str]:
        try:
            with self._path.open("rb") as file:
                start = max(0, file.seek(0, os.SEEK_END) - BYTES_LOADED)
                file.seek(start)
                return file.read().decode(errors="replace").split("\n")[1 if start else 0 :]
        except OSError:
            return []

    def _with_pastes(self, text: str, pastes: dict[object, object]) -> str:
        """Return a text whose tokens stand for pastes of this prompt."""
        tokens = {token: self._pastes.fold(paste) for token, paste in pastes.items() if isinstance(paste, str)}
        return TOKEN.sub(lambda token: tokens.get(token[0], token[0]), text)

    def store_string(self, string: str) -> None:
        """Append an entry, unless it is not to be written."""
        if string.startswith(" ") or looks_secret(self._pastes.unfold(string)):
            return
        pastes = {token: text for token, text in self._pastes.used_in(string).items() if len(text) <= PASTE_KEPT}
        entry = {"text": string, "pastes": pastes} if pastes else string
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
        except OSError:
            return
