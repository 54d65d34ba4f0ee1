"""The clipboard: through the desktop's own program, through tmux, and through the terminal itself (OSC 52)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS: Final = 3.0
MOST_FOR_TERMINAL: Final = 74_000
"""Bytes; xterm and others take a sequence of about 100,000 characters, which is this much in base64."""


def copy(text: str, environment: Mapping[str, str], terminal: TextIO | None) -> list[str]:
    """Put text on every clipboard there is, and return how, in words; nothing when there is no way.

    A terminal does not say whether it takes what it is given.
    """
    data = text.encode("utf-8", "replace")
    ways = [Path(command[0]).name for command in _programs(environment) if _given_to(command, data)]
    if terminal is not None and len(data) <= MOST_FOR_TERMINAL:
        terminal.write(f"\x1b]52;c;{b64encode(data).decode('ascii')}\x07")
        terminal.flush()
        ways.append("the terminal (OSC 52)")
    return ways


def _programs(environment: Mapping[str, str]) -> list[list[str]]:
    """Return the commands that take text for a clipboard of this desktop."""
    wanted: list[list[str]] = []
    if environment.get("TMUX"):  # by itself tmux passes OSC 52 on to nobody
        wanted.append(["tmux", "load-buffer", "-w", "-"])
    if sys.platform == "darwin":
        wanted.append(["pbcopy"])
    if environment.get("WAYLAND_DISPLAY"):
        wanted.append(["wl-copy"])
    if environment.get("DISPLAY"):
        wanted += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    found = ((shutil.which(name, path=environment.get("PATH")), options) for name, *options in wanted)
    return [[program, *options] for program, options in found if program is not None]


def _given_to(command: list[str], data: bytes) -> bool:
    """Give a program the text; those that stay to hold the clipboard have closed their input, and are left alone."""
    try:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            try:
                process.communicate(data, SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                return False
            return process.returncode == 0
    except OSError:
        return False
