"""Saved sessions listed, shown, searched, exported and removed, for a person or a program."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.options import OutputFormat
from oi_core.current_folder import current_folder
from oi_core.printed.untrusted_text import neutralise, neutralise_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oi_core.cli.options import Options
    from oi_core.saved.store import SessionStore, StoredSession

WIDE: Final = 1000
"""Columns, where a list does not go to a terminal."""


def store_for(options: Options) -> SessionStore:
    """Return the folder of saved sessions that these options name.

    Raises:
        ConfigError: the configuration is wrong.
    """
    from oi_core.cli.listings import sources_of
    from oi_core.cli.saving import store_of
    from oi_core.config import disabled_plugins, resolve
    from oi_core.plugin_manager import Plugins

    sources = sources_of(options)
    plugins = Plugins.load(disabled_plugins(sources), ours_only=options.no_plugins)
    return store_of(resolve(sources, plugins.settings_types()).config.sessions)


def list_sessions(options: Options, *, everywhere: bool, count: int) -> int:
    """Write a line for each session, or a JSON list."""
    from itertools import islice

    from oi_core.cli.session_rows import rows_of

    store = store_for(options)
    found = list(islice(store.sessions(None if everywhere else current_folder()), count or None))
    if options.output_format is not OutputFormat.TEXT:
        return _write([json.dumps([_described(each) for each in found], indent=2)])
    if not found:
        elsewhere = not everywhere and next(store.sessions(), None) is not None
        hint = "interpreter sessions list --all shows those of other folders" if elsewhere else "a chat begins one"
        return _write([f"no session {'' if everywhere else 'of this folder '}is saved · {hint}"])
    return _write(rows_of(found, _columns(), folders=everywhere))


def show_session(options: Options, name: str) -> int:
    """Write a session as text, or its records as JSON lines."""
    from oi_core.saved.markdown import as_markdown
    from oi_core.saved.reading import read_saved

    stored = store_for(options).find(name)
    saved = read_saved(stored.path)
    if options.output_format is not OutputFormat.TEXT:
        from oi_core.saved.records import RecordWriter, all_records

        return _write(json.dumps(record) for record in all_records(saved, RecordWriter()))
    return _write([neutralise(as_markdown(saved)).rstrip("\n")])


def export_session(options: Options, name: str, form: str | None, output: Path | None, *, force: bool) -> int:
    """Write a session to a file or to standard output.

    Raises:
        ConfigError: there is no such session, or the file is there already or cannot be written.
    """
    from oi_core.saved.exporting import ExportFormat, export, exported, format_for
    from oi_core.saved.reading import read_saved

    stored = store_for(options).find(name)
    saved = read_saved(stored.path)
    if output is None:
        text = exported(saved, ExportFormat(form or ExportFormat.MARKDOWN))
        return _write([(neutralise(text) if sys.stdout.isatty() else text).rstrip("\n")])
    export(saved, output, ExportFormat(form) if form else format_for(output), overwrite=force)
    return _write([f"{stored.id} is exported to {neutralise_line(str(output))}"])


def search_sessions(options: Options, text: str, *, here: bool) -> int:
    """Write the sessions that hold a text, with the lines that do; exit code 0 also where none does."""
    from oi_core.cli.session_rows import cut, rows_of
    from oi_core.errors import ConfigError
    from oi_core.saved.searching import lines_with

    if not text.strip():
        raise ConfigError("there is nothing to search for", "interpreter sessions search TEXT")
    found = [
        (each, lines_with(each.path, text)) for each in store_for(options).sessions(current_folder() if here else None)
    ]
    found = [(stored, lines) for stored, lines in found if lines]
    if options.output_format is not OutputFormat.TEXT:
        records = [{**_described(stored), "lines": [line.record() for line in lines]} for stored, lines in found]
        return _write([json.dumps(records, indent=2)])
    width, rows = _columns(), []
    for stored, lines in found:
        rows += rows_of([stored], width, folders=not here)
        rows += [cut(f"    {line.where}: {line.around(text, width - 18)}", width) for line in lines]
    return _write(rows or ["no saved session holds this text"])


def remove_sessions(options: Options, names: Iterable[str], *, yes: bool) -> int:
    """Delete sessions once the person has said so.

    Raises:
        ConfigError: there is no such session, or it cannot be deleted.
        ApprovalNeeded: nobody can be asked.
    """
    from oi_core.cli.session_rows import rows_of
    from oi_core.errors import ApprovalNeeded

    store = store_for(options)
    found = list({each.id: each for each in map(store.find, names)}.values())
    _write(rows_of(found, _columns(), folders=True))
    if not yes:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise ApprovalNeeded("sessions are deleted at a terminal, where you can be asked", "or with -y")
        if not _agreed(f"Delete {'it' if len(found) == 1 else f'these {len(found)}'}? y delete, n keep: "):
            return _write(["nothing was deleted"])
    for stored in found:
        store.remove(stored)
    return _write([f"deleted: {', '.join(each.id for each in found)}"])


def _agreed(question: str) -> bool:
    from oi_core.cli.short_answer import short_answer

    try:
        return short_answer(question).lower() in ("y", "yes")
    except (KeyboardInterrupt, EOFError):
        return False


def _described(stored: StoredSession) -> dict[str, object]:
    from datetime import UTC, datetime

    from oi_core.saved.reading import count_asked

    about = stored.about
    return {
        "id": stored.id,
        "title": about.title,
        "folder": about.folder,
        "model": about.model,
        "started": about.started.isoformat(),
        "changed": datetime.fromtimestamp(stored.changed, UTC).isoformat(timespec="seconds"),
        "asked": count_asked(stored.path),
        "file": str(stored.path),
    }


def _columns() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE


def _write(lines: Iterable[str]) -> int:
    sys.stdout.writelines(line + "\n" for line in lines)
    sys.stdout.flush()
    return ExitCode.DONE
