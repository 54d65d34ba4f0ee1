"""A list of forbidden commands, made ready for comparing, and its first match in a block of code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from oi_forbidden.inner_scripts import NestedTooDeeply, read_nested
from oi_forbidden.match import Match
from oi_forbidden.python_entries import PythonEntries
from oi_forbidden.python_reader import read_python
from oi_forbidden.shell_commands import Script, ShellReading
from oi_forbidden.shell_entries import ShellEntries
from oi_forbidden.shell_reader import read_shell
from oi_forbidden.windows_entries import WindowsEntries

if TYPE_CHECKING:
    from oi_core.plugin_api import CodeBlock

SHELL_LANGUAGES: Final = frozenset(
    {"shell", "bash", "sh", "zsh", "dash", "ksh", "fish", "console", "terminal", "shellscript", "shell-script"}
)
WINDOWS_LANGUAGES: Final = frozenset({"cmd", "bat", "batch", "powershell", "pwsh", "ps1"})
PYTHON_LANGUAGES: Final = frozenset({"python", "py", "python2", "python3", "ipython", "ipython3", "pycon", "jupyter"})


LONGEST: Final = 400_000
"""Characters of a block that are read for commands; the lines of all of it are compared."""


@dataclass(frozen=True, slots=True)
class ForbiddenEntries:
    """The entries as each kind of code could run them; ``lines`` are the entries as they stand, by stripped text."""

    lines: Mapping[str, str]
    shell: ShellEntries
    windows: WindowsEntries
    python: PythonEntries

    def first_in(self, block: CodeBlock) -> Match | None:
        """Return the first forbidden command of a block, or None.

        Raises:
            NestedTooDeeply: there is none in what could be read, and more that could not.
            RecursionError: the same.
        """
        matches = list(self._lines(block.code))
        try:
            for match in self._read(block.language.casefold(), block.code[:LONGEST]):
                matches.append(match)  # noqa: PERF402  (what was found before reading gives up is kept)
        except (NestedTooDeeply, RecursionError):
            if not matches:
                raise
        return min(matches, key=lambda match: match.line, default=None)

    def _read(self, language: str, code: str) -> Iterator[Match]:
        if language in SHELL_LANGUAGES and self.shell.may_match(code):
            yield from self._shell(read_shell(Script(code, 1)), len(code))
        elif language in WINDOWS_LANGUAGES:
            yield from self.windows.matches(code)
        elif language in PYTHON_LANGUAGES and self._python_may_match(code):
            yield from self._python(code)

    def _python_may_match(self, code: str) -> bool:
        if not code.isascii() or self.shell.may_match(code) or any(name in code for name in self.python.last_names):
            return True
        folded = code.casefold()
        return any(words[0] in folded for words in self.windows.words)

    def _lines(self, code: str) -> Iterator[Match]:
        for number, line in enumerate(code.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
            entry = self.lines.get(line.strip())
            if entry is not None:
                yield Match(number, entry)

    def _shell(self, reading: ShellReading, length: int) -> Iterator[Match]:
        for nested in read_nested(reading, length):
            yield from self.shell.matches(nested)

    def _python(self, code: str) -> Iterator[Match]:
        reading = read_python(code, self.python.last_names)
        yield from self.python.matches(reading)
        yield from self._shell(ShellReading(reading.commands, [], reading.scripts), len(code))
        for script in reading.scripts:
            yield from self.windows.matches(script.source, script.line)


@lru_cache(maxsize=8)
def forbidden_entries(entries: tuple[str, ...]) -> ForbiddenEntries:
    """Return the entries ready for comparing; blank ones forbid nothing."""
    texts = [entry for entry in entries if entry.strip()]
    return ForbiddenEntries(
        lines={entry.strip(): entry for entry in texts},
        shell=ShellEntries.of(texts),
        windows=WindowsEntries.of(texts),
        python=PythonEntries.of(texts),
    )
