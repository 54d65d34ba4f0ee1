"""A confinement as bubblewrap's options: mounts in their order, namespaces, variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_sandbox.policy_files import fixed_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from oi_sandbox.confinement import Confinement

TEMPORARY: Final = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108  (replaced by a private folder)
RUN: Final = (Path("/run"), Path("/var/run"))
_KEPT_OF_RUN = ("current-system", "booted-system", "opengl-driver", "systemd/resolve", "resolvconf", "NetworkManager")
"""What programs read below /run: where NixOS keeps every program, and how names are resolved."""
_PROC_READ_ONLY = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi", "asound")

VARIABLES: Mapping[str, str] = {
    "TMPDIR": "/tmp",  # noqa: S108  (the private one)
    "XDG_CACHE_HOME": "/tmp/.cache",  # noqa: S108  (the sandbox's own /tmp)
    "MPLCONFIGDIR": "/tmp/.config/matplotlib",  # noqa: S108  (the sandbox's own /tmp)
    "IPYTHONDIR": "/tmp/.ipython",  # noqa: S108  (the sandbox's own /tmp)
    "npm_config_cache": "/tmp/.npm",  # noqa: S108  (the sandbox's own /tmp)
}
"""Where programs put what they would otherwise write to the home folder, which cannot be written."""

LEADS_OUTSIDE = (
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "GPG_AGENT_INFO",
    "SSH_AGENT_PID",
    "SSH_AUTH_SOCK",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
)
"""Variables that name sockets of other programs; they are not there inside."""


def options(confinement: Confinement, private: Path, needed: Iterable[Path]) -> list[str]:
    """Return the options for ``bwrap``; ``private`` is what sandboxed code sees as /tmp.

    ``needed`` folders stay readable even where a private one takes the place of their parents.
    """
    covers = [path for path in (*TEMPORARY, *RUN) if path.is_dir() and not path.is_symlink()]
    kept = _kept(confinement, covers, needed)
    seen = [*kept, *confinement.writable]
    hidden = [path for path in confinement.hidden if _is_below(path, seen) or not _is_below(path, covers)]
    return [
        *_namespaces(confinement),
        *_variables(),
        *_base(confinement.devices),
        *_folders(confinement.writable, kept, covers, private),
        *_protected(confinement),
        *_hidden(hidden, confinement.trash),
        *("--chdir", str(confinement.folder)),
    ]


def _namespaces(confinement: Confinement) -> list[str]:
    # Without --new-session: it breaks job control, and the pty belongs to this process alone.
    network = [] if confinement.network else ["--unshare-net"]
    return [
        *("--unshare-user-try", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", *network),
        *("--die-with-parent", "--cap-drop", "ALL"),
    ]


def _variables() -> Iterator[str]:
    for name, value in VARIABLES.items():
        yield from ("--setenv", name, value)
    for name in LEADS_OUTSIDE:
        yield from ("--unsetenv", name)


def _base(devices: Iterable[Path]) -> Iterator[str]:
    yield from ("--ro-bind", "/", "/", "--dev", "/dev")
    for device in devices:
        yield from ("--dev-bind", str(device), str(device))
    yield from ("--tmpfs", "/dev/shm", "--remount-ro", "/dev", "--proc", "/proc")  # noqa: S108  (a private one)
    for name in _PROC_READ_ONLY:  # bubblewrap asks access(2), which says no for /proc/sys even where root may write
        yield from ("--ro-bind-try", f"/proc/{name}", f"/proc/{name}")


def _kept(confinement: Confinement, covers: Sequence[Path], needed: Iterable[Path]) -> list[Path]:
    """Return what is below a cover and stays readable all the same, without what is writable."""
    places = [confinement.folder, *(run / name for run in RUN for name in _KEPT_OF_RUN)]
    places += [place for path in needed for place in (path, path.resolve())]
    below = {path for path in places if path.exists() and path not in covers and _is_below(path, covers)}
    return [path for path in below if not _is_below(path, confinement.writable)]


def _folders(writable: Sequence[Path], kept: Sequence[Path], covers: Sequence[Path], private: Path) -> Iterator[str]:
    """Yield the mounts of what is private, what stays readable all the same, and what may be written."""
    for cover in covers:
        yield from ("--bind", str(private), str(cover)) if cover in TEMPORARY else ("--tmpfs", str(cover))
    ways = _ways([*kept, *writable], covers)
    for way in ways:  # a mount of its own, so that sandboxed code cannot move it and lead the next start elsewhere
        yield from ("--tmpfs", str(way))
    binds = [(path, "--bind") for path in writable] + [(path, "--ro-bind") for path in kept]
    for path, option in sorted(binds, key=lambda bind: (len(bind[0].parts), bind)):
        yield from (option, str(path), str(path))
    for way in [*ways, *(cover for cover in covers if cover not in TEMPORARY)]:
        yield from ("--remount-ro", str(way))


def _ways(paths: Iterable[Path], covers: Iterable[Path]) -> list[Path]:
    """Return the folders directly below a cover on the way to one of ``paths``, without the paths themselves."""
    ways = set()
    for path in paths:
        for cover in covers:
            if path.is_relative_to(cover) and len(path.parts) > len(cover.parts) + 1:
                ways.add(Path(*path.parts[: len(cover.parts) + 1]))
    return sorted(ways - set(paths))


def _hidden(paths: Iterable[Path], trash: Path | None) -> Iterator[str]:
    bind = ("--bind", str(trash), str(trash)) if trash is not None else ()
    for path in filter(os.path.lexists, paths):  # a mount point that is not there is an error
        if path.is_dir():
            yield from ("--tmpfs", str(path))
            if trash is not None and trash.is_relative_to(path):
                yield from bind
                bind = ()
            yield from ("--remount-ro", str(path))
        else:  # bubblewrap mounts without devices, so that this reads as "permission denied"
            yield from ("--ro-bind", "/dev/null", str(path))
    yield from bind


def _protected(confinement: Confinement) -> Iterator[str]:
    for folder in confinement.writable:
        for fixed in fixed_folders(folder):  # a mount point cannot be moved away, nor what it holds with it
            yield from ("--bind", str(fixed), str(fixed))
    for path in confinement.protected:
        yield from ("--ro-bind-try", str(path), str(path))


def _is_below(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
