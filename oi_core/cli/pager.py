"""The last output, whole, in the person's pager."""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
import tempfile
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from oi_core.errors import InterpreterError
from oi_core.printed.line_emulator import LineEmulator
from oi_core.printed.untrusted_text import neutralise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from oi_core.results import ExecutionResult

MOST_BYTES: Final = 50_000_000
"""Of an output, from its end; the file with the whole is named before it."""
PRINTED_LINES: Final = 500
CHUNK: Final = 65_536


class PagerError(InterpreterError):
    """The pager could not be started, or says that it failed."""


def pager_command(environment: Mapping[str, str]) -> list[str]:
    """Return the command line of the person's pager, that of ``less`` when they have named none, or nothing."""
    named = environment.get("PAGER", "").strip()
    if not named:
        return ["less", "-R"] if shutil.which("less", path=environment.get("PATH")) else []
    try:
        return shlex.split(named)
    except ValueError as error:
        raise PagerError(f"PAGER is not a command line: {error}", "set PAGER to your pager") from error


def page(result: ExecutionResult, environment: Mapping[str, str], out: TextIO) -> None:
    """Show what a block printed, harmless, in the pager; without one its last lines are written to ``out``.

    Ctrl-C is the pager's own business meanwhile.

    Raises:
        PagerError: the pager cannot be started, or ends with an error.
    """
    command = pager_command(environment)
    if not command:
        lines = list(harmless_lines(result))
        out.write("\n".join(lines[-PRINTED_LINES:]) + "\n")
        out.flush()
        return
    with tempfile.TemporaryDirectory(prefix="interpreter-output-") as folder:
        path = Path(folder) / "output.txt"
        _write(path, harmless_lines(result))
        previous = signal.signal(
            signal.SIGINT, lambda _number, _frame: None
        )  # one that is ignored stays so in programs
        try:
            status = subprocess.run([*command, str(path)], check=False).returncode
        except OSError as error:
            raise PagerError(f"{command[0]} cannot be started: {error.strerror}", "set PAGER to your pager") from error
        finally:
            signal.signal(signal.SIGINT, previous)
    if status:
        raise PagerError(f"{command[0]} ended with exit status {status}")


def harmless_lines(result: ExecutionResult) -> Iterator[str]:
    """Yield the lines that an output leaves on a screen, without anything a terminal would act on."""
    emulator = LineEmulator(reach=50)
    for text in _pieces(result):
        yield from map(neutralise, emulator.feed(text))
    yield from map(neutralise, emulator.finish())


def _pieces(result: ExecutionResult) -> Iterator[str]:
    if not result.spool:
        yield result.output
        return
    try:
        with Path(result.spool).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MOST_BYTES))
            if size > MOST_BYTES:
                yield f"[the last {MOST_BYTES:,} of {size:,} bytes of {result.spool}]\n"
            rest = iter(lambda: file.read(CHUNK), b"")
            yield from _decoded(rest)
    except OSError:  # the file went with its session's folder
        yield result.output


def _decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for chunk in chunks:
        yield decoder.decode(chunk)


def _write(path: Path, lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8", errors="replace") as file:
        while batch := list(islice(lines, 10_000)):
            file.write("\n".join(batch) + "\n")
