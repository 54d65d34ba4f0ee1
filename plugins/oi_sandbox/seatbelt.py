"""Confinement on macOS, by a profile for ``sandbox-exec``.

Written after the profiles that macOS ships, and not tried by this project's tests, which run on Linux.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.plugin_api import ExecutorError
from oi_sandbox.private_folder import make_private_folder, remove_private_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_sandbox.confinement import Confinement

SANDBOX_EXEC = Path("/usr/bin/sandbox-exec")
_TRIAL_SECONDS = 20.0


class SeatbeltEnforcement:
    """Starts processes with ``sandbox-exec``; see :class:`oi_sandbox.launcher.Enforcement`."""

    def __init__(self) -> None:
        self._private: Path | None = None

    def verify(self, confined: Confinement) -> str:
        """Try the profile with a program that does nothing."""
        if sys.platform != "darwin":
            raise ExecutorError(f"there is no sandbox for {sys.platform}", 'set sandbox = "none" to run without one')
        if not SANDBOX_EXEC.exists():
            raise ExecutorError(f"{SANDBOX_EXEC} is not there", 'set sandbox = "none" to run without a sandbox')
        command = self.command(confined, ["/usr/bin/true"])
        run = subprocess.run(command, capture_output=True, timeout=_TRIAL_SECONDS, check=False)
        if run.returncode:
            raise ExecutorError(f"sandbox-exec does not work here: {run.stderr.decode('utf-8', 'replace').strip()}")
        return "sandbox-exec, without limits on processes and memory"

    def command(self, confined: Confinement, argv: Sequence[str]) -> list[str]:
        """Return ``sandbox-exec`` with the profile, in an environment whose temporary folder is the private one."""
        if self._private is None:
            self._private = make_private_folder([*confined.writable, *confined.hidden])
        places = {"TMPDIR": "", "XDG_CACHE_HOME": "/.cache", "MPLCONFIGDIR": "/.matplotlib"}
        variables = [f"{name}={self._private}{rest}" for name, rest in places.items()]
        return ["/usr/bin/env", *variables, str(SANDBOX_EXEC), "-p", profile(confined, self._private), *argv]

    def output_folder(self, confined: Confinement) -> Path | None:  # noqa: ARG002  (of the protocol)
        """Say that every folder can be read."""
        return None

    def release(self) -> None:
        """Remove the private folder."""
        if self._private is not None:
            remove_private_folder(self._private)
            self._private = None


def profile(confined: Confinement, private: Path) -> str:
    """Return the profile; of the rules that fit an operation, the last one decides."""
    lines = [
        "(version 1)",
        "(allow default)",
        "(deny file-write*)",
        "(deny signal (target others))",
        '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (regex #"^/dev/ttys"))',
        *(f"(allow file-write* (subpath {_quoted(path)}))" for path in (private, *confined.writable)),
        *(f"(deny file-write* (subpath {_quoted(path)}))" for path in confined.protected),
        *(f"(deny file-read* file-write* (subpath {_quoted(path)}))" for path in confined.hidden),
        *([f"(allow file-read* file-write* (subpath {_quoted(confined.trash)}))"] if confined.trash else []),
    ]
    if not confined.network:
        lines.append("(deny network*)")
    return "\n".join(lines)


def _quoted(path: Path) -> str:
    """Return a path as a string of the profile's language, which escapes as JSON does."""
    return json.dumps(str(path), ensure_ascii=False)
