"""The slash commands of saved sessions: keep one in a file, find one again, go on with it, run its code again."""

from __future__ import annotations

import shutil
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core.commands import Answer, Command, Show
from oi_core.errors import ConfigError
from oi_core.events import CodeDelta, CodeReady, CodeStarted, Event, Executed, Level, Notice, TurnEnded, TurnOutcome
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.results import Outcome
from oi_core.view.words import spell_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from oi_core.messages import CodeBlock
    from oi_core.session import Session

LISTED: Final = 15
FORCE: Final = "--force"


def _save(session: Session, arguments: str) -> str:
    path, force = _file(arguments, "/save FILE")
    session.save(path, overwrite=force)
    return f"Saved to {neutralise_line(str(path))}; /load reads it."


def _load(session: Session, arguments: str) -> str:
    from oi_core.cli.saving import recap, tell_of_new_processes

    path, _ = _file(arguments, "/load FILE")
    saved = session.load(path)
    tell_of_new_processes(session, saved)
    return "\n".join(neutralise_line(row) for row in recap(saved, neutralise_line(path.name)))


def _export(session: Session, arguments: str) -> str:
    from oi_core.saved.exporting import export, format_for

    path, force = _file(arguments, "/export FILE.ipynb, .md, .py or .json")
    export(session.recording.saved(session.conversation), path, format_for(path), overwrite=force)
    return f"Exported to {neutralise_line(str(path))}"


def _sessions(session: Session, arguments: str) -> str:
    from oi_core.cli.saving import store_of
    from oi_core.cli.session_rows import rows_of

    everywhere = arguments.strip() == "all"
    if arguments.strip() and not everywhere:
        raise ConfigError(
            f"/sessions does not know {neutralise_line(arguments.strip())}", "/sessions, or /sessions all"
        )
    store = store_of(session.config.sessions)
    found = list(islice(store.sessions(None if everywhere else session.config.folder), LISTED))
    if not found:
        return "No session is saved yet." if everywhere else "No session of this folder is saved yet; /sessions all."
    here = session.recording.id
    rows = rows_of(found, shutil.get_terminal_size().columns - 2, folders=everywhere)
    marked = [f"{'*' if each.id == here else ' '} {row}" for each, row in zip(found, rows, strict=True)]
    mark = "; * is this one" if any(each.id == here for each in found) else ""
    return "\n".join([*marked, f"/resume ID goes on with one{mark}"])


def _resume(session: Session, arguments: str) -> str:
    from oi_core.cli.saving import resume_stored, store_of

    name = arguments.strip()
    if not name:
        return _sessions(session, "")
    stored = store_of(session.config.sessions).find(name)
    if stored.id == session.recording.id:
        return f"{stored.id} is this session."
    return "\n".join(resume_stored(session, stored))


def _replay(session: Session, _arguments: str) -> Answer:
    from oi_core.saved.order import code_to_replay

    code = code_to_replay(session.recording.saved(session.conversation))
    return Show(_replayed(session, code)) if code else "No code ran in this session."


def _replayed(session: Session, code: Sequence[tuple[CodeBlock, bool]]) -> Iterator[Event]:
    """Run the blocks in order, until one fails that did not fail before, or is not run."""
    from oi_core.cli.saving import tell_of_variables

    for number, (block, finished) in enumerate(code, 1):
        yield CodeStarted(block.call_id, block.language)
        yield CodeDelta(block.call_id, block.code)
        yield CodeReady(block)
        outcome = Outcome.DECLINED
        for event in session.run_again(block):
            if isinstance(event, Executed):
                outcome = event.result.outcome
            yield event
        if outcome is not Outcome.FINISHED and (finished or outcome is not Outcome.FAILED):
            yield Notice(f"stopped at block {number} of {len(code)}", Level.WARNING)
            yield TurnEnded(TurnOutcome.INTERRUPTED if outcome is Outcome.INTERRUPTED else TurnOutcome.DONE)
            return
    tell_of_variables(session)
    yield Notice(f"{spell_count(len(code), 'block')} ran again")
    yield TurnEnded()


def _file(arguments: str, usage: str) -> tuple[Path, bool]:
    """Return the file that the words after a command name, and whether it may be replaced."""
    name, force = arguments.strip(), False
    if name.endswith(f" {FORCE}"):
        name, force = name.removesuffix(FORCE).strip(), True
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1]
    if not name:
        raise ConfigError("which file?", usage)
    try:
        return Path(name).expanduser(), force
    except RuntimeError as error:
        raise ConfigError(f"{name}: {error}", usage) from error


def _ids(session: Session, _arguments: str) -> Iterable[str]:
    from oi_core.cli.saving import store_of

    store = store_of(session.config.sessions)
    return [each.id for each in islice(store.sessions(session.config.folder), LISTED)]


def _scopes(_session: Session, _arguments: str) -> Iterable[str]:
    return ("all",)


def _file_names(_session: Session, arguments: str) -> Iterable[str]:
    from oi_core.cli.path_completion import offered_names

    head, slash, beginning = arguments.rpartition("/")
    place = Path(f"{head}{slash}" or ".").expanduser()
    return [f"{head}{slash}{name}" for name in offered_names(place, beginning, place)]


COMMANDS: Final = (
    Command("save", "save this session to a file: /save FILE; --force replaces one", _save, _file_names),
    Command("load", "go on with a session or messages from a file: /load FILE", _load, _file_names),
    Command("export", "write this session as notebook, Markdown, script: /export FILE.ipynb", _export, _file_names),
    Command("sessions", "list the saved sessions of this folder; all: of every folder", _sessions, _scopes),
    Command("resume", "go on with a saved session: /resume ID", _resume, _ids),
    Command("replay", "run this session's code again in order, asking as usual", _replay, alone=True),
)
