"""Saved sessions at the start of the command: each one is saved as it goes, and one that was saved is gone on with."""

from __future__ import annotations

import shutil
import sys
from itertools import islice
from typing import TYPE_CHECKING

from oi_core.errors import ConfigError
from oi_core.events import Notice
from oi_core.messages import AssistantMessage
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.view.words import spell_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.cli.options import Options
    from oi_core.saved.archive import SavedSession
    from oi_core.saved.store import SessionStore, StoredSession
    from oi_core.session import Session
    from oi_core.settings import SessionsSettings

RECAP_CHARS = 200
CHOICES = 10
RESUMED = """

This conversation is resumed. The language processes are new: what code defined before is gone, unless later output \
shows otherwise. Define again what you need."""


def begin_saving(session: Session, options: Options) -> None:
    """Save the session as it goes, unless the configuration says otherwise, and resume the one the options name.

    Raises:
        ConfigError: there is no such session.
    """
    settings = session.config.sessions
    if settings.save:
        session.recording.keep_in(lambda: store_of(settings))
    if not options.continue_last and options.resume is None:
        return
    store = store_of(settings)
    stored = _latest(session, store) if options.continue_last else _named(session, store, options.resume or "")
    session.start_notices += [Notice(line) for line in resume_stored(session, stored)]


def store_of(settings: SessionsSettings) -> SessionStore:
    """Return the folder of saved sessions that the settings name."""
    from oi_core.saved.store import SessionStore

    if settings.dir is not None:
        return SessionStore(settings.dir, settings.keep)
    from platformdirs import user_state_path

    return SessionStore(user_state_path("interpreter", appauthor=False) / "sessions", settings.keep)


def resume_stored(session: Session, stored: StoredSession) -> list[str]:
    """Go on with a saved session; returns what to tell the person.

    Raises:
        ConfigError: its file cannot be read.
    """
    from oi_core.saved.reading import read_saved

    saved = read_saved(stored.path)
    session.conversation = session.recording.resume(saved, stored)
    tell_of_new_processes(session, saved)
    rows = recap(saved, stored.id)
    if session.recording.id not in ("", stored.id):
        rows.append(
            f"{stored.id} is open elsewhere or cannot be written: this goes on as a copy, {session.recording.id}"
        )
    if saved.about.folder and saved.about.folder != str(session.config.folder):
        rows.append(f"it was begun in {saved.about.folder}; code runs here, in {session.config.folder}")
    return [neutralise_line(row) for row in rows]


def tell_of_new_processes(session: Session, saved: SavedSession) -> None:
    """Let the model know that the variables of a resumed session are gone."""
    if saved.runs and RESUMED not in session.system_message:
        session.system_message += RESUMED


def tell_of_variables(session: Session) -> None:
    """Let the model no longer believe that variables are gone: the code has run again."""
    session.system_message = session.system_message.replace(RESUMED, "")


def recap(saved: SavedSession, name: str) -> list[str]:
    """Return what a conversation was about and where it stood, in a few lines."""
    from oi_core.saved.archive import is_request

    started = saved.about.started.astimezone()
    rows = [f"resumed {name} of {started:%Y-%m-%d %H:%M}: {_beginning(saved.about.title) or 'nothing was said'}"]
    asked = next((m.text for m in reversed(saved.messages) if is_request(m)), "")
    answer = next((m.text for m in reversed(saved.messages) if isinstance(m, AssistantMessage) and m.text.strip()), "")
    rows += [f"> {_beginning(asked)}"] if asked and _beginning(asked) != _beginning(saved.about.title) else []
    rows += [_beginning(answer)] if answer else []
    if saved.damaged:
        rows.append(f"damaged lines of its file that are left out: {saved.damaged}")
    if saved.runs:
        rows.append(
            f"variables are not restored · /replay runs the code again ({spell_count(len(saved.runs), 'block')})"
        )
    return rows


def _beginning(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= RECAP_CHARS else f"{words[: RECAP_CHARS - 1]}…"


def _latest(session: Session, store: SessionStore) -> StoredSession:
    stored = next(store.sessions(session.config.folder), None)
    if stored is None:
        raise ConfigError("no session of this folder is saved", "interpreter sessions list --all shows those of others")
    return stored


def _named(session: Session, store: SessionStore, name: str) -> StoredSession:
    if name:
        return store.find(name)
    found = list(islice(store.sessions(session.config.folder), CHOICES)) or list(islice(store.sessions(), CHOICES))
    if not found:
        raise ConfigError("no session is saved yet", "interpreter begins one")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("--resume needs the id of a session here", "interpreter sessions list shows them")
    return _chosen(found)


def _chosen(found: Sequence[StoredSession]) -> StoredSession:
    """Ask at the terminal which session to go on with.

    Raises:
        KeyboardInterrupt: none of them.
    """
    from oi_core.cli.session_rows import rows_of
    from oi_core.cli.short_answer import short_answer

    rows = rows_of(found, shutil.get_terminal_size().columns - 4)
    width = len(str(len(found)))
    print("\n".join(f"{number:>{width}}  {row}" for number, row in enumerate(rows, 1)))  # noqa: T201  (a question)
    by_name = {str(number): stored for number, stored in enumerate(found, 1)} | {each.id: each for each in found}
    while True:
        try:
            answer = short_answer("Which one? a number or an id; enter: the first; esc: none ").lower()
        except EOFError:
            raise KeyboardInterrupt from None
        chosen = by_name.get(answer or "1")
        if chosen is not None:
            return chosen
