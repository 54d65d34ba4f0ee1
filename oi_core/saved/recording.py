"""Following a session: its messages and runs are kept as they come, in memory and, where there is one, in a file."""

from __future__ import annotations

import base64
import binascii
from collections import deque
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from oi_core.conversation import Conversation
from oi_core.errors import ConfigError
from oi_core.events import DisplayData, Event, Executed, ExecutionStarted, Level, Notice
from oi_core.saved.archive import BROKE_OFF, LONG_AGO, About, Bundle, Run, SavedSession, rewound, title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from oi_core.messages import Message
    from oi_core.saved.records import Record, RecordWriter
    from oi_core.saved.session_file import SessionFile
    from oi_core.saved.store import SessionStore, StoredSession

RUNS_IN_MEMORY = 200
SHOWN_BYTES = 32 * 1024 * 1024
"""Of displayed values, in a session; those beyond are named, not kept."""
SHOWN_VALUES = 50
"""Of one block."""
TEXT_FORMS = ("image/svg+xml",)


class Recording:
    """What one conversation came to, with the code that ran beside it.

    Without :meth:`keep_in` it is in memory alone, with the last 200 runs. Writing that fails is told once, and the
    session goes on without it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._conversation: Conversation | None = None
        self._model = ""
        self._messages: list[Message] = []
        self._runs: deque[Run] = deque(maxlen=RUNS_IN_MEMORY)
        self._about = About()
        self._shown: list[Bundle] = []
        self._room = SHOWN_BYTES
        self._store_of: Callable[[], SessionStore] | None = None
        self._file: SessionFile | None = None
        self._writer: RecordWriter | None = None
        self._notices: list[Notice] = []

    @property
    def id(self) -> str:
        """The id that the session is saved under, with its first message; empty where it is not."""
        if self._store_of is None:
            return ""
        if not self._about.id:
            from oi_core.saved.store import new_id

            self._about = replace(self._about, id=new_id())
        return self._about.id

    def keep_in(self, store: Callable[[], SessionStore]) -> None:
        """Write what comes to a file in the store that ``store`` returns, which is made with the first message."""
        self._store_of = store

    def follow(self, conversation: Conversation, model: str) -> None:
        """Keep the messages of this conversation from now on; another one than before begins another session."""
        self._model = model
        goes_on = conversation is self._conversation or _common(conversation.messages, self._messages) > 0
        if not goes_on and (self._messages or self._file):
            self._begin_anew()
        self._conversation = conversation
        conversation.on_change = self._catch_up
        self._catch_up()

    def resume(self, saved: SavedSession, stored: StoredSession | None = None) -> Conversation:
        """Return the conversation of a saved session, every call with a result, to go on with.

        ``stored``, its file, is written from here on, and :attr:`id` is its id. Where it cannot be, because it is open
        elsewhere or there is none, the session goes on as a copy that is written with the next message.
        """
        self._begin_anew()
        self._messages, self._about = list(saved.messages), saved.about
        self._runs.extend(saved.runs)
        if stored is not None and self._store_of is not None:
            from oi_core.saved.session_file import SessionFile

            self._file = SessionFile.reopen(stored.path)
        if self._file is None:
            self._about = replace(saved.about, id="")
        conversation = Conversation(saved.messages)
        conversation.close_calls(BROKE_OFF)
        conversation.on_change = self._catch_up
        self._conversation = conversation
        return conversation

    def observe(self, event: Event) -> None:
        """Take what an event says of code that ran."""
        match event:
            case ExecutionStarted():
                self._shown.clear()
            case DisplayData(data=data):
                self._show(data)
            case Executed(result=result):
                self._catch_up()
                run = Run(result, len(self._messages), tuple(self._shown))
                self._shown.clear()
                self._runs.append(run)
                self._write(lambda writer: writer.run(run))
            case _:
                pass

    def take_notices(self) -> list[Notice]:
        """Return what the person should know, once."""
        notices, self._notices = self._notices, []
        return notices

    def saved(self, conversation: Conversation) -> SavedSession:
        """Return the session as it is now, to be exported; what memory does not hold any more comes from its file."""
        if self._file is not None:
            from oi_core.saved.reading import read_saved

            with suppress(ConfigError):  # the file was removed: memory knows the most of it
                return read_saved(self._file.path)
        messages = tuple(conversation.messages)
        about = About(
            self._about.id,
            title_of(messages),
            str(self._folder),
            self._model,
            self._about.started if self._about.started != LONG_AGO else datetime.now(UTC),
        )
        return SavedSession(about, messages, tuple(self._runs))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _catch_up(self) -> None:
        """Write the messages that are new; those that are gone from the conversation are taken back in the file."""
        if self._conversation is None:
            return
        messages = self._conversation.messages
        if list(messages[: len(self._messages)]) != self._messages:
            self._go_back(_common(messages, self._messages))
        for message in messages[len(self._messages) :]:
            self._messages.append(message)
            self._write_message(message)

    def _go_back(self, count: int) -> None:
        del self._messages[count:]
        self._runs = deque((rewound(run, count) for run in self._runs), RUNS_IN_MEMORY)
        self._write(lambda writer: [writer.rewind(count)])

    def _begin_anew(self) -> None:
        self.close()
        self._messages, self._about, self._room, self._writer = [], About(), SHOWN_BYTES, None
        self._runs.clear()

    def _write_message(self, message: Message) -> None:
        self._write(lambda writer: writer.message(message))

    def _write(self, records: Callable[[RecordWriter], Iterable[Record]]) -> None:
        """Write records; where there is no file yet, all that is known goes to a new one, with the first message."""
        if self._store_of is None or not (self._messages or self._file):
            return
        from oi_core.saved.records import RecordWriter

        try:
            if self._file is None:
                self._begin_file(self._store_of())
            else:
                self._writer = self._writer or RecordWriter()
                self._file.write(records(self._writer))
        except OSError as error:
            reason = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
            text = f"this session is no longer saved: {reason} · it goes on; /save FILE keeps it elsewhere"
            self._notices.append(Notice(text, Level.WARNING))
            self._store_of = None
            self.close()

    def _begin_file(self, store: SessionStore) -> None:
        from oi_core.saved.records import RecordWriter, all_records

        assert self._conversation is not None  # noqa: S101  (there are messages)
        self._about = replace(self.saved(self._conversation).about, id=self.id)
        self._file, self._writer = store.begin(self._about.id), RecordWriter()
        self._file.write(all_records(SavedSession(self._about, tuple(self._messages), tuple(self._runs)), self._writer))

    def _show(self, data: Bundle) -> None:
        if len(self._shown) > SHOWN_VALUES:
            return
        if len(self._shown) == SHOWN_VALUES:
            self._shown.append({"text/plain": "[more was displayed, and is not kept]"})
            return
        size = sum(map(len, data.values()))
        if size > self._room:
            kinds = ", ".join(data)
            self._shown.append({"text/plain": f"[not kept: {kinds}, {size:,} bytes; the session displayed too much]"})
            return
        self._room -= size
        self._shown.append({kind: _plain(kind, value) for kind, value in data.items()})


def _common(some: Sequence[Message], others: Sequence[Message]) -> int:
    """Return how many messages two lists have in common from their beginning."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(some), len(others)))


def _plain(kind: str, value: str | bytes) -> str | bytes:
    """Return a picture as bytes, where it came as text in base64, as in notebooks."""
    if isinstance(value, bytes) or not kind.startswith("image/") or kind in TEXT_FORMS:
        return value
    try:
        return base64.b64decode(value)
    except (binascii.Error, ValueError):
        return value
