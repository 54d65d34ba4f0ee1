"""Which reader of a program's arguments a command goes to, and what is read from the arguments of any other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from oi_forbidden import (
    programs_archives,
    programs_code,
    programs_files,
    programs_network,
    programs_packages,
    programs_running,
    programs_system,
)
from oi_forbidden.acts import Verb
from oi_forbidden.command import FLOWS, Command
from oi_forbidden.names import words
from oi_forbidden.places import HOLE
from oi_forbidden.programs_options import read_option_commands

Reader = Callable[[Command], object]

READERS: Final[Mapping[str, Reader]] = {
    **programs_files.READERS,
    **programs_archives.READERS,
    **programs_code.READERS,
    **programs_running.READERS,
    **programs_network.READERS,
    **programs_packages.READERS,
    **programs_system.READERS,
}
"""By program: what notes a command's acts."""

_CANONICAL: Final = {
    **dict.fromkeys(("gawk", "mawk", "nawk", "original-awk"), "awk"),
    **dict.fromkeys(("vi", "nvim", "view", "rview", "rvim", "ex", "gvim", "vimdiff"), "vim"),
    **dict.fromkeys(("pypy", "pypy3", "ipython", "ipython3", "python2"), "python"),
    **dict.fromkeys(("ncat", "netcat", "nc.traditional", "nc.openbsd"), "nc"),
    **dict.fromkeys(("nodejs", "bun", "deno"), "node"),
    **dict.fromkeys(("apt", "aptitude"), "apt-get"),
    **dict.fromkeys(("pip2", "pip3", "pipx"), "pip"),
    **dict.fromkeys(("yarn", "pnpm"), "npm"),
    **dict.fromkeys(("microdnf", "yum", "tdnf"), "dnf"),
    **dict.fromkeys(("podman", "nerdctl"), "docker"),
    **dict.fromkeys(("luajit", "lua5.1", "lua5.3", "lua5.4", "texlua"), "lua"),
    **dict.fromkeys(("mysqldump", "mariadb"), "mysql"),
    **dict.fromkeys(("pico",), "nano"),
    **dict.fromkeys(("gfind",), "find"),
    **dict.fromkeys(("gsed",), "sed"),
    **dict.fromkeys(("bsdtar", "gtar"), "tar"),
    **dict.fromkeys(("adduser",), "useradd"),
    **dict.fromkeys(("deluser",), "userdel"),
    **dict.fromkeys(("pkill5", "killall5"), "killall"),
    "mongosh": "mongo",
    "ip6tables": "iptables",
    "octave-cli": "octave",
    "srm": "shred",
    "wipe": "shred",
}
_VERSION: Final = re.compile(r"^(python|pip|perl|ruby|php|lua|node|bash|gcc|clang)[\d.]+$")
_ASKS_HELP: Final = frozenset({"--help", "--version", "-version", "--usage"})
_SHORT_HELP: Final = frozenset({"-h", "-V", "-v", "-?", "help", "version"})

QUIET: Final = words(
    """
    ls dir stat test file readlink realpath dirname basename touch mkdir rmdir du df find locate which whereis type
    man help apropos whatis info tldr git make chmod chown echo printf true false pwd whoami id sleep seq expr ps
    tree logger notify-send say dpkg rpm apt-cache getfacl lsattr mktemp ln cd pgrep pidof vim nano code open
    xdg-open ssh-keygen ssh ssh-add ssh-copy-id git-lfs tmux screen kubectl helm systemctl chsh usermod useradd
    passwd gpg docker-compose shellcheck jq
    """
)
"""Programs whose operands are not files that they read out, or whose own reader says what they read."""

_PATH_LIKE: Final = re.compile(r"[/.~]|^id_|credentials|cookies|Login Data", re.IGNORECASE)
_SHELL_PATH: Final = re.compile(
    r"(?:^|[\s'\"=:;,({&|`!@\[])(?:/usr)?(?:/local)?/bin/(?:ba|da|z|k|c|tc|a|fi)?sh(?=$|[\s'\"`;,)}\]#&|<>])"
    r"|!\s*(?:/\S*/)?(?:ba|da|z|k)?sh(?=$|[\s'\";)])|\bexec\s+['\"]?(?:/\S*/)?(?:ba|da|z|k)?sh\b|\bspawn\s+(?:/\S*/)?(?:ba)?sh\b"
    r"|\bsh\s+[0-2]*<&[0-2]|^(?:ba)?sh\s+#$|;\s*sh\s+0<"
)
_UNPACKING: Final = frozenset(
    ["base64", "base32", "xxd", "openssl", "gunzip", "zcat", "gzip", "xz", "bzip2", "uudecode"]
)
_NO_PATH: Final = re.compile(r"\n|^(?!file:)[\w+.-]+://")
_READING: Final = words(
    """
    cat base64 base32 xxd od hexdump head tail strings gzip tar zip sort nl tac rev gpg openssl
    """
)
_NAMES_A_SHELL: Final = words(
    """
    ls dir stat test file readlink realpath dirname basename which whereis man echo printf grep egrep fgrep rg ag
    chsh usermod useradd docker docker-compose kubectl tmux screen md5sum sha256sum ldd cmp diff dpkg rpm ln cp mv
    strings make git readelf objdump nm apt-cache env jq vim sudo su crontab
    """
)


