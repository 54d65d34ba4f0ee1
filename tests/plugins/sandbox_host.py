"""The machine around a sandbox, for tests: a home with secrets, a project, listeners, and a session on the project."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from oi_core import open_session
from oi_core.events import Event, Executed
from oi_core.plugin_api import ExecutorError
from oi_core.results import ExecutionResult
from oi_core.session import Session

SECRET = "the-secret-of-this-test"
PLACE_VARIABLE = "SANDBOX_TEST_PLACE"
"""Where to make the folders of a test; the sandbox has a /tmp of its own, so that they should be elsewhere."""


def why_no_sandbox() -> str:
    """Return why there is no sandbox on this machine, or nothing."""
    if sys.platform != "linux":
        return "the sandbox's tests are for Linux"
    with tempfile.TemporaryDirectory() as folder:
        try:
            open_session(folder, sandbox="read-only", isolated=True).close()
        except ExecutorError as error:
            return str(error)
    return ""


@dataclass
class Host:
    """A home with a secret in it, a project, and the session that runs code on the project in a sandbox."""

    home: Path
    project: Path
    session: Session = field(init=False)
    events: list[Event] = field(default_factory=list)

    def run(self, code: str, language: str = "python", timeout: float = 60) -> ExecutionResult:
        """Run code inside and return its result; the events stay in ``events``."""
        self.events = list(self.session.run_code(language, code, timeout))
        last = self.events[-1]
        assert isinstance(last, Executed)
        return last.result

    def value(self, expression: str) -> str:
        """Return what Python inside prints for an expression."""
        return self.run(f"print({expression})").output.strip()


@contextmanager
def host(profile: str, place: Path, **settings: object) -> Iterator[Host]:
    """Make a home and a project below ``place``, and open a session on the project."""
    home, project = place / "home", place / "pröject with a space"
    for folder in (home / ".ssh", home / ".aws", project / ".git" / "hooks", project / "sub"):
        folder.mkdir(parents=True, exist_ok=True)
    for file in (home / ".ssh" / "id_ed25519", home / ".aws" / "credentials", home / ".netrc", home / "notes.txt"):
        file.write_text(SECRET)
    (project / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (project / ".git" / "config").write_text("[core]\n")
    (project / "data.txt").write_text("data")
    made = Host(home, project)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("CANARY_OF_THIS_TEST", SECRET)
        with open_session(project, sandbox=profile, isolated=True, **settings) as session:  # type: ignore[arg-type]  # any setting
            made.session = session
            yield made


@contextmanager
def temporary_place(*places: str) -> Iterator[Path]:
    """Make a folder where sandboxed code sees the machine's own files, not a private folder."""
    for place in places or (os.environ.get(PLACE_VARIABLE, "/nowhere"), "~", "/var/lib", "/home"):
        folder = Path(place).expanduser()
        if os.access(folder, os.W_OK) and not folder.is_relative_to("/tmp"):
            made = Path(tempfile.mkdtemp(prefix="sandbox-test-", dir=folder))
            try:
                yield made
            finally:
                shutil.rmtree(made)
            return
    pytest.skip(f"no folder outside /tmp can be written here; {PLACE_VARIABLE} names one")


@contextmanager
def listener(family: socket.AddressFamily, kind: socket.SocketKind, address: object) -> Iterator[socket.socket]:
    """Open a socket of the host that waits for what should not come."""
    with socket.socket(family, kind) as waiting:
        waiting.bind(address)  # type: ignore[arg-type]  # of the family's own kind
        waiting.settimeout(0.3)
        if kind is socket.SOCK_STREAM:
            waiting.listen()
        yield waiting


def heard_nothing(waiting: socket.socket) -> bool:
    """Say whether nobody connected, and nothing arrived."""
    try:
        if waiting.type is socket.SOCK_STREAM:
            waiting.accept()
        else:
            waiting.recv(1)
    except TimeoutError:
        return True
    return False


def processes_with(marker: str) -> list[int]:
    """Return the living processes of the machine whose command line contains ``marker``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (entry / "cmdline").read_bytes() and entry.name != str(os.getpid()):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@contextmanager
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """Start a process of the host that nobody should be able to end."""
    process = subprocess.Popen(["sleep", "600"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()
