"""Where an address leads: this machine, the neighbourhood, a bare number, a place made for dropping things off."""

from __future__ import annotations

import re
from typing import Final

from oi_forbidden.places import HOLE

_HOST: Final = re.compile(r"^(?:\w[\w+.-]*://)?(?:[^/@\s]*@)?(\[[^\]]*\]|[^/:?#\s]+)")
_LOCAL: Final = re.compile(r"^(?:localhost|127\.[\d.]+|\[?::1\]?|0\.0\.0\.0|.*\.localhost|host\.docker\.internal)$")
_PRIVATE: Final = re.compile(r"^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)")
_METADATA: Final = re.compile(r"^(?:169\.254\.169\.254|metadata\.google\.internal|100\.100\.100\.200)$")
_NUMBER: Final = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]|0x[0-9a-f]{8}|\d{8,10})$", re.IGNORECASE)
_DROP: Final = re.compile(
    r"(?:^|\.)(?:webhook\.site|requestbin\.\w+|pipedream\.net|transfer\.sh|file\.io|0x0\.st|termbin\.com|ix\.io|"
    r"pastebin\.com"
    r"|paste\.ee|hastebin\.com|ngrok(?:-free)?\.(?:io|app|dev)|trycloudflare\.com|serveo\.net|localtunnel\.me|loca\.lt"
    r"|burpcollaborator\.net|oast\.\w+|interact\.sh|dnslog\.\w+|anonfiles\.com|gofile\.io|bashupload\.com|catbox\.moe"
    r"|api\.telegram\.org|hooks\.slack\.com)$|discord(?:app)?\.com$"
)
_PROGRAM: Final = re.compile(
    r"\.(?:sh|bash|exe|msi|bat|cmd|ps1|vbs|scr|dll|elf|bin|so|dylib|apk|deb|rpm|pkg|run|appimage|jar|hta|pyz|"
    r"out)(?:[?#].*)?$",
    re.IGNORECASE,
)


def host_of(address: str) -> str:
    """Return the host in a URL or in ``user@host:path``, or ``""``."""
    match = _HOST.match(address.strip("\"'"))
    return match.group(1).casefold() if match else ""


def labels_of_address(address: str) -> frozenset[str]:
    """Return the labels of an address.

    They are ``local``, ``private``, ``metadata``, ``number``, ``drop``, ``onion``, ``unknown``; ``program`` says that
    what is there is named as a program or script.
    """
    host = host_of(address)
    labels: set[str] = set()
    if HOLE in host or not host:
        labels.add("unknown")
    for name, pattern in (
        ("local", _LOCAL),
        ("private", _PRIVATE),
        ("metadata", _METADATA),
        ("number", _NUMBER),
        ("drop", _DROP),
    ):
        if pattern.search(host):
            labels.add(name)
    if host.endswith(".onion"):
        labels.add("onion")
    if "://" in address and _PROGRAM.search(address.partition("://")[2].partition("/")[2]):
        labels.add("program")
    return frozenset(labels)
