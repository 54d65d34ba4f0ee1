"""What Python expressions may stand for, and the text that constant operations on them give."""

from __future__ import annotations

import ast
import base64
import binascii
import codecs
import posixpath
import re
import shlex
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from oi_forbidden.names import words
from oi_forbidden.places import HOLE

MOST: Final = 8
"""Values of one expression that are followed."""

LONGEST: Final = 60_000
"""Characters of a text that is put together."""


class PathText(str):
    """The text of a ``pathlib.Path``, or of anything else that stands for a file."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """Something with a dotted name: ``os.system``, ``socket.socket()`` for what a call made, ``os.listdir()[]``.

    ``call`` made it, ``receiver`` is what a method is bound to.
    """

    name: str
    call: ast.Call | None = None
    receiver: object = None


@dataclass(frozen=True, slots=True)
class Table:
    """A dictionary whose keys are known, with the expressions of its values."""

    items: tuple[tuple[object, ast.expr], ...]


Value = str | bytes | int | float | bool | None | tuple["Value", ...] | Thing | Table
NOTHING_KNOWN: Final = Thing("")
CONSTANTS: Final = (str, bytes, int, float, type(None))
"""Types of literals whose values are followed."""

Strings = tuple[str | bytes, ...]


def as_text(value: object) -> str:
    """Return a value as text, with :data:`HOLE` for what is not known."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Thing):
        return "python3" if value.name in ("sys.executable", "os.sys.executable") else HOLE
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, CONSTANTS) else HOLE


def joined_path(parts: list[str]) -> str:
    """Return what ``os.path.join`` gives."""
    return posixpath.join(*parts) if parts else HOLE


def sliced(
    value: str | bytes | tuple[Value, ...], node: ast.Slice, number: Callable[[ast.expr | None], int | None]
) -> Value:
    """Return a slice of a constant."""
    return value[number(node.lower) : number(node.upper) : number(node.step) or None]


_TEXT_METHODS: Final = words(
    """
    lower upper strip lstrip rstrip title capitalize swapcase replace removeprefix removesuffix casefold expandtabs
    """
)


def text_method(text: str | bytes, name: str, arguments: list[Value]) -> Value:
    """Return what a method of a constant string gives; :data:`NOTHING_KNOWN` when that is not known."""
    if isinstance(text, bytes):
        return _bytes_method(text, name, arguments)
    if name in ("encode", "__str__", "format_map", "as_posix", "resolve", "absolute", "expanduser", "copy", "path"):
        return text
    plain = [a for a in arguments if isinstance(a, str | int)]
    if len(plain) != len(arguments) or len(text) > LONGEST:
        return NOTHING_KNOWN
    try:
        if name in _TEXT_METHODS:
            result = getattr(str(text), name)(*plain)
            return result if isinstance(result, str) and len(result) <= LONGEST else NOTHING_KNOWN
        if name in ("split", "rsplit", "splitlines", "partition", "rpartition"):
            return tuple(getattr(str(text), name)(*plain))
        if name == "zfill":
            return str(text)
    except (TypeError, ValueError):
        pass
    return NOTHING_KNOWN


def _bytes_method(data: bytes, name: str, arguments: list[Value]) -> Value:
    if name == "decode":
        encoding = arguments[0] if arguments and isinstance(arguments[0], str) else "utf-8"
        try:
            return data.decode(encoding, "replace")
        except (LookupError, ValueError):
            return data.decode("utf-8", "replace")
    if name == "hex":
        return data.hex()
    if name in ("strip", "lower", "upper"):
        return {"strip": data.strip, "lower": data.lower, "upper": data.upper}[name]()
    if name == "replace" and len(arguments) == 2 and all(isinstance(a, bytes) for a in arguments):
        return data.replace(bytes(arguments[0]), bytes(arguments[1]))  # type: ignore[arg-type]  # checked in the line above
    return NOTHING_KNOWN


