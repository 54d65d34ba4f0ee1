"""What programs do to files: deleting, emptying, overwriting, moving, changing who may use them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.command import Command
from oi_forbidden.places import HOLE, normal
from oi_forbidden.shell_state import Stream

_FILTERS: Final = re.compile(
    r"^-(?:i?name|i?path|i?regex|type|m?m?(?:min|time)|size|newer\w*|user|group|perm|empty|[ac](?:min|time)|links|"
    r"inum)$"
)


_ENDLESS_DEVICES: Final = frozenset({"/dev/zero", "/dev/urandom", "/dev/random", "/dev/null"})


_WORLD: Final = re.compile(r"(?:^|,)(?:[go]*[oa][ugoa]*|)\+\w*w|(?:^|,)[ugo]*[oa][ugo]*=\w*w|(?:^|,)\+\w*w")


_SETUID: Final = re.compile(r"(?:^|,)[ugoa]*[+=]\w*s")


def _delete(command: Command) -> None:
    recursive = command.has("-r", "-R", "--recursive") or command.name in ("trash-put", "rimraf", "trash")
    operands = command.operands("-s -n --size --iterations -l -b" if command.name == "shred" else "")
    tags = ("recursive",) if recursive else ()
    for path in operands or ([HOLE] if "piped" in command.tags else []):
        command.add_path(Verb.DELETE, path, *tags)


def _gio(command: Command) -> None:
    if command.arguments[:1] in (("trash",), ("remove",)):
        for path in command.operands()[1:]:
            command.add_path(Verb.DELETE, path)


def _truncate(command: Command) -> None:
    sizes = list(command.values("-s", "--size"))
    if any(re.fullmatch(r"[<%/-]?0*\w{0,2}|<\d+\w*|-\d+\w*", size) and not re.match(r"[1-9]", size) for size in sizes):
        for path in command.operands("-s -r --size --reference"):
            command.add_path(Verb.EMPTY, path)


def _destination(command: Command, valued: str) -> tuple[list[str], str | None]:
    """Return what is copied and where to, for programs that take ``SOURCE… DESTINATION``."""
    operands = command.operands(valued)
    folders = list(command.values("-t", "--target-directory"))
    if folders:
        return operands, folders[0]
    if not operands:
        return [], HOLE if "piped" in command.tags else None
    return operands[:-1], operands[-1]


def _copy(command: Command) -> None:
    sources, destination = _destination(command, "-t -S -m -o -g -s --mode --owner --group --suffix")
    if destination is None:
        return
    for source in sources:
        command.add_path(Verb.READ, source)
    if sources and all(source == "/dev/null" for source in sources):
        command.add_path(Verb.EMPTY, destination)
        return
    names = [destination, *(f"{destination.rstrip('/')}/{s.rstrip('/').rpartition('/')[2]}" for s in sources)]
    for path in names[: 1 if command.has("-T") else 4]:
        command.add_path(Verb.WRITE, path, *(("copy",) if path != destination else ()))
    _copy_contents(command, sources, names)
    if command.name == "install" and any(_mode_tags(mode) & {"setuid"} for mode in command.values("-m", "--mode")):
        command.add_path(Verb.MODE, destination, "setuid")


def _copy_contents(command: Command, sources: list[str], names: list[str]) -> None:
    state = command.shell.state
    for source in sources[:4]:
        known = state.files.get(normal(source, state.folder))
        if known is not None:
            for name in names:
                state.files[normal(name, state.folder)] = known


def _move(command: Command) -> None:
    sources, destination = _destination(command, "-t -S --suffix")
    if destination is None:
        return
    for source in sources:
        if destination == "/dev/null":
            command.add_path(Verb.DELETE, source, "recursive")
        else:
            command.add_path(Verb.MOVE, source)
    if destination != "/dev/null":
        command.add_path(Verb.WRITE, destination)
        _copy_contents(command, sources, [destination])


def _link(command: Command) -> None:
    operands = command.operands("-t -S")
    if len(operands) >= 2:
        command.add_path(Verb.READ, operands[0], "link")
        verb = Verb.EMPTY if operands[0] == "/dev/null" else Verb.WRITE
        command.add_path(verb, operands[-1], "link")


def _dd(command: Command) -> None:
    values = dict(a.split("=", 1) for a in command.arguments if "=" in a)
    source, target = values.get("if", "-"), values.get("of")
    if source not in ("-", *_ENDLESS_DEVICES):
        command.add_path(Verb.READ, source)
    if target is None:
        return
    labels = command.labels(target)
    fills = source in _ENDLESS_DEVICES and source != "/dev/null"
    if fills and "count" not in values and not labels & {"disk", "plain-device"}:
        command.add(Verb.LOOP, "disk")
    overwrites = source in _ENDLESS_DEVICES and not labels & {"project", "temporary", "disk", "device"}
    command.add_path(Verb.EMPTY if overwrites else Verb.WRITE, target, "raw")


def _tee(command: Command) -> None:
    state = command.shell.state
    text = command.stdin or Stream()
    for path in command.operands():
        if path + ">" in state.files:
            command.shell.read_apart(state.files[path + ">"].text, command.line, text)
            continue
        verb = Verb.EMPTY if text.text.strip() == "" and not command.has("-a") else Verb.WRITE
        command.add_path(verb, path, *(("append",) if command.has("-a", "--append") else ()))
        state.files[normal(path, state.folder)] = text


def _sed(command: Command) -> None:
    operands = command.operands("-e -f --expression --file -l")
    scripts = list(command.values("-e", "--expression"))
    if not scripts and not list(command.values("-f", "--file")) and operands:
        scripts, operands = operands[:1], operands[1:]
    for script in scripts:
        match = re.search(r"(?:^|[;{}\n]|\d|\$|/)\s*e\s+([^\n]+)", script)
        if match is not None:
            command.shell.read_apart(match[1], command.line)
        elif re.search(r"(?:^|;)s(.).*\1.*\1[gpI0-9]*e[gpI0-9]*$", script) and not script.endswith("\\"):
            command.add(Verb.CODE, "sed")
        for path in re.findall(r"(?:^|[;}\d$/])\s*w\s+(\S+)", script):
            command.add_path(Verb.WRITE, path)
    if any(re.match(r"-[a-zA-Z]*i|--in-place", a) for a in command.arguments):
        empties = any(re.fullmatch(r"\s*(?:1,\$|0,\$)?\s*d\s*", script) for script in scripts)
        for path in operands:
            command.add_path(Verb.EMPTY if empties else Verb.WRITE, path, "edit")


def _find(command: Command) -> None:
    arguments = command.arguments
    starts: list[str] = []
    index = 0
    while index < len(arguments) and (
        not arguments[index].startswith(("-", "(", "!")) or arguments[index] in ("-H", "-L", "-P")
    ):
        if not arguments[index].startswith("-"):
            starts.append(arguments[index])
        index += 1
    starts = starts or ["."]
    filtered = any(_FILTERS.match(a) for a in arguments)
    if "-delete" in arguments:
        for start in starts:
            command.add_path(Verb.DELETE, start, "recursive", *(("filtered",) if filtered else ()))
    for name in ("-fprint", "-fprint0", "-fls", "-fprintf"):
        for path in command.values(name):
            command.add_path(Verb.WRITE, path)
    while index < len(arguments):
        if arguments[index] in ("-exec", "-execdir", "-ok", "-okdir"):
            end = index + 1
            while end < len(arguments) and arguments[end] not in (";", "+"):
                end += 1
            _find_runs(command, starts, arguments[index + 1 : end], filtered=filtered)
            index = end
        index += 1


def _find_runs(command: Command, starts: list[str], words: tuple[str, ...], *, filtered: bool) -> None:
    for start in starts[:4]:
        found = f"{start.rstrip('/')}/{HOLE}" if filtered else start
        inner = [word.replace("{}", found) for word in words]
        command.shell.run_words(inner, command.line, None, command.tags | {"each"})


def _mode_tags(mode: str) -> set[str]:
    tags: set[str] = set()
    if re.fullmatch(r"[0-7]{1,4}", mode):
        number = int(mode, 8)
        tags |= {"world"} if number & 0o002 else set()
        tags |= {"setuid"} if number & 0o6000 else set()
        tags |= {"locks"} if number & 0o700 == 0 else set()
    else:
        tags |= {"world"} if _WORLD.search(mode) else set()
        tags |= {"setuid"} if _SETUID.search(mode) else set()
        tags |= {"locks"} if re.fullmatch(r"[au]*-\w*r\w*|[ua]*=", mode) else set()
    return tags


def _chmod(command: Command) -> None:
    operands = [a for a in command.arguments if not re.fullmatch(r"-[RvcfHLP]+|--\w[\w-]*(?:=.*)?", a)]
    if not operands:
        return
    tags = _mode_tags(operands[0]) | ({"recursive"} if command.has("-R", "--recursive") else set())
    for path in operands[1:] or [HOLE]:
        command.add_path(Verb.MODE, path, *tags)


def _chown(command: Command) -> None:
    operands = command.operands("--reference --from")
    tags = ("recursive",) if command.has("-R", "--recursive") else ()
    for path in operands[1:] or [HOLE]:
        command.add_path(Verb.OWNER, path, *tags)


def _touch(command: Command) -> None:
    for path in command.operands("-d -t -r --date --reference --time"):
        command.add_path(Verb.WRITE, path, "append", "empty-file")
    if command.has("-r", "-d", "-t", "--reference", "--date"):
        for path in command.operands("-d -t -r --date --reference --time"):
            command.add(Verb.RUN, "touch", "backdates", *command.labels(path))


def _mkdir(command: Command) -> None:
    for path in command.operands("-m --mode"):
        command.add_path(Verb.WRITE, path, "append", "folder")


def _patch(command: Command) -> None:
    for path in command.operands("-p -d -i -o")[:1]:
        command.add_path(Verb.WRITE, path, "edit")


READERS: Final[Mapping[str, Callable[[Command], object]]] = {
    **dict.fromkeys(("rm", "unlink", "shred", "trash-put", "trash", "rimraf", "del"), _delete),
    "gio": _gio,
    "truncate": _truncate,
    "cp": _copy,
    "install": _copy,
    "mv": _move,
    "ln": _link,
    "dd": _dd,
    "tee": _tee,
    "sponge": _tee,
    "sed": _sed,
    "find": _find,
    "chmod": _chmod,
    "chown": _chown,
    "chgrp": _chown,
    "touch": _touch,
    "mkdir": _mkdir,
    "patch": _patch,
}
"""By program."""
