"""Programs that run a command for others: ``xargs``, ``parallel``, ``ssh``, ``make``, and many by an option."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.command import Command
from oi_forbidden.names import words
from oi_forbidden.places import HOLE
from oi_forbidden.programs_code import SHELLS, from_stdin, read_language


def _runs_option(*options: str) -> Callable[[Command], None]:
    """Return a reader for programs that run what an option holds as a shell command."""

    def read(command: Command) -> None:
        for script in command.values(*options):
            script = script.removeprefix("exec=")
            command.shell.read_apart(script.lstrip("!"), command.line)

    return read


def _runs_rest(valued: str = "", skip: int = 0) -> Callable[[Command], None]:
    """Return a reader for programs that run their operands as a command, after ``skip`` of their own."""
    takes = frozenset(valued.split())

    def read(command: Command) -> None:
        arguments = list(command.arguments)
        while arguments and arguments[0].startswith("-"):
            option = arguments.pop(0)
            if option == "--":
                break
            if option in takes and arguments:
                arguments.pop(0)
        rest = arguments[skip:]
        if len(rest) == 1:
            command.shell.read_apart(rest[0], command.line)
        elif rest:
            command.shell.run_words(rest, command.line, None, command.tags)

    return read


def _xargs(command: Command) -> None:
    arguments = list(command.arguments)
    mark, takes = (
        "",
        words("-a -d -E -L -n -P -s --arg-file --delimiter --max-args --max-procs --max-lines"),
    )
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option in ("-I", "--replace") and arguments:
            mark = arguments.pop(0)
        elif option[:2] in ("-I", "-i"):
            mark = option[2:] or "{}"
        elif option in takes and arguments:
            arguments.pop(0)
        elif option == "--":
            break
    if arguments and arguments[0].rpartition("/")[2] in SHELLS and len(arguments) == 1:
        command.add(Verb.SHELL, "xargs")
    stdin = command.stdin.text if command.stdin is not None else HOLE
    items = stdin.replace("\0", "\n").splitlines() if mark else stdin.replace("\0", " ").split()
    items = items or [HOLE]
    if mark:
        for item in items[:6]:
            command.shell.run_words([a.replace(mark, item) for a in arguments], command.line, None, command.tags)
    else:
        command.shell.run_words([*arguments, *items[:40]], command.line, None, command.tags)


def _parallel(command: Command) -> None:
    arguments = list(command.arguments)
    while arguments and arguments[0].startswith("-"):
        arguments.pop(0)
    if ":::" in arguments:
        cut = arguments.index(":::")
        words, items = arguments[:cut], arguments[cut + 1 :]
    else:
        words, items = arguments, command.stdin.text.splitlines() if command.stdin is not None else [HOLE]
    for item in items[:6]:
        line = " ".join(words)
        command.shell.read_apart(line.replace("{}", item) if "{}" in line else f"{line} {item}", command.line)


def _watch(command: Command) -> None:
    arguments = list(command.arguments)
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option in ("-n", "--interval") and arguments:
            arguments.pop(0)
    command.shell.read_apart(" ".join(arguments), command.line)


def _ssh(command: Command) -> None:
    for option in command.values("-o"):
        name, _, value = option.partition("=")
        if name.casefold() in ("proxycommand", "localcommand", "knownhostscommand"):
            command.shell.read_apart(value.lstrip(";"), command.line)
    operands: list[str] = []
    arguments = list(command.arguments)
    while arguments:
        argument = arguments.pop(0)
        if not operands and argument.startswith("-"):
            if argument in words("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w") and arguments:
                arguments.pop(0)
        else:
            operands.append(argument)
    if not operands:
        return
    if command.has("-R", "-D", "-L", "-w"):
        command.add_address(Verb.LISTEN, operands[0], "tunnel")
    if len(operands) > 1:
        command.add_address(Verb.RUN, "ssh", "remote")
        command.shell.read_apart(" ".join(operands[1:]), command.line, command.stdin)
    if command.stdin is not None:
        command.add_address(Verb.SEND, operands[0], *command.stdin.tags)


def _su(command: Command) -> None:
    for script in command.values("-c", "--command"):
        command.shell.read_apart(script, command.line)
    if command.name == "runuser" and "--" in command.arguments:
        rest = command.arguments[command.arguments.index("--") + 1 :]
        if rest:
            command.shell.run_words(rest, command.line, None, command.tags)


def _at(command: Command) -> None:
    if command.has("-l", "-r", "-c") or command.name in ("atq",):
        return
    command.add(Verb.RUN, "at", "schedules")
    if command.stdin is not None:
        from_stdin(command)


def _git(command: Command) -> None:
    for setting in command.values("-c"):
        _, _, value = setting.partition("=")
        if value.startswith("!") or re.match(r"core\.(?:pager|editor|sshcommand|fsmonitor)=", setting, re.IGNORECASE):
            command.shell.read_apart(value.lstrip("!"), command.line)
    if "clean" in command.arguments[:4] and any(re.match(r"-\w*f|--force", a) for a in command.arguments):
        command.add_path(Verb.DELETE, ".", "recursive", "untracked")


def _debugger(command: Command) -> None:
    for script in command.values("-ex", "--ex", "-eval-command", "--eval-command", "-iex"):
        match = re.match(r"(?:!|shell\s+)(.*)|python\s+(.*)|call\b.*system\(\"(.*?)\"", script)
        if match is None:
            continue
        if match[2]:
            read_language("python", match[2], command)
        else:
            command.shell.read_apart(match[1] or match[3] or "sh", command.line)


def _make(command: Command) -> None:
    sources = [*command.values("--eval", "-E")]
    if command.stdin is not None and "-" in command.values("-f", "--file", "--makefile"):
        sources.append(command.stdin.text)
    for source in sources:
        for recipe in re.findall(r"^\t[-@+]*(.*)$", source, re.MULTILINE):
            command.shell.read_apart(recipe, command.line)


def _split(command: Command) -> None:
    for script in command.values("--filter"):
        command.shell.read_apart(script, command.line)


def _database(command: Command) -> None:
    sources = [*command.values("-c", "-e", "--command", "--execute", "--eval", "-cmd", "-Q", "-q")]
    if command.name in ("sqlite3", "duckdb"):
        sources += command.operands("-cmd -separator -init")[1:]
    if command.name in ("redis-cli", "mongo"):
        sources.append(" ".join(command.operands("-h -p -a -n -u")))
    if command.stdin is not None and command.stdin.is_known:
        sources.append(command.stdin.text)
    for source in sources:
        command.shell.readers.other("sql", source, command.line, command.shell.depth + 1)


def _start_stop(command: Command) -> None:
    programs = [*command.values("-x", "--exec", "-a", "--startas")]
    rest = command.arguments[command.arguments.index("--") + 1 :] if "--" in command.arguments else ()
    if programs and command.has("-S", "--start"):
        command.shell.run_words([programs[0], *rest], command.line, None, command.tags)


def _socat(command: Command) -> None:
    for operand in command.operands():
        kind, _, rest = operand.partition(":")
        if kind.casefold() in ("exec", "system", "shell"):
            command.shell.read_apart(
                shlex.split(rest.split(",")[0])[0] if "'" in rest[:1] else rest.split(",")[0], command.line
            )
        elif "listen" in kind.casefold() or kind.casefold().endswith(("-l", "recv")):
            command.add(Verb.LISTEN, rest.split(",")[0])
        elif re.match(r"(?:tcp|udp|openssl|ssl|sctp|socks)", kind, re.IGNORECASE):
            command.add_address(Verb.SEND, rest.split(",")[0], "socket", *command.flow())


READERS: Final[Mapping[str, Callable[[Command], object]]] = {
    "xargs": _xargs,
    "parallel": _parallel,
    "watch": _watch,
    "entr": _runs_rest(),
    "ssh": _ssh,
    "su": _su,
    "runuser": _su,
    "sg": _runs_option("-c"),
    "script": _runs_option("-c", "--command", "-qc", "-qec"),
    "flock": _runs_option("-c", "--command"),
    "env": _runs_option("-S", "--split-string"),
    "man": _runs_option("-P", "--pager", "-H"),
    "openvpn": _runs_option("--up", "--down", "--client-connect"),
    "mail": _runs_option("--exec"),
    "hg": _runs_option("--pager"),
    "screen": _runs_rest("-S -t -c -D -r -x -p -h"),
    "at": _at,
    "batch": _at,
    "git": _git,
    "gdb": _debugger,
    "lldb": _debugger,
    "make": _make,
    "gmake": _make,
    "split": _split,
    "start-stop-daemon": _start_stop,
    "socat": _socat,
    **dict.fromkeys(
        ("sqlite3", "psql", "mysql", "mongo", "redis-cli", "duckdb", "sqlcmd", "clickhouse-client", "cqlsh"), _database
    ),
}
"""By program."""