def formatted(text: str, arguments: list[Value], keywords: Mapping[str, Value]) -> str:
    """Return what ``text.format(…)`` gives, with :data:`HOLE` for what is not known."""
    position = iter(range(len(arguments)))

    def field(match: re.Match[str]) -> str:
        name = match[1]
        if not name:
            index = next(position, None)
            return HOLE if index is None else as_text(arguments[index])
        if name.isdigit():
            return as_text(arguments[int(name)]) if int(name) < len(arguments) else HOLE
        return as_text(keywords[name]) if name in keywords else HOLE

    return (
        re.sub(r"\{([^{}:!.\[]*)[^{}]*\}", field, text.replace("{{", "\0").replace("}}", "\1"))
        .replace("\0", "{")
        .replace("\1", "}")
    )


def percent(text: str, value: Value) -> str:
    """Return what ``text % value`` gives, with :data:`HOLE` for what is not known."""
    values = list(value) if isinstance(value, tuple) else [value]

    def field(match: re.Match[str]) -> str:
        if match.group() == "%%":
            return "%"
        return as_text(values.pop(0)) if values and not match[1] else HOLE

    return re.sub(r"%(?:%|(\(\w+\))?[-+ #0]*\d{0,3}(?:\.\d{1,3})?[srdifxXoc])", field, text)


def _decoded(data: Value, decode: Callable[[bytes], bytes]) -> Value:
    if not isinstance(data, str | bytes) or HOLE in as_text(data) or len(data) > LONGEST:
        return NOTHING_KNOWN
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    try:
        return decode(raw)
    except (ValueError, binascii.Error, zlib.error, EOFError):
        return NOTHING_KNOWN


def _base64(data: bytes) -> bytes:
    stripped = data.strip()
    return base64.b64decode(
        stripped + b"=" * (-len(stripped) % 4), altchars=b"-_" if b"_" in data or b"-" in data else None
    )


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj(47).decompress(data, LONGEST)


def _codec(data: Value, name: Value) -> Value:
    if isinstance(data, str) and name in ("rot13", "rot_13"):
        return codecs.decode(data, "rot13")
    if name in ("base64", "base_64", "base64_codec"):
        return _decoded(data, _base64)
    if name in ("hex", "hex_codec"):
        return _decoded(data, lambda raw: bytes.fromhex(raw.decode("ascii", "replace")))
    return data if isinstance(data, str | bytes) and isinstance(name, str) and "utf" in name else NOTHING_KNOWN


def _words(text: Value) -> Value:
    if not isinstance(text, str):
        return NOTHING_KNOWN
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return NOTHING_KNOWN


def _character(value: Value) -> Value:
    return chr(value) if isinstance(value, int) and 0 <= value < 0x110000 else NOTHING_KNOWN


def _numbers(value: Value) -> Value:
    if isinstance(value, tuple) and all(isinstance(n, int) and 0 <= n < 256 for n in value):
        return bytes(n for n in value if isinstance(n, int))
    return value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else NOTHING_KNOWN


DECODERS: Final = words(
    """
    base64.b64decode base64.urlsafe_b64decode base64.standard_b64decode base64.decodebytes base64.b32decode
    base64.b16decode base64.b85decode base64.a85decode codecs.decode bytes.fromhex binascii.unhexlify
    binascii.a2b_base64 zlib.decompress gzip.decompress bz2.decompress lzma.decompress marshal.loads
    bytearray.fromhex
    """
)
"""Functions that unpack what was packed."""

