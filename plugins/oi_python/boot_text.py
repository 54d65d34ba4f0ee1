"""The command line that runs the boot text in any Python."""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from functools import cache
from importlib.resources import files

_PROSE = re.compile(r'\s*(""".*"""|#.*)?')
_INDENT = re.compile(r"^( {4})+")

# One expression, so that nothing of it is left in __main__.
_STUB = (
    "exec(compile(__import__('zlib').decompress(__import__('binascii').a2b_base64('{}')),"
    "'<interpreter>','exec'),{{'__name__':'<interpreter>'}})"
)


@cache
def boot_text() -> str:
    """Return the boot text as one expression for ``python -c``."""
    source = _without_prose(files("oi_python").joinpath("boot.py").read_text("utf-8"))
    return _STUB.format(b64encode(zlib.compress(source.encode(), 9)).decode("ascii"))


def _without_prose(source: str) -> str:
    """Drop docstrings and comments that stand on lines of their own, and most of the indentation."""
    _, _, source = source.removeprefix('"""').partition('"""')
    return "\n".join(_INDENT.sub(_one_space, line) for line in source.splitlines() if not _PROSE.fullmatch(line))


def _one_space(match: re.Match[str]) -> str:
    return " " * (len(match[0]) // 4)


def boot_arguments(nonce: str) -> tuple[str, ...]:
    """Return what follows the interpreter's own command line.

    ``-i`` keeps Python interactive for the libraries that ask; ``-q`` and ``-u`` keep it quiet and prompt.
    """
    return ("-i", "-q", "-u", "-c", boot_text(), nonce)
