"""What a sandbox allows, whatever enforces it: writable, readable, hidden and protected paths, network, limits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.plugin_api import ExecutorError, Sandbox
from oi_sandbox.host_sockets import listening_sockets
from oi_sandbox.policy_files import protected_paths
from oi_sandbox.programs import own_folders
from oi_sandbox.secret_paths import home_folders, secret_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oi_sandbox.settings import SandboxSettings


@dataclass(frozen=True, slots=True)
class Confinement:
    """Every path is real: absolute, without symbolic links, and it exists.

    ``writable`` may be changed, except for what is ``protected``; ``hidden`` cannot be read; all else can be read and
    not be changed. ``folder`` is where the process starts. ``trash`` can be changed although it may be in a hidden one.
    """

    folder: Path
    writable: tuple[Path, ...]
    protected: tuple[Path, ...]
    hidden: tuple[Path, ...]
    devices: tuple[Path, ...] = ()
    network: bool = False
    unix_sockets: bool = False
    trash: Path | None = None


def confinement(profile: Sandbox, folder: Path, settings: SandboxSettings, *, network: bool) -> Confinement:
    """Return what ``profile`` allows for a project in ``folder``, as the disk is now.

    Raises:
        ExecutorError: the folder cannot be confined: it is a home folder or above one, or in a place that is hidden.
    """
    real = folder.resolve()
    sockets = listening_sockets() if settings.unix_sockets else []
    hidden = _outermost([*secret_paths(), *existing(settings.hidden), *sockets])
    for secret in hidden:
        if real.is_relative_to(secret):
            raise ExecutorError(f"the sandbox hides {secret}, and {folder} is in it", "start in another folder")
    writable: tuple[Path, ...] = ()
    if profile is Sandbox.WORKSPACE:
        writable = _outermost([real, *existing(settings.writable)])
        for one in writable:
            _refuse_home(one)
    return Confinement(
        folder=real,
        writable=writable,
        protected=tuple(sorted(_protected(writable))),
        hidden=hidden,
        devices=existing(settings.devices),
        network=network,
        unix_sockets=settings.unix_sockets,
    )


def existing(names: Iterable[str]) -> tuple[Path, ...]:
    """Return the real paths of those that exist; ``~`` stands for the home folder."""
    real = (os.path.realpath(os.path.expanduser(name)) for name in names)  # noqa: PTH111  (raises for no home)
    return tuple(Path(path) for path in real if os.path.lexists(path))


def _protected(writable: Sequence[Path]) -> set[Path]:
    """Return what stays as it is within the writable folders: what later runs unasked, and our own program."""
    found = {path for folder in writable for path in protected_paths(folder)}
    return found | {own for own in own_folders() if any(own.is_relative_to(folder) for folder in writable)}


def _refuse_home(folder: Path) -> None:
    """Refuse a writable folder in which start-up files could be made: one that does not exist cannot be protected."""
    for home in home_folders():
        if home.is_relative_to(folder) and home != Path("/"):
            what = "your home folder" if home == folder else f"above your home folder {home}"
            raise ExecutorError(
                f"the workspace sandbox would make {folder} writable, which is {what}",
                'start in a project folder, or use sandbox = "read-only"',
            )
    if folder == Path("/"):
        raise ExecutorError("the workspace sandbox would make the whole disk writable", "start in a project folder")


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths without those that lie in another of them, sorted."""
    kept: list[Path] = []
    for path in sorted(set(paths)):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return tuple(kept)