PURE: Final[Mapping[str, Callable[..., Value]]] = {
    **dict.fromkeys(
        words(
            """
            base64.b64decode base64.urlsafe_b64decode base64.standard_b64decode base64.decodebytes
            binascii.a2b_base64
            """
        ),
        lambda data, *_: _decoded(data, _base64),
    ),
    "base64.b32decode": lambda data, *_: _decoded(data, base64.b32decode),
    "base64.b16decode": lambda data, *_: _decoded(data, base64.b16decode),
    "base64.b85decode": lambda data, *_: _decoded(data, base64.b85decode),
    "base64.a85decode": lambda data, *_: _decoded(data, base64.a85decode),
    "codecs.decode": lambda data, name="utf-8", *_: _codec(data, name),
    "codecs.encode": lambda data, name="utf-8", *_: _codec(data, name) if name in ("rot13", "rot_13") else data,
    **dict.fromkeys(
        ("bytes.fromhex", "bytearray.fromhex", "binascii.unhexlify"),
        lambda data, *_: _decoded(data, lambda raw: bytes.fromhex(raw.decode("ascii", "replace"))),
    ),
    **dict.fromkeys(("zlib.decompress", "gzip.decompress"), lambda data, *_: _decoded(data, _inflated)),
    "chr": lambda value, *_: _character(value),
    "ord": lambda value, *_: ord(value) if isinstance(value, str) and len(value) == 1 else NOTHING_KNOWN,
    "bytes": lambda value="", *_: _numbers(value),
    "bytearray": lambda value="", *_: _numbers(value),
    "str": lambda value="", *_: as_text(value) if not isinstance(value, Thing | tuple | Table) else NOTHING_KNOWN,
    "int": lambda value=0, *_: int(value) if isinstance(value, int | float) and abs(value) < 1e15 else NOTHING_KNOWN,
    "shlex.split": lambda text, *_: _words(text),
    "shlex.quote": lambda text, *_: shlex.quote(text) if isinstance(text, str) else NOTHING_KNOWN,
    "shlex.join": lambda words, *_: shlex.join(map(as_text, words)) if isinstance(words, tuple) else NOTHING_KNOWN,
    "reversed": lambda value, *_: tuple(reversed(value)) if isinstance(value, str | tuple) else NOTHING_KNOWN,
    **dict.fromkeys(
        words(
            """
            os.path.expanduser os.path.abspath os.path.realpath os.path.normpath os.path.expandvars os.fspath
            os.fsencode
            """
        ),
        lambda path, *_: path if isinstance(path, str) else NOTHING_KNOWN,
    ),
    "os.path.dirname": lambda path, *_: posixpath.dirname(path) if isinstance(path, str) else NOTHING_KNOWN,
    "os.path.basename": lambda path, *_: posixpath.basename(path) if isinstance(path, str) else NOTHING_KNOWN,
    "os.path.join": lambda *parts: joined_path([as_text(part) for part in parts]),
    "os.getcwd": lambda: ".",
    "pathlib.Path": lambda *parts: PathText(joined_path([as_text(part) for part in parts]) if parts else "."),
    "pathlib.PosixPath": lambda *parts: PathText(joined_path([as_text(part) for part in parts]) if parts else "."),
    "pathlib.Path.home": lambda: PathText("~"),
    "pathlib.Path.cwd": lambda: PathText("."),
    "site.getsitepackages": lambda: ("/usr/lib/python3/site-packages",),
    "site.getusersitepackages": lambda: "~/.local/lib/python3/site-packages",
    "glob.glob": lambda pattern, *_: (as_text(pattern),),
    "glob.iglob": lambda pattern, *_: (as_text(pattern),),
    "os.listdir": lambda *_: (HOLE,),
    "os.scandir": lambda path=".", *_: (PathText(f"{as_text(path)}/{HOLE}"),),
    "os.walk": lambda path=HOLE, *_: ((f"{as_text(path)}/{HOLE}", (HOLE,), (HOLE,)),),
    "compile": lambda source, *_: source,
    "staticmethod": lambda function, *_: function,
    "classmethod": lambda function, *_: function,
    "list": lambda value=(), *_: (
        value if isinstance(value, tuple) else tuple(value) if isinstance(value, str) else NOTHING_KNOWN
    ),
    "tuple": lambda value=(), *_: value if isinstance(value, tuple) else NOTHING_KNOWN,
    "sorted": lambda value=(), *_: value if isinstance(value, tuple) else NOTHING_KNOWN,
    "set": lambda value=(), *_: value if isinstance(value, tuple) else NOTHING_KNOWN,
    "iter": lambda value=(), *_: value,
    "next": lambda value=(), *_: value[0] if isinstance(value, tuple) and value else NOTHING_KNOWN,
    "enumerate": lambda value=(), *_: tuple((0, item) for item in value) if isinstance(value, tuple) else NOTHING_KNOWN,
    "tqdm.tqdm": lambda value=(), *_: value,
    "textwrap.dedent": lambda text, *_: text,
    "string.Template": lambda text, *_: text,
}
"""Functions that give the same each time, or what stands for their result in a path."""
