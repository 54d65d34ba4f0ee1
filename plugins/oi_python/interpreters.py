"""Which Python runs the code: the person's own, found without running anything."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from oi_core.plugin_api import Workspace

_VERSION = re.compile(r"(?<!\d)(3\.\d+)")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python to start: its command line, where it comes from in words, and the environment that goes with it."""

    argv: tuple[str, ...]
    origin: str
    version: str = ""
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def detail(self) -> str:
        """What a person is shown: ``3.12 from ./.venv``."""
        return f"{self.version} from {self.origin}".strip() if self.version else f"from {self.origin}"


def find_interpreter(workspace: Workspace) -> Interpreter:
    """Return the Python for this workspace.

    It is the first there is of: the setting, the active virtual or conda environment, the folder's ``.venv`` or
    ``venv``, ``python3`` on PATH, the one that runs this program.
    """
    if workspace.command:
        version = _version_in(Path(workspace.command[0]).name)
        return Interpreter(tuple(workspace.command), f"the setting ({' '.join(workspace.command)})", version)
    variables: Mapping[str, str] = workspace.environment or os.environ
    path = variables.get("PATH", os.defpath)
    for folder, origin in _environments(workspace.folder, variables):
        if found := _in_environment(folder, origin, path):
            return found
    for name in ("python3", "python"):
        if program := shutil.which(name, path=path):
            return Interpreter((program,), program, _version_of(Path(program)))
    return Interpreter((sys.executable,), sys.executable, f"{sys.version_info.major}.{sys.version_info.minor}")


def _environments(folder: Path, variables: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if value := variables.get(variable):
            yield Path(value), f"{variable} ({value})"
    for name in (".venv", "venv"):
        yield folder / name, f"./{name}"


def _in_environment(folder: Path, origin: str, path: str) -> Interpreter | None:
    program = folder / "bin" / "python"
    if not os.access(program, os.X_OK):
        return None
    variable = "CONDA_PREFIX" if (folder / "conda-meta").is_dir() else "VIRTUAL_ENV"
    environment = ((variable, str(folder)), ("PATH", f"{folder / 'bin'}{os.pathsep}{path}"))
    return Interpreter((str(program),), origin, _version_of(program), environment)


def _version_of(program: Path) -> str:
    """Read a Python's version off the files around it, or its resolved name."""
    folder = program.parent.parent
    try:
        for line in (folder / "pyvenv.cfg").read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition("=")
            if name.strip() in ("version", "version_info"):
                return _version_in(value)
    except OSError:
        pass
    for record in sorted(folder.glob("conda-meta/python-3.*.json")):
        return _version_in(record.name)
    try:
        resolved = program.resolve()
    except (OSError, RuntimeError):
        return ""
    return _version_in(resolved.name) or next(map(_version_in, _libraries(resolved.parent.parent)), "")


def _libraries(prefix: Path) -> list[str]:
    return sorted(folder.name for folder in prefix.glob("lib/python3.*"))


def _version_in(text: str) -> str:
    match = _VERSION.search(text)
    return match.group(1) if match else ""
