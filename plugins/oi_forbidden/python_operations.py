"""Operations on what Python expressions may be worth: elements, sums, names for one module, text of templates."""

from __future__ import annotations

import ast
import json
import re
from typing import Final

from oi_forbidden.python_values import (
    LONGEST,
    MOST,
    NOTHING_KNOWN,
    PathText,
    Table,
    Thing,
    Value,
    as_text,
    joined_path,
    percent,
)

_SAME_MODULE: Final = {
    **dict.fromkeys(("posix", "nt", "os.sys.modules"), "os"),
    **dict.fromkeys(("posixpath", "ntpath"), "os.path"),
    "builtins": "",
    "__builtins__": "",
    "__builtin__": "",
    "_io": "io",
    "subprocess32": "subprocess",
    "commands": "subprocess",
    "urllib2": "urllib.request",
    "_socket": "socket",
    "cPickle": "pickle",
    "_pickle": "pickle",
    "cloudpickle": "pickle",
    "dill": "pickle",
}


class Element(ast.expr):
    """An element of what another expression gives."""

    _fields = ("of",)
    of: ast.expr


def element_of(node: ast.expr) -> ast.expr:
    """Return an expression for any element of another."""
    element = Element()
    element.of = node
    return ast.copy_location(element, node)


def elements(value: Value) -> list[Value]:
    """Return what looping over a value gives."""
    if isinstance(value, tuple):
        return list(value[:MOST]) or [NOTHING_KNOWN]
    if isinstance(value, Table):
        return [key for key, _ in value.items[:MOST] if isinstance(key, str | int)] or [NOTHING_KNOWN]
    if isinstance(value, Thing) and value.name:
        return [Thing(f"{value.name}[]", value.call, value)]
    return [NOTHING_KNOWN]


def item_at(value: Value, path: tuple[int, ...]) -> Value:
    """Return the item of a value at a path of indexes, as unpacking takes it."""
    for index in path:
        if isinstance(value, tuple | str) and index < len(value):
            value = value[index]
        elif isinstance(value, Thing) and value.name:
            value = Thing(f"{value.name}[]", value.call, value)
        else:
            return NOTHING_KNOWN
    return value


def is_hashable(value: Value) -> bool:
    """Whether a value can be in a set."""
    return isinstance(value, str | bytes | int | float | Thing) or value is None


def added(first: Value, second: Value) -> Value:
    """Return what adding two values gives."""
    if isinstance(first, tuple) and isinstance(second, tuple):
        return (*first, *second)[:5_000]
    if isinstance(first, bytes) and isinstance(second, bytes):
        return (first + second)[:LONGEST]
    if isinstance(first, str | bytes) or isinstance(second, str | bytes):
        return (as_text(first) + as_text(second))[:LONGEST]
    if isinstance(first, int | float) and isinstance(second, int | float):
        return first + second
    return NOTHING_KNOWN


def operated(operator: ast.operator, first: Value, second: Value) -> Value:
    """Return what another operator gives."""
    if isinstance(operator, ast.Div) and isinstance(first, PathText):
        return PathText(joined_path([first, as_text(second)]))
    if isinstance(operator, ast.Mod) and isinstance(first, str):
        return percent(first, second)
    if isinstance(operator, ast.Mult) and isinstance(first, str | bytes | tuple) and isinstance(second, int):
        return first * second if 0 <= second * len(first) <= 2_000 else NOTHING_KNOWN
    if isinstance(first, int | float) and isinstance(second, int | float):
        try:
            return _calculated(operator, first, second)
        except (ArithmeticError, ValueError, TypeError):
            return NOTHING_KNOWN
    return NOTHING_KNOWN


def _calculated(operator: ast.operator, first: float, second: float) -> Value:
    match operator:
        case ast.Mult():
            return first * second if abs(first) < 1e18 and abs(second) < 1e18 else float("inf")
        case ast.Sub():
            return first - second
        case ast.Pow():
            return first**second if abs(first) <= 1e6 and 0 <= second <= 64 else float("inf")
        case ast.BitOr():
            return int(first) | int(second)
        case ast.BitXor():
            return int(first) ^ int(second)
        case ast.LShift():
            return int(first) << int(second) if 0 <= second <= 64 and abs(first) < 1e18 else float("inf")
        case ast.Div():
            return first / second
    return NOTHING_KNOWN


def environment_value(name: str) -> Value:
    """Return what an environment variable stands for."""
    return {"HOME": "~", "USERPROFILE": "~", "TMPDIR": "/tmp"}.get(name) or Thing(f"os.environ[{name}]")  # noqa: S108  (compared, not written)


def same_module(name: str) -> str:
    """Return a module's usual name."""
    return _SAME_MODULE.get(name, name) or "builtins"


def canonical(name: str) -> str:
    """Return one name for the names of a module: ``posix.system`` is ``os.system``."""
    head, dot, rest = name.partition(".")
    if head in _SAME_MODULE and (rest or head not in ("builtins",)):
        head = _SAME_MODULE[head]
        return f"{head}{dot if head else ''}{rest}" or "builtins"
    return "os" + name[7:] if name.startswith("os.sys.modules") else name


def parsed_json(text: str) -> Value:
    """Return what JSON text stands for."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return NOTHING_KNOWN
    if isinstance(data, dict):
        return Table(
            tuple((key, ast.Constant(value if isinstance(value, str | int) else None)) for key, value in data.items())
        )
    return data if isinstance(data, str) else NOTHING_KNOWN


def template_fields(text: str) -> str:
    """Return a template of ``string.Template`` as one for ``format``."""
    return "".join("{" + piece[1] + "}" if piece[1] else piece[0] for piece in _template_pieces(text))


def _template_pieces(text: str) -> list[tuple[str, str]]:
    return [(m[0], m[1] or m[2] or "") for m in re.finditer(r"\$(\w+)|\$\{(\w+)\}|[^$]+|\$", text)]


def first_argument(node: ast.Call) -> ast.expr | None:
    """Return the first argument of a call."""
    return node.args[0] if node.args else node.keywords[0].value if node.keywords else None
