"""Programs that stop things, change accounts, or ask for privileges."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.command import Command
from oi_forbidden.names import words
from oi_forbidden.places import HOLE

TELLING: Final = words(
    """
    whoami id hostname uname ifconfig ip ps env printenv set export who w last lsof netstat ss df mount lscpu arp
    """
)
"""Programs that tell about this machine and its people."""

_LOOKING: Final = words(
    """
    ls pwd whoami id who w uptime date uname df du free ps top lsof netstat ss lsblk blkid lscpu lspci lsusb
    dmidecode lshw dmesg ip ifconfig iptables ip6tables fdisk journalctl systemctl service stat file wc head tail
    cat less more grep zgrep find tree which docker apt-get apt dpkg rpm nginx apachectl sysctl ufw timedatectl
    hostnamectl lsmod vmstat iostat iotop htop nethogs tcpdump updatedb echo true ping traceroute mtr arp route
    getent ethtool smartctl hdparm swapon mdadm lvs vgs pvs lvdisplay
    """
)
_LOOKING_ONLY_WITH: Final[Mapping[str, str]] = {
    "systemctl": r"^(?:--\S+ )*(?:status|list-\S+|is-\S+|show|cat)\b",
    "service": r"status\b|--status-all",
    "journalctl": r"^(?!.*--(?:vacuum|rotate)).*\S",
    "iptables": r"(?:^| )(?:-\w*[LS]\w*|--list\S*)",
    "ufw": r"^status",
    "fdisk": r"^-l",
    "ip": r"^(?:-\S+ )*(?:a|addr|address|r|route|l|link|n|neigh)(?: (?:show|list|ls).*)?$",
    "ifconfig": r"^\w*$",
    "docker": r"^(?:ps|images|logs|inspect|stats|version|info)\b",
    "apt-get": r"^(?:update|list|search|show|policy)\b",
    "apt": r"^(?:update|list|search|show|policy)\b",
    "dpkg": r"^-[lLsS]\b",
    "rpm": r"^-q",
    "nginx": r"^-[tTvV]",
    "apachectl": r"configtest|-t|-S",
    "sysctl": r"^(?!.*(?:-w|=)).*\S",
    "find": r"^(?!.*-(?:exec|delete|ok|fprint|fls)).*",
    "dmesg": r"^(?!.*(?:-c|-C|--clear)).*",
    "swapon": r"--show|-s\b",
    "mdadm": r"--detail|--examine",
    "hdparm": r"^-[It]\b",
    "route": r"^(?:-n)?$",
    "arp": r"^-?[an]*$",
    "date": r"^(?!.*(?:-s|--set))",
    "tcpdump": r"^-D",
    "env": r"$^",
}
_READERS_OF_FILES: Final = frozenset(["cat", "less", "more", "head", "tail", "grep", "zgrep"])


def only_looks(name: str, arguments: tuple[str, ...], known_paths: bool) -> bool:
    """Whether a command under ``sudo`` changes nothing and shows no secret."""
    if name not in _LOOKING or not known_paths:
        return False
    pattern = _LOOKING_ONLY_WITH.get(name)
    joined = " ".join(arguments)
    if name in ("less", "more", "top", "htop", "journalctl") and not joined:
        return False
    if name in ("less", "more", "dmesg", "journalctl"):  # they open a shell to whoever types ! in them
        return name == "journalctl" and re.search(r"--no-pager|-n|-u", joined) is not None and bool(pattern)
    return pattern is None or re.search(pattern, joined) is not None


def _sudo(command: Command) -> None:
    words = list(command.arguments)
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in ("-u", "-g", "-U", "-p", "-C", "-D", "-h", "-r", "-t") else 1
    inner = words[index:]
    while inner and re.match(r"[A-Za-z_]\w*=", inner[0]):
        inner.pop(0)
    tags = ["interactive"] if not inner else []
    if inner:
        name = inner[0].rpartition("/")[2]
        paths = [a for a in inner[1:] if "/" in a or a.startswith("~") or HOLE in a]
        known = HOLE not in "".join(paths) and not any(
            command.labels(p) & {"secret", "accounts", "startup", "log", "history"} for p in paths
        )
        if name in _READERS_OF_FILES:
            known = known and not any("home" in command.labels(p) or "in-home" in command.labels(p) for p in paths)
        by_number = re.search(r"(?:^| )(?:-u|--user=?) ?#", " ".join(words[:index]))  # -1 once meant the administrator
        if by_number is None and only_looks(name, tuple(inner[1:]), known):
            tags.append("looking")
    command.shell.acts.add(
        Verb.RUN, "sudo", command.line, command.tags | frozenset(tags), " ".join(inner) or " ".join(words)
    )


def _kill(command: Command) -> None:
    if command.has("-l", "-L", "--list") or "-0" in command.arguments:
        return
    targets = list(command.operands("-s -n --signal"))
    if command.arguments[:1] and re.fullmatch(r"-\d+|-[A-Z]+\d*", command.arguments[0]):
        targets = [a for a in command.arguments[1:] if a != "--"]
    if not targets and "piped" not in command.tags and not command.arguments:
        return
    own = [t for t in targets if re.fullmatch(r"%\S*|\$!|" + HOLE + "JOB", t)]
    if targets and len(own) == len(targets):
        return
    everything = any(t in ("-1", "1") for t in targets)
    command.add(Verb.KILL, " ".join(t for t in targets if t) or HOLE, *(("everything",) if everything else ()))


def _pkill(command: Command) -> None:
    names = command.operands("-u -U -G -g -P -s -t -signal --signal -F")
    command.add(Verb.KILL, " ".join(names) or " ".join(command.values("-u", "-U", "-P", "-t")) or HOLE, "named")


def _fuser(command: Command) -> None:
    if command.has("-k", "--kill"):
        command.add(Verb.KILL, " ".join(command.operands()), "named")


def _yes(command: Command) -> None:
    if "background" in command.tags:
        command.add(Verb.LOOP, "processor")


def matching(path: str, names: Iterable[str]) -> str | None:
    """Return a known program that a name with wildcards in it, ``/bin/r?``, finds."""
    folder, _, pattern = path.rpartition("/")
    if not folder or len(pattern) > 60:
        return None
    found = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
    for name in ("rm", "bash", "sh", "dd", "curl", "wget", "nc", "chmod", "python"):
        if name in found:
            return name
    return found[0] if found else None


READERS: Final[Mapping[str, Callable[[Command], object]]] = {
    "sudo": _sudo,
    "doas": _sudo,
    "pkexec": _sudo,
    "kill": _kill,
    "pkill": _pkill,
    "killall": _pkill,
    "skill": _pkill,
    "xkill": _pkill,
    "fuser": _fuser,
    "yes": _yes,
}
"""By program."""
