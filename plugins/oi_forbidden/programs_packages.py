"""Programs that install and remove packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.command import Command
from oi_forbidden.familiar_packages import is_familiar
from oi_forbidden.places import HOLE


def _pip(command: Command) -> None:
    operands = command.operands(
        "-r -c -e -i -t -f --index-url --extra-index-url --target --prefix --find-links --platform"
    )
    if operands[:1] == ["uninstall"]:
        for package in operands[1:] or [HOLE]:
            command.add(Verb.UNINSTALL, package)
    if operands[:1] not in (["install"], ["inject"], ["download"]):
        return
    elsewhere = (
        ("elsewhere",)
        if command.has("--index-url", "--extra-index-url", "-i", "-f", "--find-links", "--trusted-host")
        else ()
    )
    for package in operands[1:]:
        local = ("project",) if re.match(r"\.{0,2}/|\.$|.*\.(?:whl|tar\.gz)$", package) and "://" not in package else ()
        plain = ("familiar",) if is_familiar(package) else ()
        address = ("elsewhere",) if "://" in package or package.startswith("git+") else ()
        if local and "temporary" in command.labels(package):
            local, address = (), ("elsewhere",)
        command.add(Verb.INSTALL, package, *elsewhere, *plain, *address, *local)
    for path in command.values("-r", "--requirement"):
        command.add(Verb.INSTALL, f"what {path} lists", *elsewhere, "project")
    for path in command.values("-e", "--editable"):
        command.add(Verb.INSTALL, path, "elsewhere" if "://" in path else "project")


def _packages(installs: str, removes: str, skip: int = 1) -> Callable[[Command], None]:
    """Return a reader for package programs by the words with which they install and remove."""
    installing, removing = frozenset(installs.split()), frozenset(removes.split())

    def read(command: Command) -> None:
        arguments = [
            a for a in command.arguments if not re.match(r"--\w", a) and a not in ("-y", "-q", "-qq", "-f", "-g", "-D")
        ]
        words = [a for a in arguments if a in installing | removing or not a.startswith("-")]
        if not words or words[0] not in installing | removing:
            return
        verb = Verb.INSTALL if words[0] in installing else Verb.UNINSTALL
        everywhere = ("everywhere",) if command.has("-g", "--global") else ()
        packages = [a for a in words[skip:] if a != "global"]
        for package in packages or ["packages"]:
            command.add(verb, package, *everywhere, *(() if packages else ("listed",)), *_npm_tags(command))

    return read


def _npm_tags(command: Command) -> tuple[str, ...]:
    return ("npm",) if command.name == "npm" else ("system-wide",)


READERS: Final[Mapping[str, Callable[[Command], object]]] = {
    "pip": _pip,
    "apt-get": _packages("install reinstall upgrade dist-upgrade full-upgrade", "remove purge autoremove autopurge"),
    "dnf": _packages("install reinstall upgrade update localinstall", "remove erase autoremove"),
    "zypper": _packages("install in update up", "remove rm"),
    "apk": _packages("add upgrade", "del"),
    "brew": _packages("install upgrade reinstall tap", "uninstall remove rm untap"),
    "port": _packages("install", "uninstall"),
    "snap": _packages("install refresh", "remove"),
    "flatpak": _packages("install update", "uninstall remove"),
    "pacman": _packages("-S -Sy -Syu -Syyu -U -Syy", "-R -Rs -Rns -Rdd -Rc"),
    "yay": _packages("-S -Sy -Syu -Syyu -U", "-R -Rs -Rns -Rdd"),
    "dpkg": _packages("-i --install", "-r -P --remove --purge"),
    "rpm": _packages("-i -U -ivh -Uvh -F", "-e"),
    "gem": _packages("install update", "uninstall"),
    "npm": _packages("install i add ci", "uninstall remove rm"),
    "cargo": _packages("install", "uninstall"),
    "go": _packages("install", ""),
    "conda": _packages("install update", "remove uninstall"),
    "mamba": _packages("install update", "remove uninstall"),
    "cpan": _packages("-i install", ""),
    "cpanm": _packages("install", ""),
    "luarocks": _packages("install", "remove"),
    "opkg": _packages("install", "remove"),
    "emerge": _packages("--unmerge", "-C"),
    "nix-env": _packages("-i -iA", "-e"),
    "choco": _packages("install upgrade", "uninstall"),
    "winget": _packages("install upgrade", "uninstall"),
}
"""By program."""
