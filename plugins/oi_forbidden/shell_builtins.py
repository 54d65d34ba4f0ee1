"""The commands a shell does itself: ``cd``, ``eval``, ``read``, ``set``, ``alias``, ``trap`` and their like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.command import FLOWS, Command
from oi_forbidden.names import words
from oi_forbidden.places import HOLE, normal
from oi_forbidden.shell_filters import output_of
from oi_forbidden.shell_state import EMPTY, UNKNOWN, Stream

Builtin = Callable[[Command], Stream]


def _cd(command: Command) -> Stream:
    state = command.shell.state
    operands = [a for a in command.arguments if not re.fullmatch(r"-[LPe@]+|--", a)]
    if command.name == "popd":
        state.folder = state.folders.pop() if state.folders else state.folder
        return EMPTY
    if command.name == "pushd":
        state.folders.append(state.folder)
    target = operands[0] if operands else "~"
    state.folder = HOLE if target == "-" else normal(target, state.folder)
    return EMPTY


def _eval(command: Command) -> Stream:
    return _read_here(" ".join(command.arguments), command)


def _read_here(source: str, command: Command) -> Stream:
    """Follow text as code; where none of it is known, say where it comes from."""
    if "decoded" in command.tags:
        command.shell.acts.add(Verb.CODE, command.name, command.line, command.tags)
    if HOLE in source and _says_nothing(source):
        command.shell.acts.add(Verb.CODE, command.name, command.line, command.tags)
        return UNKNOWN
    if HOLE in source:
        command.shell.acts.add(Verb.CODE, command.name, command.line, command.tags | {"partly"})
    return command.shell.read(source, command.line, command.stdin)


def _says_nothing(source: str) -> bool:
    return source.strip(HOLE + " \t\n;&|\"'") == "" or source.lstrip().startswith(HOLE)


def _source(command: Command) -> Stream:
    operands = command.operands()
    if not operands:
        return EMPTY
    shell = command.shell
    path = operands[0]
    if path in ("/dev/stdin", "-", "/dev/fd/0", "/proc/self/fd/0"):
        stream = command.stdin or UNKNOWN
    else:
        known = shell.state.files.get(normal(path, shell.state.folder)) or shell.state.files.get(path)
        if known is None:
            return EMPTY
        stream = known
    if not stream.is_known:
        shell.acts.add(Verb.CODE, command.name, command.line, command.tags | stream.tags)
        return UNKNOWN
    return shell.read(stream.text, command.line)


def _exec(command: Command) -> Stream:
    arguments = list(command.arguments)
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option == "-a" and arguments:
            arguments.pop(0)
    if not arguments:
        return EMPTY
    return command.shell.run_words(arguments, command.line, command.stdin, command.tags)


def _set(command: Command) -> Stream:
    arguments = list(command.arguments)
    if not arguments:
        command.shell.acts.add(Verb.RUN, "set", command.line, command.tags, "")
        return Stream(HOLE, frozenset({"system"}))
    command.shell.acts.add(Verb.RUN, "set", command.line, command.tags, " ".join(arguments))
    if "--" in arguments:
        command.shell.state.positional = tuple(arguments[arguments.index("--") + 1 :])
    elif not arguments[0].startswith(("-", "+")):
        command.shell.state.positional = tuple(arguments)
    return EMPTY


def _shift(command: Command) -> Stream:
    state = command.shell.state
    count = int(command.arguments[0]) if command.arguments and command.arguments[0].isdigit() else 1
    if state.positional:
        state.positional = state.positional[count:]
    return EMPTY


def _read(command: Command) -> Stream:
    state = command.shell.state
    names = [a for a in command.operands("-d -i -n -N -p -t -u -a") if re.fullmatch(r"\w+", a)]
    text = command.stdin.text.partition("\n")[0] if command.stdin is not None else HOLE
    origin = command.stdin.tags if command.stdin is not None else frozenset({"input"})
    arrays = list(command.values("-a"))
    separators = state.value("IFS")
    separators = separators if isinstance(separators, str) and separators else " \t\n"
    if arrays:
        state.assign(arrays[0], tuple(re.split(f"[{re.escape(separators)}]+", text.strip())), origin)
        return EMPTY
    names = names or ["REPLY"]
    split = (
        re.split(f"[{re.escape(separators)}]+", text.strip(), maxsplit=len(names) - 1)
        if len(names) > 1
        else [text.strip()]
    )
    pieces = split if text != HOLE else []
    for number, name in enumerate(names):
        state.assign(name, pieces[number] if number < len(pieces) else HOLE if HOLE in text else "", origin)
    return EMPTY


def _mapfile(command: Command) -> Stream:
    names = [a for a in command.operands("-d -n -O -s -u -C -c") if re.fullmatch(r"\w+", a)]
    text = command.stdin.text if command.stdin is not None else HOLE
    command.shell.state.assign(names[0] if names else "MAPFILE", tuple(text.splitlines()))
    return EMPTY


def _printf(command: Command) -> Stream:
    if command.arguments[:1] == ("-v",) and len(command.arguments) > 2:
        text = output_of("printf", command.arguments[2:], "")
        command.shell.state.assign(command.arguments[1], HOLE if text is None else text, command.tags)
        return EMPTY
    return _print(command)


def _print(command: Command) -> Stream:
    text = output_of(command.name, command.arguments, "")
    for tag in command.tags:
        if tag.startswith("$"):
            command.shell.acts.add(Verb.REVEAL, tag, command.line, command.tags)
    return Stream(HOLE if text is None else text, command.tags & FLOWS)


def _alias(command: Command) -> Stream:
    for argument in command.arguments:
        name, mark, value = argument.partition("=")
        if mark:
            if name in _COMMON and value.split()[:1] != [name]:
                command.shell.acts.add(Verb.RUN, "alias", command.line, command.tags | {"hides"}, argument)
                command.shell.read_apart(value, command.line)
            command.shell.state.aliases[name] = value
    return EMPTY


_COMMON: Final = words(
    """
    ls cd cat cp mv rm sudo su ssh scp git python python3 pip grep find echo ps kill vim vi nano less man curl wget
    """
)


def _trap(command: Command) -> Stream:
    if command.arguments and command.arguments[0] not in ("-", "-l", "-p"):
        return _read_here(command.arguments[0], command)
    return EMPTY


def _enable(command: Command) -> Stream:
    if command.has("-f"):
        command.shell.acts.add(Verb.CODE, "enable", command.line, command.tags | {"library"})
    return EMPTY


def _command(command: Command) -> Stream:
    arguments = list(command.arguments)
    if arguments[:1] and arguments[0] in ("-v", "-V"):
        return Stream(f"/usr/bin/{arguments[1]}" if len(arguments) > 1 else "")
    if arguments[:1] == ["-p"]:
        arguments = arguments[1:]
    if not arguments:
        return EMPTY
    return command.shell.run_words(arguments, command.line, command.stdin, command.tags)


def _nothing(_command: Command) -> Stream:
    return EMPTY


def _noted(command: Command) -> Stream:
    command.shell.acts.add(Verb.RUN, command.name, command.line, command.tags, " ".join(command.arguments))
    return Stream(HOLE, frozenset({"system"}))


def _exported(command: Command) -> Stream:
    plain = [a for a in command.arguments if "=" not in a]
    return command.shell.declare(command.name, plain, [a for a in command.arguments if "=" in a], command.line)


def _coproc(command: Command) -> Stream:
    return command.shell.run_words(command.arguments, command.line, command.stdin, command.tags)


BUILTINS: Final[Mapping[str, Builtin]] = {
    "cd": _cd,
    "chdir": _cd,
    "pushd": _cd,
    "popd": _cd,
    "eval": _eval,
    "source": _source,
    ".": _source,
    "exec": _exec,
    "set": _set,
    "shift": _shift,
    "read": _read,
    "mapfile": _mapfile,
    "readarray": _mapfile,
    "echo": _print,
    "printf": _printf,
    "alias": _alias,
    "unalias": _noted,
    "trap": _trap,
    "enable": _enable,
    "command": _command,
    "builtin": _command,
    "coproc": _coproc,
    "!": _coproc,
    "export": _exported,
    "declare": _exported,
    "typeset": _exported,
    "local": _exported,
    "readonly": _exported,
    "history": _noted,
    "ulimit": _noted,
    ":": _nothing,
    "true": _nothing,
    "false": _nothing,
    "test": _nothing,
    "[": _nothing,
    "[[": _nothing,
    "exit": _nothing,
    "return": _nothing,
    "break": _nothing,
    "continue": _nothing,
    "wait": _nothing,
    "type": _nothing,
    "hash": _nothing,
    "help": _nothing,
    "let": _nothing,
}
"""By name."""
