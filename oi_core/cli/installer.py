"""How packages get into the environment that this program runs in: which kind it is, and the command for each."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oi_core import __version__
from oi_core.errors import ConfigError
from oi_core.plugin_manager.installed import OUR_DISTRIBUTION, normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

PINNED = f"{OUR_DISTRIBUTION}=={__version__}"
"""Named beside what is installed, so that no plugin brings another version of the interpreter itself."""


@dataclass(frozen=True, slots=True)
class Installer:
    """An environment in words, and the command lines that change it."""

    environment: str
    install: tuple[str, ...]
    uninstall: tuple[str, ...]

    def shown(self, command: Sequence[str]) -> str:
        """Return a command line as it would be typed."""
        return shlex.join(command)


def installer_for(packages: Sequence[str], prefix: Path | None = None) -> Installer:
    """Return how ``packages`` are installed and uninstalled where this program lives; ``prefix`` is for tests.

    Raises:
        ConfigError: nothing may be installed there, or there is no installer; says what to do.
    """
    home = prefix or Path(sys.prefix)
    if (home / "pipx_metadata.json").exists():
        return Installer(
            f"pipx ({home})", ("pipx", "inject", home.name, *packages), ("pipx", "uninject", home.name, *packages)
        )
    if (home / "uv-receipt.toml").exists():
        return _uv_tool(home, packages)
    if prefix is None and sys.prefix == sys.base_prefix and _is_managed():
        raise ConfigError(
            f"this Python ({sys.prefix}) belongs to the system, which installs its packages itself",
            f"install the interpreter by itself: pipx install {OUR_DISTRIBUTION}",
        )
    where = "virtual environment" if sys.prefix != sys.base_prefix else "Python"
    return _pip(f"{where} ({home})", packages)


def _uv_tool(home: Path, packages: Sequence[str]) -> Installer:
    """Install the tool again with the packages it has beside it, and these: uv keeps no others."""
    receipt = tomllib.loads((home / "uv-receipt.toml").read_text(encoding="utf-8"))
    has: dict[str, str] = {}
    for entry in receipt.get("tool", {}).get("requirements", []):
        has[normalised(str(entry["name"]))] = _requirement(entry)
    ours = has.pop(OUR_DISTRIBUTION, OUR_DISTRIBUTION)
    command = ("uv", "tool", "install", PINNED if ours == OUR_DISTRIBUTION else ours)
    names = {normalised(name) for name in packages}
    kept = [requirement for name, requirement in has.items() if name not in names]
    return Installer(
        f"uv tool ({home})", (*command, *_with([*kept, *packages])), (*command, "--reinstall", *_with(kept))
    )


def _requirement(entry: dict[str, Any]) -> str:  # Any: strings and lists of uv's own
    """Return what uv was told to install: a place, or a name with its versions."""
    place = next((str(entry[kind]) for kind in ("editable", "directory", "path", "url", "git") if kind in entry), "")
    return place or f"{entry['name']}{entry.get('specifier', '')}"


def _with(packages: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for package in packages for word in ("--with", package))


def _pip(environment: str, packages: Sequence[str]) -> Installer:
    python = sys.executable
    if find_spec("pip") is not None:
        pip = (python, "-m", "pip")
        return Installer(environment, (*pip, "install", *packages, PINNED), (*pip, "uninstall", "-y", *packages))
    if shutil.which("uv"):
        target = ("--python", python)
        return Installer(
            environment,
            ("uv", "pip", "install", *target, *packages, PINNED),
            ("uv", "pip", "uninstall", *target, *packages),
        )
    raise ConfigError(f"there is neither pip nor uv for {python}", f"{python} -m ensurepip installs pip")


def _is_managed() -> bool:
    """Whether the system's package manager owns this Python (PEP 668)."""
    return os.path.exists(Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED")  # noqa: PTH110  (may be unreadable)
