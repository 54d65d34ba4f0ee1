"""What calls in Python code give: of pure functions, of methods of constants, of the code's own functions."""

from __future__ import annotations

import ast
from itertools import product
from typing import TYPE_CHECKING, Final

from oi_forbidden.places import HOLE
from oi_forbidden.python_operations import (
    canonical,
    environment_value,
    first_argument,
    parsed_json,
    template_fields,
)
from oi_forbidden.python_values import (
    MOST,
    NOTHING_KNOWN,
    PURE,
    PathText,
    Table,
    Thing,
    Value,
    as_text,
    formatted,
    joined_path,
    text_method,
)

if TYPE_CHECKING:
    from oi_forbidden.python_evaluator import Evaluator


_NAMESPACES: Final = frozenset(
    {"__dict__", "vars()", "globals()", "locals()", "sys.modules", "__builtins__", "__globals__"}
)
_GLOBAL_NAMES: Final = {
    "system": "os.system",
    "popen": "os.popen",
    "os": "os",
    "sys": "sys",
    "__builtins__": "builtins",
}


def item_of(evaluator: Evaluator, value: Value, key: Value) -> list[Value]:
    """Return what is at a key of a value."""
    if isinstance(value, Table):
        exact = [node for name, node in value.items if name == key and not isinstance(key, Thing)]
        return [v for node in (exact or [node for _, node in value.items])[:MOST] for v in evaluator.values(node)]
    if isinstance(value, str | bytes | tuple) and isinstance(key, int):
        return [value[key]] if -len(value) <= key < len(value) else [NOTHING_KNOWN]
    if isinstance(value, tuple):
        return list(value[:MOST]) or [NOTHING_KNOWN]
    if isinstance(value, Thing) and isinstance(key, str):
        if value.name in ("os.environ", "environ"):
            return [environment_value(key)]
        last = value.name.rpartition(".")[2]
        if last == "__dict__" and value.name != "__dict__":
            return [Thing(canonical(f"{value.name.removesuffix('.__dict__')}.{key}"))]
        if value.name == "vars()" and value.call is not None and value.call.args:
            return [v for thing in evaluator.values(value.call.args[0]) for v in evaluator.attribute_of(thing, key)]
        if value.name in _NAMESPACES or last in _NAMESPACES:
            return [Thing(_GLOBAL_NAMES.get(key, canonical(key)))]
    return [Thing(f"{value.name}[]", value.call, value)] if isinstance(value, Thing) and value.name else [NOTHING_KNOWN]


def results_of(evaluator: Evaluator, thing: Thing, node: ast.Call) -> list[Value]:
    """Return what a call of a thing may give."""
    name = thing.name
    if name.startswith("function "):
        return [v for value in evaluator.scope.returns.get(name[9:], [])[:8] for v in evaluator.values(value)]
    if name.startswith("class "):
        return [Thing(name)]
    if name == "<lambda>" and isinstance(thing.receiver, ast.expr):
        return list(evaluator.values(thing.receiver))
    if name.startswith(("str.", "list.", "pathlib.Path().")) and isinstance(
        thing.receiver, str | bytes | tuple | Table
    ):
        return _method(evaluator, thing, node)
    if name in ("__import__", "importlib.import_module", "importlib.__import__"):
        return [
            Thing(canonical(text)) if HOLE not in text else NOTHING_KNOWN
            for text in evaluator.texts(first_argument(node))
        ]
    if name in ("getattr", "getattr()", "operator.attrgetter()"):
        return _got(evaluator, thing, node)
    if name in ("os.getenv", "os.environ.get", "environ.get") and node.args:
        return [environment_value(text) for text in evaluator.texts(node.args[0])]
    if name == "json.loads":
        return [parsed_json(text) for text in evaluator.texts(first_argument(node))]
    function = PURE.get(name)
    if function is not None:
        return _pure(evaluator, function, node)
    return [Thing(f"{name}()", node, thing.receiver)]


def _pure(evaluator: Evaluator, function: object, node: ast.Call) -> list[Value]:
    options = [evaluator.values(argument)[:3] for argument in node.args[:12]]
    results: list[Value] = []
    for arguments in list(product(*options))[:MOST]:
        try:
            results.append(function(*arguments))  # type: ignore[operator]  # from PURE, whose values are callable
        except (TypeError, ValueError, IndexError, OverflowError):
            results.append(NOTHING_KNOWN)
    return results


def _got(evaluator: Evaluator, thing: Thing, node: ast.Call) -> list[Value]:
    if thing.name == "operator.attrgetter()" and thing.call is not None:
        owner, names = first_argument(node), evaluator.texts(first_argument(thing.call))
        values = evaluator.values(owner)
    elif thing.name == "getattr()":
        values, names = (thing.receiver,), evaluator.texts(first_argument(node))  # type: ignore[assignment]  # a value by construction
    else:
        values, names = (
            evaluator.values(first_argument(node)),
            evaluator.texts(node.args[1] if len(node.args) > 1 else None),
        )
    return [
        v
        for value in values
        for name in names
        for v in evaluator.attribute_of(value, name if HOLE not in name else "?")
    ]


def _method(evaluator: Evaluator, thing: Thing, node: ast.Call) -> list[Value]:
    receiver = thing.receiver
    name = thing.name.rpartition(".")[2]
    arguments = [evaluator.values(argument)[0] for argument in node.args]
    keywords = {k.arg: evaluator.values(k.value)[0] for k in node.keywords if k.arg}
    if isinstance(receiver, PathText):
        return _path_method(receiver, name, arguments, node)
    if isinstance(receiver, str):
        if name in ("format", "substitute", "safe_substitute"):
            text = str(receiver) if name == "format" else template_fields(receiver)
            for keyword in node.keywords:
                if keyword.arg is None and isinstance(table := evaluator.values(keyword.value)[0], Table):
                    keywords |= {str(k): evaluator.values(v)[0] for k, v in table.items}
            return [formatted(text, arguments, keywords)]
        if name == "join" and arguments:
            words = arguments[0]
            return [receiver.join(map(as_text, words)) if isinstance(words, tuple) else HOLE]
    if isinstance(receiver, str | bytes):
        return [text_method(receiver, name, arguments)]
    if isinstance(receiver, Table):
        return _table_method(evaluator, receiver, name, arguments)
    return [receiver] if isinstance(receiver, tuple) and name == "copy" else [NOTHING_KNOWN]


def _table_method(evaluator: Evaluator, table: Table, name: str, arguments: list[Value]) -> list[Value]:
    every = [value for _, node in table.items[:MOST] for value in evaluator.values(node)]
    if name in ("get", "pop") and arguments:
        return item_of(evaluator, table, arguments[0])
    if name == "values":
        return [tuple(every)]
    if name == "items":
        return [tuple((key, evaluator.values(node)[0]) for key, node in table.items[:MOST])]  # type: ignore[misc]  # keys are values
    return [NOTHING_KNOWN]


def _path_method(path: PathText, name: str, arguments: list[Value], node: ast.Call) -> list[Value]:
    if name in ("resolve", "absolute", "expanduser", "joinpath", "with_suffix", "with_name", "__truediv__"):
        return [
            PathText(joined_path([path, *map(as_text, arguments)])) if name in ("joinpath", "__truediv__") else path
        ]
    if name in ("glob", "rglob", "iterdir", "walk"):
        return [(PathText(f"{path}/{HOLE}"),)]
    if name in ("as_posix", "__str__", "__fspath__"):
        return [str(path)]
    return [Thing(f"pathlib.Path().{name}()", node, path)]
