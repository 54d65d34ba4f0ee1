"""Pictures for the terminal of this process: how large its cells are, and what the client of its tmux draws."""

from __future__ import annotations

import fcntl
import struct
import subprocess
import termios
from functools import cache
from typing import TYPE_CHECKING, Final, TextIO

from oi_core.appearance import Pictures
from oi_core.view.pictures import TerminalPictures
from oi_core.view.pictures.fitting import Cell

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS: Final = 1.0


def terminal_pictures(
    wanted: Pictures, out: TextIO, environment: Mapping[str, str], *, colour: bool
) -> TerminalPictures:
    """Return what draws pictures on this terminal, as ``wanted``; who wants no colours gets none unless it is named."""
    if wanted is Pictures.AUTO and not colour:
        wanted = Pictures.OFF
    passing = cache(lambda: sixels_pass(environment))
    return TerminalPictures(wanted, environment, lambda: cell_size(out.fileno()), passing)


def cell_size(descriptor: int) -> Cell | None:
    """Return how large a cell of the terminal is; None where it does not say, as is usual behind a multiplexer."""
    try:
        answer = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
    except (OSError, ValueError):
        return None
    rows, columns, width, height = struct.unpack("HHHH", answer)
    if not rows or not columns or width < columns or height < rows:
        return None
    return Cell(width // columns, height // rows)


def sixels_pass(environment: Mapping[str, str]) -> bool:
    """Whether a terminal behind tmux draws sixels: a tmux that knows them takes them, and may show a box instead."""
    if not environment.get("TMUX"):
        return True
    try:
        told = subprocess.run(
            ["tmux", "display-message", "-p", "#{client_termfeatures}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return False
    return "sixel" in told.stdout.strip().split(",")
