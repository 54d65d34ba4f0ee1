"""The command line of a language that is written in Python."""

from __future__ import annotations

import sys
import zlib
from base64 import b64encode
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oi_core.executors import Workspace

_PARTS: Final = ("tables", "terminal")
_PREFIX: Final = "oi_core.repl.boot_parts.python"
_STUB: Final = """\
import sys, zlib, binascii
def load(name, path, data):
    module = sys.modules[name] = type(sys)(name)
    exec(compile(zlib.decompress(binascii.a2b_base64(data)), path, "exec", 0, True), module.__dict__)
    return module
*_, terminal, language = [load(*part) for part in {!r}]
terminal.serve(language.run)
"""


def python_command(
    workspace: Workspace, program: Path, options: tuple[str, ...] = ("-I", "-S")
) -> Callable[[str], Sequence[str]]:
    """Return the ``command`` of a :class:`~oi_core.repl.dialect.Dialect` whose code a Python program runs.

    ``program`` is a file, self-contained, that defines ``run(code, terminal)``; it is sent to the Python of the
    workspace's ``command``, else to the one that runs this program. ``run`` works as any program does: it prints, it
    asks with ``input``, it may be stopped by a ``KeyboardInterrupt``, and ``sys.exit("in words")`` ends code that
    failed; an exception is shown with its traceback. What it keeps between calls, it keeps in its module. ``terminal``
    is a :class:`~oi_core.repl.boot_parts.python.terminal.ChildTerminal`. With the usual ``options`` of Python it finds
    the standard library only.

    Raises:
        OSError: the file cannot be read.
    """
    argv = (*(workspace.command or (sys.executable,)), *options, "-c", boot_text(program))
    return partial(_with_nonce, argv)


@cache
def boot_text(program: Path) -> str:
    """Return the boot text of a program: the part, the program, and what joins them."""
    own = Path(__file__).with_name("python")
    parts = [(f"{_PREFIX}.{name}", "<interpreter>", _packed(own / f"{name}.py")) for name in _PARTS]
    return _STUB.format([*parts, (program.stem, str(program), _packed(program))])


def _with_nonce(argv: tuple[str, ...], nonce: str) -> tuple[str, ...]:
    return (*argv, nonce)


def _packed(file: Path) -> str:
    return b64encode(zlib.compress(file.read_bytes(), 9)).decode("ascii")
