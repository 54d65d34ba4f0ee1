"""Lists for a person or a program: languages and settings."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Final

from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.options import OutputFormat
from oi_core.current_folder import current_folder
from oi_core.printed.untrusted_text import neutralise, neutralise_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oi_core.cli.options import Options
    from oi_core.config import Resolution, Sources
    from oi_core.events import Notice
    from oi_core.session import Session

LEAST_ROOM: Final = 24
"""A last column with less than this, and more to say, goes below the others."""
INDENT: Final = 4


def list_languages(options: Options) -> int:
    """Write the languages of a session with these options; as JSON with ``--json``."""
    with options.open_session() as session:
        _write_notices(session.start_notices)
        if options.output_format is OutputFormat.TEXT:
            _write(language_rows(session) or ["no language is installed"])
        else:
            _write([json.dumps(_language_records(session), indent=2)])
    return ExitCode.DONE


def show_config(options: Options) -> int:
    """Write every setting with its source; as JSON with ``--json``."""
    from oi_core.config import disabled_plugins, resolve_trusting
    from oi_core.plugin_manager import Plugins

    sources = sources_of(options)
    plugins = Plugins.load(disabled_plugins(sources), ours_only=options.no_plugins)
    agrees = (lambda _: True) if options.trust_project else None
    resolution = resolve_trusting(sources, plugins.settings_types(), agrees)
    _write_notices(plugins.take_notices())
    if options.output_format is OutputFormat.TEXT:
        _write(config_rows(resolution))
    else:
        _write([json.dumps(_config_record(resolution), indent=2)])
    return ExitCode.DONE


def show_config_path(options: Options) -> int:
    """Write the path of the person's configuration file."""
    from oi_core.config import user_config_file

    _write([str(options.config_file or user_config_file())])
    return ExitCode.DONE


def write_schema(options: Options) -> int:
    """Write the JSON Schema of the configuration, the settings of plugins included."""
    from oi_core.config import disabled_plugins
    from oi_core.config.schema import config_schema
    from oi_core.plugin_manager import Plugins

    plugins = Plugins.load(disabled_plugins(sources_of(options)), ours_only=options.no_plugins)
    _write([json.dumps(config_schema(plugins.settings_types()), indent=2)])
    return ExitCode.DONE


def _language_records(session: Session) -> list[dict[str, object]]:
    probed = [(each, each.probe(session.workspace(each))) for each in session.languages.values()]
    return [
        {"name": each.name, "available": state.available, "detail": state.detail, "summary": each.summary}
        for each, state in probed
    ]


def language_rows(session: Session) -> list[str]:
    """Return a row for each language: its name, where it comes from or why it is missing, what it is."""
    rows = []
    for language in session.languages.values():
        state = language.probe(session.workspace(language))
        detail = state.detail or "ready"
        rows.append((language.name, detail if state.available else f"not available: {detail}", language.summary))
    return columns(rows)


def config_rows(resolution: Resolution) -> list[str]:
    """Return a row for each setting, then what was found and does not count."""
    rows = [(key, "=", as_toml(origin.value), origin.source) for key, origin in resolution.origins.items()]
    ignored = [f"ignored: {item.key} ({item.source}): {item.reason}" for item in resolution.ignored]
    return [*columns(rows), *map(neutralise_line, ignored)]


def _config_record(resolution: Resolution) -> dict[str, object]:
    settings = {key: {"value": plain_value(o.value), "source": o.source} for key, o in resolution.origins.items()}
    ignored = [{"key": item.key, "source": item.source, "reason": item.reason} for item in resolution.ignored]
    return {"settings": settings, "ignored": ignored}


def plain_value(value: object) -> object:
    """Return a setting's value as JSON has it."""
    if isinstance(value, tuple | list | frozenset | set):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain_value(item) for key, item in value.items()}
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def as_toml(value: object) -> str:
    """Return a setting's value as a configuration file has it, as near as JSON is to it."""
    return "(unset)" if value is None else json.dumps(plain_value(value), ensure_ascii=False)


def sources_of(options: Options) -> Sources:
    """Return what these options have the configuration read from, in the current folder.

    Raises:
        ConfigError: a file cannot be read.
    """
    from oi_core.config import find_sources

    return find_sources(
        current_folder(),
        environ=os.environ,
        overrides=options.settings(),
        config_file=options.config_file,
        isolated=options.isolated,
    )


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows with their columns below each other; a cell of one line, however strange its text.

    At a terminal the last column goes on in lines below, within the terminal's width, and is part of the same row.
    """
    cells = [[neutralise_line(cell) for cell in row] for row in rows]
    widths = [min(max(map(len, column)), 60) for column in zip(*cells, strict=True)]
    if not sys.stdout.isatty():
        return ["  ".join(f"{c:{width}}" for c, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    room = shutil.get_terminal_size().columns - 1
    return ["\n".join(_wrapped(row, widths, room)) for row in cells]


def _wrapped(row: list[str], widths: list[int], room: int) -> list[str]:
    """Return the lines of a row: the last column beside the others, or below them where it would get too narrow."""
    *first, last = row
    head = "".join(f"{cell:{width}}  " for cell, width in zip(first, widths, strict=False))
    if len(head) + min(len(last), LEAST_ROOM) <= room:
        return _broken(last, room, head, " " * len(head)) or [head.rstrip()]
    indent = " " * INDENT
    return [*_broken(head, room, "", indent), *_broken(last, room, indent, indent)]


def _broken(text: str, room: int, first: str, further: str) -> list[str]:
    return textwrap.wrap(text, room, initial_indent=first, subsequent_indent=further, break_on_hyphens=False)


def _write(lines: Iterable[str]) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)


def _write_notices(notices: Iterable[Notice]) -> None:
    sys.stderr.writelines(neutralise(notice.text) + "\n" for notice in notices)
