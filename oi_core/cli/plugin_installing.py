"""Plugins installed and uninstalled: the command is shown, the person is asked, and what came of it is reported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.installer import Installer, installer_for
from oi_core.cli.short_answer import short_answer
from oi_core.errors import ConfigError, InterpreterError
from oi_core.plugin_manager.installed import OUR_DISTRIBUTION, normalised
from oi_core.printed.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from collections.abc import Sequence

Records = dict[tuple[str, str], dict[str, Any]]  # the records of plugins list --json, by name and distribution


class InstallFailed(InterpreterError):
    """The installer failed, and has said why itself."""

    exit_code = ExitCode.MODEL  # the network, mostly


def install(packages: Sequence[str], *, yes: bool) -> int:
    """Install packages beside the interpreter, load what they bring in a process of its own, and say what it provides.

    Raises:
        ConfigError: nothing can be installed here, or there is no such file.
        InstallFailed: the installer failed.
    """
    for package in packages:
        if package.startswith((".", "/", "~")) and not Path(package.partition("[")[0]).expanduser().exists():
            raise ConfigError(f"there is no {package}", "name a folder, a wheel or a package that pip knows")
    installer = installer_for(packages)
    before = _loaded()
    if not _agreed(installer, installer.install, yes=yes):
        return ExitCode.APPROVAL
    _run(installer.install)
    after = _loaded()
    news = [after[key] for key in sorted(after) if after[key] != before.get(key)]
    rows = [row for record in news for row in _rows(record)]
    _say(*(rows or ["no plugin came with it: it has no entry point in the group interpreter"]))
    broken = [record for record in news if record["status"] == "broken"]
    return ExitCode.USAGE if broken else ExitCode.DONE


def uninstall(name: str, *, yes: bool) -> int:
    """Uninstall the distribution that brought a plugin; ``name`` is the plugin's or the distribution's.

    Raises:
        ConfigError: there is no such plugin, or it came with the interpreter.
        InstallFailed: the installer failed.
    """
    wanted = normalised(name)
    found = {owner for plugin, owner in _loaded() if plugin == name or normalised(owner) == wanted}
    if not found - {""}:
        raise ConfigError(f'there is no plugin "{name}"', "interpreter plugins list shows them")
    if any(normalised(each) == OUR_DISTRIBUTION for each in found):
        raise ConfigError(f'"{name}" came with the interpreter', f"interpreter plugins disable {name}")
    installer = installer_for(sorted(found))
    if not _agreed(installer, installer.uninstall, yes=yes):
        return ExitCode.APPROVAL
    _run(installer.uninstall)
    _say(f"{name} is gone" if not any(plugin == name for plugin, _ in _loaded()) else f"{name} is still there")
    return ExitCode.DONE


def _agreed(installer: Installer, command: Sequence[str], *, yes: bool) -> bool:
    _say(f"environment: {installer.environment}", f"command:     {installer.shown(command)}")
    if yes:
        return True
    if not sys.stdin.isatty():
        _say("not run: -y runs it, or a terminal asks")
        return False
    try:
        return short_answer("Run it? A package's code runs as you. [y/N] ").casefold() in ("y", "yes")
    except EOFError:
        return False


def _run(command: Sequence[str]) -> None:
    sys.stdout.flush()
    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        raise InstallFailed(f"{command[0]} cannot be run: {error.strerror}", "is it on PATH?") from error
    if done.returncode != 0:
        raise InstallFailed(f"{command[0]} failed with exit status {done.returncode}", "what it says is above")


def _loaded() -> Records:
    """Return what a fresh process finds when it loads every plugin: this one has loaded other versions already."""
    command = [sys.executable, "-m", "oi_core", "plugins", "list", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        records = json.loads(done.stdout)
    except ValueError:
        raise InstallFailed("the interpreter does not start any more", "interpreter plugins list says why") from None
    return {(record["name"], record["distribution"]): record for record in records}


def _rows(record: dict[str, Any]) -> list[str]:
    title = f"{record['name']} ({record['distribution']} {record['version']}): {record['status']}"
    provides = [f"  provides {', '.join(record['provides'])}"] if record["provides"] else []
    reason = [f"  {record['reason']}"] if record["reason"] else []
    return [title, *provides, *reason]


def _say(*rows: str) -> None:
    sys.stdout.writelines(f"{neutralise_line(row)}\n" for row in rows)
    sys.stdout.flush()
