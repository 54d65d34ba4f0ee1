"""Boot text, loaded when it is needed: the variables at a glance, without running code of the objects' own."""

from __future__ import annotations

import itertools
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

PLAIN = (bool, int, float, complex, str, bytes, bytearray, range, type(None))
SIZED = (list, tuple, dict, set, frozenset)
ROUTINES = (types.FunctionType, types.BuiltinFunctionType)
MOST_OF_VALUE = 60


def describe_variables(variables: Any) -> str:
    """Return a line for each variable: name, type, value or shape; functions, classes and modules by their names."""
    rows, others = [], {"functions": [], "classes": [], "modules": []}  # type: Any, Any
    for name, value in variables.items():
        kind = type(value)
        if isinstance(value, types.ModuleType):
            others["modules"].append(name)
        elif isinstance(value, type):
            others["classes"].append(name)
        elif kind in ROUTINES:
            others["functions"].append(name)
        else:
            rows.append((name, kind.__name__, value_at_a_glance(value)))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)] if rows else []
    lines = [f"{name:{widths[0]}}  {kind:{widths[1]}}  {text}".rstrip() for name, kind, text in rows]
    lines += [f"{title}: {', '.join(found)}" for title, found in others.items() if found]
    return "\n".join(lines) or "no variables yet"


def value_at_a_glance(value: Any) -> str:
    """Return a short value or the shape; a class that is not known here is asked for nothing but its shape."""
    kind = type(value)
    try:
        if kind in PLAIN:
            return begun(repr(value[: MOST_OF_VALUE * 2] if kind in (str, bytes, bytearray) else value))
        if kind in SIZED:
            return items_at_a_glance(value, kind)
        if hasattr(kind, "shape"):
            shape = value.shape
            dtype = f" {value.dtype}" if hasattr(kind, "dtype") else ""
            return " x ".join(f"{length:,}" for length in shape) + dtype
    except Exception:  # noqa: BLE001  (an object's own code, or a number with too many digits: the type is enough)
        return ""
    return ""


def items_at_a_glance(value: Any, kind: Any) -> str:
    """Return how many items there are, and the first ones where showing them runs no code of theirs."""
    words = f"{len(value):,} item{'s' * (len(value) != 1)}"
    keys = list(itertools.islice(value, 4))
    items = [value[key] for key in keys] if kind is dict else []
    if not keys or not all(type(item) in PLAIN for item in keys + items):
        return words
    shown = repr({key: value[key] for key in keys} if kind is dict else kind(keys))
    return f"{words}  {begun(shown if len(value) < 5 else f'{shown[:-1]}, …')}"


def begun(text: str) -> str:
    """Return how a text begins."""
    return text if len(text) <= MOST_OF_VALUE else f"{text[:MOST_OF_VALUE]}…"
