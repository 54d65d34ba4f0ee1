"""How the program looks and calls, as the person chooses it: the values of settings that views read."""

from __future__ import annotations

from enum import StrEnum


class Theme(StrEnum):
    """Which colours code has on the screen."""

    AUTO = "auto"
    """Those for the ground that the terminal says it has."""
    DARK = "dark"
    LIGHT = "light"
    ANSI = "ansi"
    """The sixteen that the terminal's own theme defines."""


class Notify(StrEnum):
    """How a turn of more than half a minute calls the person, when it asks something or is over."""

    OFF = "off"
    BELL = "bell"
    NOTIFICATION = "notification"
    """Of the desktop, where the terminal is known to show one; else a bell."""


class Pictures(StrEnum):
    """How pictures that code shows are drawn in the terminal, besides the link to their file."""

    AUTO = "auto"
    """As the terminal is found to draw them; not at all without colours."""
    KITTY = "kitty"
    ITERM2 = "iterm2"
    SIXEL = "sixel"
    OFF = "off"
