"""Programs around the sandbox: which may be trusted to set it up, and which folders a language's own program needs."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.plugin_api import ExecutorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_USUAL = ("/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin")


def find_program(name: str, untrusted: Iterable[Path]) -> Path | None:
    """Return where ``name`` is on PATH or in the usual folders, but not in an ``untrusted`` folder.

    What sandboxed code could have written must not be what sets up the next sandbox.
    """
    folders = tuple(untrusted)
    for entry in (*os.environ.get("PATH", "").split(os.pathsep), *_USUAL):
        if not entry.startswith("/"):
            continue
        found = shutil.which(name, path=entry)
        if found and not is_below(found, folders):
            return Path(found)
    return None


def is_below(path: str | Path, folders: Sequence[Path]) -> bool:
    """Whether ``path`` is in one of the folders, as it is written or as it really is."""
    written, real = Path(os.path.abspath(path)), Path(os.path.realpath(path))  # noqa: PTH100  (resolve follows links)
    return any(written.is_relative_to(folder) or real.is_relative_to(folder) for folder in folders)


def refuse_untrusted_libraries(untrusted: Sequence[Path]) -> None:
    """Refuse an environment that loads libraries from an untrusted folder into every program, the sandbox's included.

    Raises:
        ExecutorError: it does.
    """
    for variable in ("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT"):
        for entry in os.environ.get(variable, "").replace(" ", ":").split(":"):
            if entry and (not entry.startswith("/") or is_below(entry, untrusted)):
                raise ExecutorError(
                    f"{variable} names {entry}, which sandboxed code can change: the sandbox's own start would load it",
                    f"unset {variable}",
                )


def own_folders() -> set[Path]:
    """Return the real folders that this program is run from: its Python, its packages, its plugins."""
    folders = {sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    folders |= {str(Path(__file__).parent), *_packages("oi_core", "interpreter")}
    return {Path(os.path.realpath(folder)) for folder in folders if os.path.isdir(folder)}  # noqa: PTH112  (False where it may not be read)


def needed_by(argv: Sequence[str]) -> list[Path]:
    """Return the folders without which the program of ``argv`` and what is active around it cannot run."""
    places = [_home_of(found)] if (found := shutil.which(argv[0])) else []
    places += [Path(value) for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if (value := os.environ.get(name))]
    places += [Path(sys.prefix), Path(sys.base_prefix), *(Path(core) / "trash" for core in _packages("oi_core"))]
    return [place for place in places if place.exists()]


def _home_of(program: str) -> Path:
    """Return the folder that has a program's parts: the one above its ``bin``, or the one that it is in."""
    folder = Path(os.path.abspath(program)).parent  # noqa: PTH100  (a virtual environment's python is a link)
    return folder.parent if folder.name in ("bin", "sbin", "Scripts") else folder


def _packages(*names: str) -> set[str]:
    modules = [sys.modules.get(name) for name in names]
    return {str(Path(module.__file__).parent) for module in modules if module is not None and module.__file__}
