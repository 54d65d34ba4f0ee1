"""Programs that run other programs: where the command inside ``sudo -u root env X=1 nice rm`` begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*(\[[^]]*\])?\+?=")


@dataclass(frozen=True, slots=True)
class Wrapper:
    """How a program's own arguments end and the command it runs begins.

    ``valued`` are its options that take the next word; ``arguments`` is the number of words of its own before the
    command; with one of ``queries`` it runs nothing.
    """

    valued: frozenset[str] = frozenset()
    arguments: int = 0
    queries: frozenset[str] = frozenset()


def _wrapper(valued: str = "", arguments: int = 0, queries: str = "") -> Wrapper:
    return Wrapper(frozenset(valued.split()), arguments, frozenset(queries.split()))


WRAPPERS: Final = {
    "builtin": _wrapper(),
    "busybox": _wrapper(queries="--list --help"),
    "chroot": _wrapper(arguments=1),
    "chrt": _wrapper(arguments=1),
    "command": _wrapper(queries="-v -V"),
    "doas": _wrapper("-u -C -a"),
    "catchsegv": _wrapper(),
    "choom": _wrapper("-n --adjust -p"),
    "cpulimit": _wrapper("-l --limit -e --exe -p --pid"),
    "eatmydata": _wrapper(),
    "env": _wrapper("-u --unset -C --chdir"),
    "exec": _wrapper("-a"),
    "fakeroot": _wrapper(),
    "faketime": _wrapper(arguments=1),
    "flock": _wrapper("-w --timeout -E", arguments=1),
    "ionice": _wrapper("-c -n --class --classdata"),
    "linux32": _wrapper(),
    "linux64": _wrapper(),
    "logsave": _wrapper(arguments=1),
    "ltrace": _wrapper("-e -l -o -n -s -u"),
    "multitime": _wrapper("-n"),
    "nice": _wrapper("-n --adjustment"),
    "noglob": _wrapper(),
    "nocorrect": _wrapper(),
    "nohup": _wrapper(),
    "nsenter": _wrapper("-t --target -S --setuid -G --setgid"),
    "numactl": _wrapper(),
    "pexec": _wrapper(),
    "pkexec": _wrapper("--user"),
    "prlimit": _wrapper(),
    "proot": _wrapper("-r -b -w -q"),
    "proxychains": _wrapper("-f"),
    "proxychains4": _wrapper("-f"),
    "rlwrap": _wrapper("-f -H -P"),
    "setarch": _wrapper(arguments=1),
    "setsid": _wrapper(),
    "ssh-agent": _wrapper("-a -t"),
    "sshpass": _wrapper("-p -f -d -P"),
    "stdbuf": _wrapper("-i -o -e --input --output --error"),
    "strace": _wrapper("-e -o -p -s -u"),
    "sudo": _wrapper(
        "-u --user -g --group -h --host -p --prompt -C --close-from -D --chdir -R --chroot -T --command-timeout "
        "-r --role -t --type -U --other-user"
    ),
    "systemd-run": _wrapper("-u --unit -p --property -M --machine"),
    "taskset": _wrapper("-p", arguments=1),
    "time": _wrapper("-f --format -o --output"),
    "timeout": _wrapper("-s --signal -k --kill-after", arguments=1),
    "torify": _wrapper(),
    "torsocks": _wrapper(),
    "toybox": _wrapper(queries="--list --help"),
    "unbuffer": _wrapper(),
    "unshare": _wrapper(),
    "valgrind": _wrapper(),
    "xvfb-run": _wrapper("-n -s"),
    "xargs": _wrapper("-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-procs --replace"),
}
"""By name: what each program takes for itself."""


def program_name(word: str) -> str:
    """Return a command's name without its path: ``/bin/rm`` is ``rm``."""
    return word.rpartition("/")[2] or word


def command_starts(words: Sequence[str]) -> Iterator[int]:
    """Yield each index where a command begins: of the words as they stand, then inside each wrapper around them."""
    index = _past_assignments(words, 0)
    while index < len(words):
        yield index
        wrapper = WRAPPERS.get(program_name(words[index]))
        if wrapper is None:
            return
        index = _past_options(words, index + 1, wrapper)


def _past_assignments(words: Sequence[str], index: int) -> int:
    while index < len(words) and _ASSIGNMENT.match(words[index]):
        index += 1
    return index


def _past_options(words: Sequence[str], index: int, wrapper: Wrapper) -> int:
    while index < len(words) and words[index].startswith("-"):
        option = words[index]
        if option in wrapper.queries:
            return len(words)
        index += 1
        if option == "--":
            break
        if takes_next_word(option, wrapper.valued):
            index += 1
    index = _past_assignments(words, index)
    return _past_assignments(words, index + wrapper.arguments)


def takes_next_word(option: str, valued: frozenset[str]) -> bool:
    """Whether an option, or the last of a cluster of short ones, has its value in the next word."""
    if option.startswith("--"):
        return option in valued
    for position, letter in enumerate(option[1:], start=2):
        if "-" + letter in valued:
            return position == len(option)
    return False
