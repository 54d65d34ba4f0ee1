"""In the sandbox, Python and the shell pass the suite that every executor has to pass."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import oi_python
import oi_shell
import pytest
from oi_sandbox.launcher import Enclosure
from oi_sandbox.settings import SandboxSettings

from oi_core.plugin_api import Executor, Launcher, Sandbox, Workspace
from tests.plugins import test_python_conformance as of_python
from tests.plugins import test_shell_conformance as of_shell
from tests.plugins.sandbox_host import why_no_sandbox

REASON = why_no_sandbox()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


class InSandbox:
    """Starts every executor of a test in one sandbox."""

    folder: Path
    launcher: Launcher

    @pytest.fixture(autouse=True)
    def sandbox(self) -> Iterator[None]:
        with tempfile.TemporaryDirectory() as folder:
            self.folder = Path(folder)
            self.launcher = Enclosure(Sandbox.WORKSPACE, SandboxSettings(), network=False).launcher()
            assert self.launcher.probe(self.folder).available
            yield
            self.launcher.close()

    def workspace(self) -> Workspace:
        return Workspace(folder=self.folder, launch=lambda argv: self.launcher.wrap(argv, self.folder))


class TestSandboxedPython(InSandbox, of_python.TestPython):
    def start(self) -> Executor:
        return oi_python.start(self.workspace())


class TestSandboxedShell(InSandbox, of_shell.TestShell):
    def start(self) -> Executor:
        return oi_shell.start(self.workspace())
