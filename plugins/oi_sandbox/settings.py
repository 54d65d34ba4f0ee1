"""The sandbox's own settings: ``[tool.interpreter.plugins.sandbox]``."""

from __future__ import annotations

from dataclasses import dataclass

from oi_core.plugin_api import Scope, Stricter, setting


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What a person may add to a profile, and its limits."""

    writable: tuple[str, ...] = setting(
        (), Scope.USER, "folders that the workspace sandbox may change, besides the project"
    )
    hidden: tuple[str, ...] = setting(
        (),
        Scope.NARROW,
        "files and folders to hide from sandboxed code, besides the usual secrets",
        stricter=Stricter.MORE,
    )
    devices: tuple[str, ...] = setting(
        (), Scope.USER, "device files for sandboxed code, such as /dev/nvidia0 or /dev/dri"
    )
    unix_sockets: bool = setting(
        False, Scope.NARROW, "whether sandboxed code may create Unix sockets", stricter=Stricter.FALSE
    )
    processes: int = setting(
        2048, Scope.USER, "processes and threads that sandboxed code may have; 0 is no limit", minimum=0
    )
    memory_gb: float | None = setting(
        None, Scope.USER, "GB of memory for sandboxed code; 0 is no limit; unset: 3/4 of the machine's", minimum=0
    )
    file_gb: float | None = setting(
        None, Scope.USER, "GB that one file may grow to; 0 is no limit; unset: half of the free disk", minimum=0
    )
