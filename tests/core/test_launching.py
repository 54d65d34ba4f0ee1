from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from oi_core.errors import ConfigError, ExecutorError
from oi_core.executors import LOCAL_LAUNCHER, Availability, Launcher
from oi_core.launching import chosen_launcher
from oi_core.settings import Config, Sandbox


def launcher(name: str, availability: Availability | None = None) -> Launcher:
    def wrap(argv: Sequence[str], folder: Path) -> Sequence[str]:
        return argv

    return Launcher(name, "", wrap, probe=lambda _folder: availability or Availability(True))


LAUNCHERS = {"local": LOCAL_LAUNCHER, "ssh": launcher("ssh"), "sandbox-workspace": launcher("sandbox-workspace")}


def test_the_setting_launcher_names_one() -> None:
    assert chosen_launcher(LAUNCHERS, Config()) is LOCAL_LAUNCHER
    assert chosen_launcher(LAUNCHERS, Config(launcher="ssh")).name == "ssh"


def test_the_setting_sandbox_names_one_by_its_profile() -> None:
    assert chosen_launcher(LAUNCHERS, Config(sandbox=Sandbox.WORKSPACE)).name == "sandbox-workspace"


def test_a_sandbox_that_nobody_provides_is_an_error() -> None:
    with pytest.raises(ConfigError, match='no plugin provides the sandbox "read-only"'):
        chosen_launcher(LAUNCHERS, Config(sandbox=Sandbox.READ_ONLY))


def test_a_launcher_that_nobody_provides_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no launcher 'docker'"):
        chosen_launcher(LAUNCHERS, Config(launcher="docker"))


def test_a_launcher_is_not_dropped_in_favour_of_a_sandbox_nor_the_other_way() -> None:
    with pytest.raises(ConfigError, match="exclude each other"):
        chosen_launcher(LAUNCHERS, Config(sandbox=Sandbox.WORKSPACE, launcher="ssh"))


def test_a_launcher_that_does_not_work_here_is_refused_with_its_reason() -> None:
    broken = {"ssh": launcher("ssh", Availability(False, "no route to the host"))}
    with pytest.raises(ExecutorError, match="code cannot be started by ssh: no route to the host"):
        chosen_launcher(broken, Config(launcher="ssh"))
