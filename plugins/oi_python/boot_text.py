"""The command line that runs the boot text in any Python."""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from functools import cache
from pathlib import Path

PARTS = ("channel", "streams", "cells")
# One expression, so that nothing of it is left in __main__. What stands for the current folder on sys.path is put back
# by its last part: a module there must not be run by a start that nobody has agreed to.
_STUB = (
    "[p.__setitem__(0,'/dev/null')for p in[__import__('sys').path]if p[:1]==['']]and 0 or "
    "exec(compile(__import__('zlib').decompress(__import__('binascii').a2b_base64('{}')),"
    "'<interpreter>','exec'),{{'__name__':'<interpreter>'}})"
)
_LEFT_OUT = re.compile(
    r'\s*(""".*"""|#.*|from oi_python\..*|from __future__ import annotations|.*TYPE_CHECKING.*|from typing import .*)?'
)
_REMARK = re.compile(r"  # (type|noqa).*")
_DEFINITION = re.compile(r" *(async )?def ")
_ANNOTATION = re.compile(r": [\w.| ]+(?=[,)]| =)| -> [^:]+(?=:$)")
_DECLARATION = re.compile(r"( *[\w.]+): Any =")
_INDENT = re.compile(r"^( {4})+")


@cache
def boot_text() -> str:
    """Return the boot text as one expression for ``python -c``."""
    source = "\n".join(map(_part, PARTS))
    return _STUB.format(b64encode(zlib.compress(source.encode(), 9)).decode("ascii"))


@cache
def boot_module(name: str) -> str:
    """Return the text of a part that the boot text asks for when it needs it; empty when there is none."""
    return _part(name) if name.isidentifier() else ""


def boot_arguments(nonce: str, options: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what follows the interpreter's own command line; ``options`` is what to show besides a last expression.

    Without ``-i``, for which Python imports a ``readline`` from the current folder before any code of ours runs.
    """
    return ("-u", "-c", boot_text(), nonce, *options)


def _part(name: str) -> str:
    """Return a part without docstrings, comments, annotations, imports of other parts, and wide indentation."""
    file = Path(__file__).parent / "boot" / f"{name}.py"
    if not file.is_file():
        return ""
    lines = file.read_text("utf-8").splitlines()
    kept = (_REMARK.sub("", line) for line in lines if not _LEFT_OUT.fullmatch(line))
    return "\n".join(_INDENT.sub(_one_space, _without_annotations(line)) for line in kept)


def _without_annotations(line: str) -> str:
    return _ANNOTATION.sub("", line) if _DEFINITION.match(line) else _DECLARATION.sub(r"\1 =", line)


def _one_space(match: re.Match[str]) -> str:
    return " " * (len(match[0]) // 4)
