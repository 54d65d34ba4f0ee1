"""A TOML file that was read: its table of settings, and messages that point into it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.validate import Problem

if TYPE_CHECKING:
    from oi_core.toml_files.positions import KeyPath, Position

# The parser and the scanner for places are imported with the first file there is: most starts find none.

SIZE_LIMIT = 1 << 20
"""Bytes a configuration file may have; far more than any has, and still read in an instant."""
EXCERPT_WIDTH = 100


class Document:
    """The text of a TOML file and what it says; ``label`` is the file's name in messages.

    Raises:
        ConfigError: the text is not TOML; the message points at the place.
    """

    def __init__(self, path: Path, label: str, text: str) -> None:
        self.path = path
        self.label = label
        self.text = text.replace("\r\n", "\n")
        self.content = self._parsed()

    def table(self, path: KeyPath) -> Mapping[str, object] | None:
        """Return the table at ``path``, or None when there is none.

        Raises:
            ConfigError: something else than a table stands there.
        """
        value: object = self.content
        for part in path:
            if not isinstance(value, Mapping) or part not in value:
                return None
            value = value[part]
        if not isinstance(value, Mapping):
            raise self.error([Problem(path, f'"{path[-1]}" is a table: write [{".".join(map(str, path))}]')])
        return value

    def position(self, path: KeyPath) -> Position:
        """Return where the entry at ``path`` is written, or the nearest entry around it."""
        from oi_core.toml_files.positions import Position

        for length in range(len(path), 0, -1):
            if path[:length] in self._positions:
                return self._positions[path[:length]]
        return Position(1, 1)

    def source(self, path: KeyPath) -> str:
        """Return file and line of an entry: ``pyproject.toml:31``."""
        return f"{self.label}:{self.position(path).line}"

    def error(self, problems: Sequence[Problem]) -> ConfigError:
        """Return an error that names every problem with its place, the first one first in the file."""
        placed = sorted((self.position(p.path).line, self.position(p.path).column, self._pointed(p)) for p in problems)
        return ConfigError("\n".join(text for _, _, text in placed))

    @cached_property
    def _positions(self) -> dict[KeyPath, Position]:
        from oi_core.toml_files.positions import key_positions

        return key_positions(self.text)

    def _pointed(self, problem: Problem) -> str:
        return self._message(self.position(problem.path), problem.text)

    def _message(self, position: Position, text: str) -> str:
        lines = self.text.split("\n")
        line = lines[min(position.line, len(lines)) - 1]
        excerpt = _excerpt(line, position.column - 1, position.width)
        return f"{self.label}:{position.line}:{position.column}  {text}\n{excerpt}"

    def _parsed(self) -> Mapping[str, object]:
        import tomllib

        try:
            return tomllib.loads(self.text)
        except ValueError as error:  # TOMLDecodeError, and what int() and datetime() say to numbers they refuse
            position, reason = self._decode_error(error)
            raise ConfigError(self._message(position, f"not valid TOML: {reason}")) from None
        except RecursionError:
            raise ConfigError(f"{self.label}:1:1  not valid TOML: nested too deeply") from None

    def _decode_error(self, error: ValueError) -> tuple[Position, str]:
        """Read the place out of the message: the error has attributes for it from Python 3.14 on only."""
        import re

        from oi_core.toml_files.positions import Position

        match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
        if match is None:
            return Position(1, 1), neutralise_line(str(error))
        if match[2] is None:
            lines = self.text.rstrip("\n").split("\n")
            return Position(len(lines), len(lines[-1]) + 1), f"{neutralise_line(match[1])} at the end of the file"
        return Position(int(match[2]), int(match[3])), neutralise_line(match[1])


def read_document(path: Path, label: str) -> Document:
    """Read a configuration file.

    Raises:
        ConfigError: it cannot be read, is not UTF-8, or is not TOML.
    """
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ConfigError(f"{label} cannot be read: {error.strerror}", "mend the file, or use --isolated") from None
    if len(data) > SIZE_LIMIT:
        raise ConfigError(f"{label} is larger than {SIZE_LIMIT >> 20} MiB: not a configuration file")
    try:
        return Document(path, label, data.decode("utf-8-sig"))  # some editors begin a file with a byte order mark
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise ConfigError(f"{label}:{line}:{column}  not UTF-8: byte 0x{data[error.start]:02x}") from None


def shown_path(path: Path, folder: Path | None = None) -> str:
    """Return a path as a person would write it, harmless to show: from ``folder``, from their home, or in full."""
    home = home_folder()
    if folder is not None and path.is_relative_to(folder):
        shown = str(path.relative_to(folder))
    elif home is not None and path.is_relative_to(home):
        shown = f"~/{path.relative_to(home)}"
    else:
        shown = str(path)
    return neutralise_line(shown)


def home_folder() -> Path | None:
    """Return the person's home folder, or None for a user who has none."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def _excerpt(line: str, column: int, width: int) -> str:
    """Return the part of ``line`` around ``column``, counted from 0, and carets below it."""
    start = max(0, column - EXCERPT_WIDTH // 2)
    before, shown = neutralise_line(line[start:column]), neutralise_line(line[start : start + EXCERPT_WIDTH])
    carets = min(width, max(1, len(line) - column), EXCERPT_WIDTH // 2)
    return f"  {shown}\n  {' ' * _columns(before)}{'^' * max(1, carets)}"


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
