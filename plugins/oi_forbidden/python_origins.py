"""Where the data in Python expressions comes from: see :mod:`oi_forbidden.origins` for the kinds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from oi_forbidden.acts import Acts
from oi_forbidden.origins import CARRIES, ORIGINS, PASSING, is_secret_name
from oi_forbidden.places import labels_of
from oi_forbidden.python_operations import Element, first_argument
from oi_forbidden.python_scope import Scope
from oi_forbidden.python_values import DECODERS, Thing, as_text

if TYPE_CHECKING:
    from oi_forbidden.python_evaluator import Evaluator

_MIXING: Final = frozenset({"format", "join", "replace", "encode", "decode", "dumps"})
_DEEPEST: Final = 40


class OriginFinder:
    """Finds the origins of the expressions of one module; of each at most once."""

    def __init__(self, evaluator: Evaluator, scope: Scope, acts: Acts) -> None:
        self._evaluator = evaluator
        self._scope = scope
        self._acts = acts
        self._origins: dict[ast.AST, frozenset[str]] = {}
        self._name_origins: dict[str, frozenset[str]] = {}
        self._depth = 0

    def of(self, node: ast.expr | None) -> frozenset[str]:
        """Return where an expression's data comes from: see :mod:`oi_forbidden.origins`."""
        if node is None or isinstance(node, ast.Constant):
            return frozenset()
        known = self._origins.get(node)
        if known is not None:
            return known
        if self._depth >= _DEEPEST:
            return frozenset()
        self._acts.spend()
        self._origins[node] = frozenset()
        self._depth += 1
        try:
            result = self._origins_of(node)
        finally:
            self._depth -= 1
        self._origins[node] = result
        return result

    def _origins_of(self, node: ast.expr) -> frozenset[str]:
        match node:
            case ast.Name(id=name):
                return self._origins_of_name(name) | _named_origins(self._evaluator.names(node))
            case ast.Call():
                return self._origins_of_call(node)
            case ast.Attribute(value=owner):
                return self.of(owner) | _named_origins(self._evaluator.names(node))
            case ast.Subscript(value=owner, slice=index):
                things = self._evaluator.names(owner)
                if any(thing.name in ("os.environ", "environ") for thing in things):
                    return _secret_origin(self._evaluator.texts(index))
                return self.of(owner)
            case ast.Compare() | ast.Lambda():
                return frozenset()
            case ast.IfExp(body=first, orelse=second):
                return self.of(first) | self.of(second)
            case Element(of=source):
                return self.of(source)
        found: set[str] = set()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                found |= self.of(child)
            elif isinstance(child, ast.comprehension):
                found |= self.of(child.iter)
        return frozenset(found)

    def _origins_of_name(self, name: str) -> frozenset[str]:
        known = self._name_origins.get(name)
        if known is not None:
            return known
        self._name_origins[name] = frozenset()
        found: set[str] = set()
        for binding in self._scope.bindings.get(name, [])[:32]:
            if isinstance(binding.node, ast.expr):
                found |= self.of(binding.node)
            if binding.kind == "parameter":
                for call in self._scope.calls_by_name.get(binding.name, [])[:16]:
                    if 0 <= binding.path[0] < len(call.args):
                        found |= self.of(call.args[binding.path[0]])
        self._name_origins[name] = frozenset(found)
        return self._name_origins[name]

    def _origins_of_call(self, node: ast.Call) -> frozenset[str]:
        found: set[str] = set()
        for thing in self._evaluator.names(node.func):
            name = thing.name
            if name in ("os.getenv", "os.environ.get", "environ.get"):
                return _secret_origin(self._evaluator.texts(first_argument(node)))
            if name in DECODERS:
                return self.of(first_argument(node)) | {"decoded"}
            if name.startswith("function "):
                for value in self._scope.returns.get(name[9:], [])[:8]:
                    found |= self.of(value)
            origin = ORIGINS.get(name) or ORIGINS.get(name.partition("()")[0] + "()")
            if origin:
                found.add(origin)
            if name in ("open", "io.open", "pathlib.Path().read_text", "pathlib.Path().read_bytes", "codecs.open"):
                found |= self._file_origins(thing, node)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if method in _MIXING or any(self._passes(thing) for thing in self._evaluator.names(node.func)):
            for argument in (*node.args, *(k.value for k in node.keywords)):
                found |= self.of(argument)
        if isinstance(node.func, ast.Attribute) and method in CARRIES:
            found |= self.of(node.func.value)
        return frozenset(found)

    def _passes(self, thing: Thing) -> bool:
        return thing.name in PASSING or thing.name.startswith(("str.", "list."))

    def _file_origins(self, thing: Thing, node: ast.Call) -> set[str]:
        paths = [as_text(thing.receiver)] if thing.receiver is not None else self._evaluator.texts(first_argument(node))
        labels = {label for path in paths for label in labels_of(path, self._acts.folder)}
        return {"file"} | ({"secret"} if labels & {"secret", "accounts", "history"} else set())


def _named_origins(things: list[Thing]) -> frozenset[str]:
    return frozenset(origin for thing in things if (origin := ORIGINS.get(thing.name)))


def _secret_origin(names: list[str]) -> frozenset[str]:
    return frozenset({"variable"}) if any(is_secret_name(name) for name in names) else frozenset()
