"""Programs that pack, unpack and mirror files, and run commands while they do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.command import Command
from oi_forbidden.hosts import host_of


def _rsync(command: Command) -> None:
    operands = command.operands(
        "-e --rsh -f --filter --exclude --include -T --exclude-from --files-from --password-file --port"
    )
    for shell in command.values("-e", "--rsh", "--rsync-path"):
        if not shell.startswith("ssh"):
            command.shell.read_apart(shell, command.line)
    if len(operands) < 2:
        return
    *sources, destination = operands
    remote = re.match(r"(?:[\w.-]+@)?[\w.\[\]-]+::?|rsync://", destination) and not destination.startswith(("/", "."))
    if remote:
        for source in sources:
            command.add_path(Verb.READ, source)
        command.add_address(Verb.SEND, host_of(destination) or destination, "file")
        return
    if any(a.startswith(("--del", "--remove-source")) for a in command.arguments):
        command.add_path(Verb.DELETE, destination, "recursive")
    command.add_path(Verb.WRITE, destination)


def _tar(command: Command) -> None:
    operands = command.operands(
        "-f -C -T -X -I --file --directory --exclude --use-compress-program --checkpoint --to-command"
    )
    for action in command.values("--checkpoint-action"):
        if action.startswith("exec="):
            command.shell.read_apart(action[5:], command.line)
    for script in command.values(
        "--to-command", "-I", "--use-compress-program", "--rsh-command", "--rmt-command", "-F", "--info-script"
    ):
        if re.search(r"\s|^(?:/\S*/)?(?:ba|da|z)?sh$", script):
            command.shell.read_apart(script, command.line)
    if command.has("--remove-files"):
        for path in operands:
            command.add_path(Verb.DELETE, path, "recursive")
    first = command.arguments[0] if command.arguments else ""
    if command.has("--extract", "-x") or (first and not first.startswith("-") and "x" in first):
        for folder in command.values("-C", "--directory"):
            command.add_path(Verb.WRITE, folder)
        if command.has("-P", "--absolute-names"):
            command.add_path(Verb.WRITE, "/")


def _zip(command: Command) -> None:
    if any(a in ("-m", "--move", "-sdel") or re.fullmatch(r"-[a-zA-Z]*m[a-zA-Z]*", a) for a in command.arguments):
        for path in command.operands("-P -x -i -b -t")[1:]:
            command.add_path(Verb.DELETE, path)
    for script in command.values("-TT", "--unzip-command"):
        command.shell.read_apart(script.rstrip("# "), command.line)


def _sevenzip(command: Command) -> None:
    if "-sdel" in command.arguments:
        for path in command.operands()[2:]:
            command.add_path(Verb.DELETE, path, "recursive")


READERS: Final[Mapping[str, Callable[[Command], object]]] = {
    "rsync": _rsync,
    "tar": _tar,
    "zip": _zip,
    "7z": _sevenzip,
    "7za": _sevenzip,
}
"""By program."""
