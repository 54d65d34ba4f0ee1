"""Confinement on Linux: bubblewrap, a filter of system calls, limits of the shell and of a control group."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from oi_core.plugin_api import ExecutorError
from oi_sandbox import bubblewrap
from oi_sandbox.control_group import ControlGroup, sweep, usable_hierarchies
from oi_sandbox.limits import Limits, counts_each_sandbox, limits, shell_commands
from oi_sandbox.private_folder import make_private_folder, remove_private_folder
from oi_sandbox.programs import needed_by, refuse_untrusted_libraries
from oi_sandbox.seccomp import filter_program
from oi_sandbox.tools import INSTALL, PATIENCE_SECONDS, SHELL, Tools, tools, version, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from oi_sandbox.confinement import Confinement
    from oi_sandbox.settings import SandboxSettings

    FindTools: TypeAlias = Callable[[Sequence[Path]], Iterable[Tools]]


class LinuxEnforcement:
    """Starts processes with bubblewrap; see :class:`oi_sandbox.launcher.Enforcement`.

    ``find_tools`` yields what there is to try, and is told which folders code may have written to.
    """

    def __init__(self, settings: SandboxSettings, find_tools: FindTools = tools) -> None:
        self._settings = settings
        self._find_tools = find_tools
        self._owner = os.getpid()
        self._private: Path | None = None
        self._output: Path | None = None
        self._filter = -1
        self._group: ControlGroup | None = None
        self._tools: Tools | None = None

    def verify(self, confined: Confinement) -> str:
        """Try every bubblewrap there is until one starts a program that does nothing."""
        refuse_untrusted_libraries(confined.writable)
        self._prepare(confined)
        failures = []
        for candidate in self._find_tools(confined.writable):
            failure = self._try(candidate, confined)
            if not failure:
                self._tools = candidate
                return self._in_words(candidate, confined)
            failures.append(f"{candidate.bwrap} does not work here: {why_not(failure)}")
        self.release()
        raise ExecutorError("; ".join(failures) or "the sandbox needs bubblewrap, which is not installed", INSTALL)

    def command(self, confined: Confinement, argv: Sequence[str]) -> list[str]:
        """Return a shell that enters the control group and waits for bubblewrap, in which a shell becomes ``argv``."""
        if self._tools is None:
            raise ExecutorError("the sandbox was not tried before its use")
        self._prepare(confined)
        return [SHELL, "-c", self._script(self._tools, confined, argv), "interpreter-sandbox", *argv]

    def output_folder(self, confined: Confinement) -> Path | None:
        """Return the folder for files that confined processes may read: not in the one that they can write."""
        self._prepare(confined)
        return self._output

    def release(self) -> None:
        """Remove the private folder and the control group; a forked child leaves its parent's alone."""
        if os.getpid() != self._owner:
            return
        if self._group is not None:
            self._group.remove()
        for folder in (self._private, self._output):
            if folder is not None:
                remove_private_folder(folder)
        if self._filter >= 0:
            os.close(self._filter)
        self._group, self._private, self._output, self._filter = None, None, None, -1

    def _prepare(self, confined: Confinement) -> None:
        """Make what lives outside the sandbox and as long as it."""
        elsewhere = [*confined.writable, *confined.hidden]
        self._private = self._private or make_private_folder(elsewhere)
        self._output = self._output or make_private_folder(elsewhere)
        if self._filter < 0:
            program = filter_program(os.uname().machine, unix_sockets=confined.unix_sockets)
            self._filter = _in_memory(program) if program is not None else -1
        if self._group is None:
            hierarchies = usable_hierarchies()
            sweep(hierarchies)
            self._group = ControlGroup(self._limits(confined), hierarchies)
            self._require_a_limit_that_binds(self._group)

    def _limits(self, confined: Confinement) -> Limits:
        return limits(self._settings, confined.folder)

    def _require_a_limit_that_binds(self, group: ControlGroup) -> None:
        """Refuse to go on as root where nothing would bound the number of processes."""
        if self._settings.processes and not group.limits_processes and os.geteuid() == 0:
            self.release()
            raise ExecutorError(
                "nothing here limits how many processes sandboxed code of root can start: no control group for it",
                "run as another user, or set plugins.sandbox.processes = 0 to do without that limit",
            )

    def _try(self, found: Tools, confined: Confinement) -> str:
        """Start a program that does nothing; return what went wrong, or nothing."""
        nothing = [SHELL, "-c", "exit 0"]
        command = [SHELL, "-c", self._script(found, confined, nothing), "interpreter-sandbox", *nothing]
        try:
            run = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE_SECONDS,
                cwd=confined.folder,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        return "" if run.returncode == 0 else run.stderr.decode("utf-8", "replace") or f"status {run.returncode}"

    def _script(self, found: Tools, confined: Confinement, argv: Sequence[str]) -> str:
        """Return what the outer shell does.

        bubblewrap's own processes stand in the terminal's foreground group beside the program, and must not die of its
        interrupt key. The shell stays, because bubblewrap ends itself with the thread that started it, and a language
        may be started by a thread that does not live long.
        """
        private, output, group = self._private, self._output, self._group
        if private is None or output is None or group is None:
            raise ExecutorError("the sandbox was closed")
        bwrap = [str(found.bwrap), *bubblewrap.options(confined, private, [*needed_by(argv), output])]
        redirection = ""
        if self._filter >= 0:
            bwrap += ["--seccomp", "3"]
            redirection = f" 3</proc/{os.getpid()}/fd/{self._filter}"
        program = shlex.join([*bwrap, "--", *self._inner_command(found, group, argv)])
        return "\n".join(
            [
                "trap '' INT QUIT",
                *(f"echo 0 >{shlex.quote(str(entrance))} || exit 125" for entrance in group.entrances),
                *shell_commands(self._limits(confined)),
                f'{program} "$@"{redirection}',
                "exit $?",
            ]
        )

    def _inner_command(self, found: Tools, group: ControlGroup, argv: Sequence[str]) -> list[str]:
        """Return what runs ``argv`` inside: with its signals as they should be, and few other processes.

        A limit on processes has to be set inside, because outside the person's own would count.
        """
        command = [*found.with_signals]
        if "=" in argv[0]:  # env would take it for a variable
            command += [SHELL, "-c", 'exec "$@"', "sandbox"]
        if self._settings.processes and counts_each_sandbox() and not group.limits_processes:
            limit = f"ulimit {found.process_option} {self._settings.processes}"
            command = [SHELL, "-c", f'{limit}\nexec "$@"', "sandbox", *command]
        return command

    def _in_words(self, found: Tools, confined: Confinement) -> str:
        bounds, group = self._limits(confined), self._group
        binds = counts_each_sandbox() or (group is not None and group.limits_processes)
        each = "together" if group is not None and group.limits_memory else "for each process"
        return ", ".join(
            [
                f"bubblewrap {version(found.bwrap)} ({found.bwrap})",
                "system calls filtered" if self._filter >= 0 else f"no filter of system calls for {os.uname().machine}",
                f"at most {bounds.processes} processes" if bounds.processes and binds else "any number of processes",
                f"{bounds.memory / 1e9:.0f} GB of memory {each}" if bounds.memory else "any amount of memory",
            ]
        )


def _in_memory(content: bytes) -> int:
    """Return the descriptor of a file without a name; others of this user find it below /proc."""
    descriptor = os.memfd_create("interpreter-filter")
    os.write(descriptor, content)
    return descriptor
