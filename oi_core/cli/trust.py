"""Trust in a project: what it wants is shown, the person is asked, and what was trusted is listed or revoked."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.keyboard import Keyboard
from oi_core.cli.options import OutputFormat
from oi_core.cli.short_answer import short_answer
from oi_core.errors import ApprovalNeeded, ConfigError
from oi_core.printed.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oi_core.cli.options import Options
    from oi_core.config import Resolution, Sources
    from oi_core.trust import ProjectTrust
    from oi_core.trust.store import TrustStore

SHOWN_CHARS: Final = 4000
"""How much of one value is shown; what goes on longer says so, and where to read it."""


def trust_project(options: Options, *, yes: bool) -> int:
    """Show what the project wants and trust it when the person says so; ``yes`` says it on the command line.

    Raises:
        ConfigError: there is no project, or it cannot be trusted.
        ApprovalNeeded: nobody is there to be asked.
    """
    from oi_core.cli.listings import sources_of

    sources = sources_of(options)
    resolution = _resolved(options, sources)
    trust = resolution.trust
    if sources.project is None:
        raise ConfigError("there is no pyproject.toml with [tool.interpreter] here", "cd to the project's folder")
    if trust is None:
        _write([f"{sources.project.label} wants nothing that needs your trust"])
        return ExitCode.DONE
    _write(trust_rows(trust))
    if trust.refusal:
        raise ConfigError(trust.refusal, "use a folder of the project's own")
    if trust.granted:
        _write(["You trust this project already; interpreter trust revoke takes that back."])
        return ExitCode.DONE
    yes = yes or options.trust_project
    if not yes and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ApprovalNeeded("trust is given at a terminal", "once you have read the above: interpreter trust --yes")
    if not yes and not _answered("Trust this project? y trust, n no: "):
        _write(["Not trusted: these settings stay without effect."])
        return ExitCode.DONE
    _store(sources).remember(trust.file, trust.record())
    _write(["Trusted, as long as its settings stay as they are."])
    return ExitCode.DONE


def ask_trust(trust: ProjectTrust) -> bool:
    """Ask the person at the terminal whether they trust a project, before anything of it is used."""
    _write(trust_rows(trust))
    return _answered("Trust this project? y trust, n not now: ")


def list_trusted(options: Options) -> int:
    """Write the trusted projects, with what they were trusted with.

    Raises:
        ConfigError: the file that keeps them is damaged.
    """
    stored = _own_store().read()
    if stored.problem:
        raise ConfigError(stored.problem)
    if options.output_format is not OutputFormat.TEXT:
        _write([json.dumps({path: dict(project.wishes) for path, project in stored.projects.items()}, indent=2)])
        return ExitCode.DONE
    rows = []
    for path, project in sorted(stored.projects.items()):
        rows += [neutralise_line(path), *(f"  {key} = {_shown(value, path)}" for key, value in project.wishes.items())]
    _write(rows or ["you trust no project"])
    return ExitCode.DONE


def revoke_trust(folder: Path | None) -> int:
    """Trust the project in ``folder`` no longer; without one, the nearest from the current folder upward.

    Raises:
        ConfigError: it is not trusted, or the file that keeps it cannot be changed.
    """
    from oi_core.config.sources import PROJECT_FILE

    store = _own_store()
    stored = store.read()
    if stored.problem:
        raise ConfigError(stored.problem)
    here = Path(os.path.realpath(folder if folder is not None else "."))
    candidates = [here, *here.parents] if folder is None else [here]
    path = next((p for p in (str(each / PROJECT_FILE) for each in candidates) if p in stored.projects), None)
    if path is None:
        raise ConfigError(f"no project in {neutralise_line(str(here))} is trusted", "interpreter trust list")
    store.forget(path)
    _write([f"{neutralise_line(path)} is trusted no longer"])
    return ExitCode.DONE


def trust_rows(trust: ProjectTrust) -> list[str]:
    """Return what a project wants in lines: each setting, its value and what it would mean, or how it has changed."""
    file = neutralise_line(str(trust.file))
    meanings = {wish.key: wish.meaning for wish in trust.wishes}
    if trust.before is None or trust.granted:
        rows = [f"{file} wants:"]
        shown = {wish.key: _shown(wish.value, file) for wish in trust.wishes}
        return [*rows, *_with_meanings(shown, meanings)]
    rows = [f"{file} has changed since you trusted it:"]
    changes = {key: f"{_shown(old, file)} → {_shown(new, file)}" for key, old, new in trust.changes()}
    rows += _with_meanings(changes, meanings)
    same = [f"  {w.key} = {_shown(w.value, file)}" for w in trust.wishes if w.key not in changes]
    if not changes:
        rows.append("  nothing that needs trust; other settings of its table did")
    return [*rows, *(["unchanged:"] if same else []), *same]


def _with_meanings(values: Mapping[str, str], meanings: Mapping[str, str]) -> list[str]:
    rows = []
    for key, value in values.items():
        rows.append(f"  {key} = {value}")
        if meanings.get(key):
            rows.append(f"      {neutralise_line(meanings[key])}")
    return rows


def _shown(value: str, file: str) -> str:
    text = neutralise_line(value[:SHOWN_CHARS])
    rest = len(value) - SHOWN_CHARS
    return f"{text} … and {rest} more characters: read {file} first" if rest > 0 else text


def _answered(question: str) -> bool:
    """Ask until the answer is yes or no; what was typed before the question does not answer it.

    Raises:
        KeyboardInterrupt: the person would rather leave.
    """
    keyboard = Keyboard(sys.stdin.fileno())
    while True:
        keyboard.drop_typed()
        try:
            answer = short_answer(question).lower()
        except EOFError:
            return False
        if answer in ("y", "yes"):
            return True
        if answer in ("n", "no"):
            return False


def _resolved(options: Options, sources: Sources) -> Resolution:
    from oi_core.config import disabled_plugins, resolve
    from oi_core.plugin_manager import Plugins

    plugins = Plugins.load(disabled_plugins(sources), ours_only=options.no_plugins)
    return resolve(sources, plugins.settings_types())


def _store(sources: Sources) -> TrustStore:
    from oi_core.trust.store import TrustStore

    return TrustStore(sources.trust_file) if sources.trust_file is not None else _own_store()


def _own_store() -> TrustStore:
    from oi_core.config.sources import user_trust_file
    from oi_core.trust.store import TrustStore

    return TrustStore(user_trust_file())


def _write(lines: list[str]) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
    sys.stdout.flush()