def program_of(command: Command) -> Command:
    """Return the command under the name that readers and rules know it by."""
    name = command.name.casefold() if command.name.isupper() and len(command.name) > 2 else command.name
    name = name.removesuffix(".exe")
    match = _VERSION.match(name)
    name = match.group(1) if match else name
    name = _CANONICAL.get(name, name)
    if name == "python3":
        name = "python"
    if any(mark in name for mark in "?*["):
        name = programs_system.matching(command.path, READERS) or name
    elif HOLE in name:
        bare = name.replace(HOLE, "")
        name = bare if bare in READERS else name
    return command if name == command.name else replace(command, name=name)


def asks_for_help(command: Command) -> bool:
    """Whether the command only prints how it is used, or its version."""
    arguments = command.arguments
    return not _ASKS_HELP.isdisjoint(arguments) or (len(arguments) == 1 and arguments[0] in _SHORT_HELP)


def perform(command: Command) -> object:
    """Note what a command does, as far as its program is known, under whatever name."""
    command = program_of(command)
    if asks_for_help(command) and command.name not in programs_code.SHELLS:
        return None
    return perform_known(command)


def perform_known(command: Command) -> object:
    """Note what a command does whose name is the one that readers know."""
    shells = command.name in programs_code.SHELLS
    reader = READERS.get(command.name)
    result = reader(command) if reader is not None else None
    if reader is None:
        read_option_commands(command)
    if HOLE in command.name:
        _run_unknown(command)
    if command.name not in QUIET and not shells:
        _read_operands(command)
    if command.name not in _NAMES_A_SHELL and not shells:
        for argument in command.arguments:
            if "sh" in argument and _SHELL_PATH.search(argument) and not argument.startswith(("SHELL=", "--shell=")):
                command.add(Verb.SHELL, command.name)
                break
    return result


def _run_unknown(command: Command) -> None:
    """Take a program whose name only shows at run time: asked about, unless its last part is known."""
    if command.name == HOLE or HOLE in command.name:
        command.add(Verb.CODE, command.name, "program")


def _read_operands(command: Command) -> None:
    skips_first = command.name in ("grep", "egrep", "fgrep", "rg", "ag", "sed", "awk", "zgrep", "jq", "perl")
    for number, argument in enumerate(a for a in command.arguments):
        if skips_first and number == 0 and not argument.startswith("-"):
            continue
        if argument.startswith("-"):
            _, mark, argument = argument.partition("=")
            if not mark:
                continue
        if _PATH_LIKE.search(argument) and len(argument) < 300 and not _NO_PATH.search(argument):
            path = argument.partition("=")[2] if re.match(r"\w+=[/~.]", argument) else argument.lstrip("@<")
            command.add_path(Verb.READ, path)


def _unpacks(command: Command) -> bool:
    if command.name in ("gunzip", "zcat", "uudecode"):
        return True
    return command.has("-r") if command.name == "xxd" else command.has("-d", "--decode", "-D", "--decompress")


def output_tags(command: Command) -> frozenset[str]:
    """Return where what a command prints comes from."""
    tags = set(command.tags & FLOWS)
    if command.stdin is not None:
        tags |= command.stdin.tags & FLOWS
    if command.name in ("echo", "printf", "true", ":", "yes", "seq"):
        return frozenset(tags)
    if command.name in programs_network.FETCHERS:
        tags.add("network")
    elif command.name in _UNPACKING and _unpacks(command):
        tags.add("decoded")
    elif command.name in programs_system.TELLING:
        tags.add("system")
    else:
        for argument in command.arguments:
            if not argument.startswith("-") and HOLE in argument and command.name in _READING:
                tags.add("file")
            if not argument.startswith("-") and _PATH_LIKE.search(argument):
                tags.add("file")
                if command.labels(argument) & {"secret", "accounts", "history"}:
                    tags.add("secret")
    return frozenset(tags)
