"""The launchers ``sandbox-read-only`` and ``sandbox-workspace``: a command line in, one that runs it confined out."""

from __future__ import annotations

import sys
import threading
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from oi_core.plugin_api import Availability, ExecutorError, Launcher, Level, Notice, Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from oi_core.plugin_api import Trash
    from oi_sandbox.confinement import Confinement
    from oi_sandbox.policy_files import PolicyWatch
    from oi_sandbox.settings import SandboxSettings

_MEANINGS = {
    Sandbox.READ_ONLY: "files can be read, none can be changed",
    Sandbox.WORKSPACE: "only the project folder can be changed",
}


class Enforcement(Protocol):
    """What makes a confinement hold on one kind of system."""

    def verify(self, confined: Confinement) -> str:
        """Try it with a program that does nothing, and return in words what holds.

        Raises:
            ExecutorError: it cannot be had here; says why, and what to install.
        """
        ...

    def command(self, confined: Confinement, argv: Sequence[str]) -> list[str]:
        """Return the command line that runs ``argv`` confined; only called after :meth:`verify`."""
        ...

    def output_folder(self, confined: Confinement) -> Path | None:
        """Return a folder that confined processes can read, and not write; None when they can read every folder."""
        ...

    def release(self) -> None:
        """Remove what was made for it on this machine; safe to call twice."""
        ...


class Enclosure:
    """The sandbox of one session: what it allows is settled at the first start, before any code has run in it."""

    def __init__(
        self, profile: Sandbox, settings: SandboxSettings, *, network: bool, trash: Trash | None = None
    ) -> None:
        self._profile = profile
        self._settings = settings
        self._network = network
        self._trash = trash if profile is Sandbox.WORKSPACE else None
        self._made: Enforcement | None = None
        self._in_use = threading.Lock()  # a language may be started ahead by another thread
        self._confined: dict[Path, Confinement] = {}
        self._details: dict[Path, str] = {}
        self._watches: list[PolicyWatch] = []

    @property
    def _enforcement(self) -> Enforcement:
        """What makes it hold, made on first use: most sessions have no sandbox, and every start would pay for it."""
        if self._made is None:
            self._made = _enforcement(self._settings)
            weakref.finalize(self, self._made.release)
        return self._made

    def launcher(self) -> Launcher:
        """Return the launcher that starts processes in here."""
        network = "network" if self._network else "no network"
        return Launcher(
            name=f"sandbox-{self._profile.value}",
            summary=f"{self._profile.value} sandbox, {network}: {_MEANINGS[self._profile]}",
            wrap=self.wrap,
            probe=self.probe,
            notices=self.notices,
            output_folder=self.output_folder,
            close=self.release,
        )

    def wrap(self, argv: Sequence[str], folder: Path) -> Sequence[str]:
        """Return the command line that runs ``argv`` confined to ``folder``.

        Raises:
            ExecutorError: there is no sandbox to be had here; nothing is to run without it.
        """
        with self._in_use:
            return self._enforcement.command(self._settled(folder), argv)

    def probe(self, folder: Path) -> Availability:
        """Say whether the sandbox works here, what holds in it, or why not; found out once."""
        try:
            with self._in_use:
                self._settled(folder)
        except ExecutorError as error:
            return Availability(False, str(error))
        return Availability(True, self._details[folder])

    def output_folder(self, folder: Path) -> Path | None:
        """Return the folder that processes can read, and not write, under its own path."""
        with self._in_use:
            return self._enforcement.output_folder(self._settled(folder))

    def release(self) -> None:
        """Remove what was made on this machine, if anything was; safe to call twice."""
        if self._made is not None:
            self._made.release()

    def notices(self) -> list[Notice]:
        """Return what the person should know of the code that just ran: policy files that appeared."""
        appeared = [appearance for watch in self._watches for appearance in watch.appeared()]
        return [
            Notice(f"{one.path} appeared while code ran: {one.meaning} · look at it before you go on", Level.WARNING)
            for one in appeared
        ]

    def _settled(self, folder: Path) -> Confinement:
        """Return what holds for ``folder``: looked up and tried at the first start, and not again.

        What sandboxed code does to the disk afterwards must not change what the next start allows.
        """
        from oi_sandbox.confinement import confinement
        from oi_sandbox.policy_files import PolicyWatch

        if folder not in self._confined:
            confined = confinement(self._profile, folder, self._settings, network=self._network)
            if self._trash is not None:
                self._trash.prepare()
                confined = replace(confined, trash=self._trash.folder.resolve())
            self._details[folder] = self._enforcement.verify(confined)
            self._confined[folder] = confined
            if confined.writable:
                self._watches.append(PolicyWatch(confined.writable))
        return self._confined[folder]


def _enforcement(settings: SandboxSettings) -> Enforcement:
    if sys.platform == "linux":
        from oi_sandbox.linux import LinuxEnforcement

        return LinuxEnforcement(settings)
    from oi_sandbox.seatbelt import SeatbeltEnforcement

    return SeatbeltEnforcement()
