"""What Python expressions may be worth: text, paths, functions under other names, and where their data comes from."""

from __future__ import annotations

import ast
from itertools import product
from typing import Final

from oi_forbidden.acts import Acts
from oi_forbidden.python_operations import (
    Element,
    added,
    canonical,
    elements,
    is_hashable,
    item_at,
    operated,
    same_module,
)
from oi_forbidden.python_origins import OriginFinder
from oi_forbidden.python_results import item_of, results_of
from oi_forbidden.python_scope import Binding, Scope
from oi_forbidden.python_values import (
    CONSTANTS,
    MOST,
    NOTHING_KNOWN,
    PURE,
    PathText,
    Table,
    Thing,
    Value,
    as_text,
    sliced,
)

_DEEPEST: Final = 40


class Evaluator:
    """Works out expressions of one module; each at most once, to a bounded depth and number of values."""

    def __init__(self, scope: Scope, acts: Acts) -> None:
        self.scope = scope
        self._acts = acts
        self._values: dict[ast.AST, tuple[Value, ...]] = {}
        self._names: dict[str, tuple[Value, ...]] = {}
        self._depth = 0
        self._origins = OriginFinder(self, scope, acts)

    def values(self, node: ast.expr | None) -> tuple[Value, ...]:
        """Return what an expression may be worth; :data:`NOTHING_KNOWN` stands for anything."""
        if node is None:
            return (NOTHING_KNOWN,)
        if isinstance(node, ast.Constant):
            value = node.value
            return (value if isinstance(value, CONSTANTS) else NOTHING_KNOWN,)
        known = self._values.get(node)
        if known is not None:
            return known
        if self._depth >= _DEEPEST:
            return (NOTHING_KNOWN,)
        self._acts.spend()
        self._depth += 1
        self._values[node] = (NOTHING_KNOWN,)
        try:
            found = self._evaluate(node)
        finally:
            self._depth -= 1
        result = tuple(found[:MOST]) or (NOTHING_KNOWN,)
        self._values[node] = result
        return result

    def texts(self, node: ast.expr | None) -> list[str]:
        """Return the texts that an expression may be, with holes; one hole when nothing is known."""
        return list(dict.fromkeys(as_text(value) for value in self.values(node)))

    def names(self, node: ast.expr) -> list[Thing]:
        """Return the things with a name that an expression may be."""
        return [value for value in self.values(node) if isinstance(value, Thing) and value.name]

    def _evaluate(self, node: ast.expr) -> list[Value]:
        match node:
            case ast.Name(id=name):
                return list(self._name(name))
            case ast.Attribute(value=owner, attr=attribute):
                return self._attribute(owner, attribute)
            case ast.JoinedStr(values=parts):
                return list(self._joined(parts))
            case ast.FormattedValue(value=inner):
                return [as_text(value) for value in self.values(inner)]
            case ast.BinOp():
                return self._binary(node)
            case ast.Tuple(elts=nodes) | ast.List(elts=nodes) | ast.Set(elts=nodes):
                return self._sequence(nodes)
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                return [Table(tuple((self.values(key)[0], value) for key, value in pairs if key is not None))]
            case ast.Subscript(value=owner, slice=index):
                return self._subscript(owner, index)
            case ast.IfExp(body=first, orelse=second):
                return [*self.values(first), *self.values(second)]
            case ast.BoolOp(values=options):
                return [value for option in options for value in self.values(option)]
            case ast.NamedExpr(value=inner) | ast.Await(value=inner) | ast.Starred(value=inner):
                return list(self.values(inner))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return [-value if isinstance(value, int | float) else NOTHING_KNOWN for value in self.values(operand)]
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element) | ast.SetComp(elt=element):
                return self._comprehension(node, element)
            case ast.Lambda(body=body):
                return [Thing("<lambda>", None, body)]
            case ast.Call():
                return self._call(node)
            case Element(of=source):
                return [element for value in self.values(source) for element in elements(value)]
        return [NOTHING_KNOWN]

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, element: ast.expr) -> list[Value]:
        """Return the elements one by one, where one loop over constants makes them; else one of each kind."""
        if len(node.generators) == 1 and isinstance(node.generators[0].target, ast.Name):
            name = node.generators[0].target.id
            sources = self.values(node.generators[0].iter)
            if len(sources) == 1 and isinstance(sources[0], tuple | str | bytes) and 1 < len(sources[0]) <= 5_000:
                items = tuple(sources[0])
                if isinstance(element, ast.Call) and self.names(element.func) and len(element.args) == 1:
                    function = PURE.get(self.names(element.func)[0].name)
                    if function is not None and isinstance(element.args[0], ast.Name) and element.args[0].id == name:
                        return [tuple(function(item) for item in items)]
        return [tuple(self.values(element))]

    def _name(self, name: str) -> tuple[Value, ...]:
        known = self._names.get(name)
        if known is not None:
            return known
        bindings = self.scope.bindings.get(name)
        if not bindings:
            return self._free(name)
        self._names[name] = (NOTHING_KNOWN,)
        current: list[Value] = []
        for binding in bindings[:64]:
            current = self._bound(binding, current)[: MOST * 2]
        result = tuple(dict.fromkeys(current)) if all(is_hashable(v) for v in current) else tuple(current)
        self._names[name] = result[-MOST:] or (NOTHING_KNOWN,)
        return self._names[name]

    def _free(self, name: str) -> tuple[Value, ...]:
        if name == "__file__":
            return ("__file__",)
        things = [Thing(f"{module}.{name}") for module in self.scope.stars[:8]]
        return (*things, Thing(same_module(name)))

    def _bound(self, binding: Binding, current: list[Value]) -> list[Value]:
        node = binding.node if isinstance(binding.node, ast.expr) else None
        match binding.kind:
            case "import":
                return [*current, Thing(canonical(binding.name))]
            case "set":
                return [*current, *(item_at(value, binding.path) for value in self.values(node))]
            case "element":
                found = [element for value in self.values(node) for element in elements(value)]
                return [*current, *(item_at(value, binding.path) for value in found)]
            case "add":
                return [*current, *(added(a, b) for a, b in product(current[-2:], self.values(node)))]
            case "append":
                return [
                    *(v for v in current[:-1]),
                    *((*v, e) if isinstance(v, tuple) else v for v in current[-1:] for e in self.values(node)[:1]),
                ]
            case "extend":
                return [*current, *(added(a, b) for a, b in product(current[-1:], self.values(node)[:1]))]
            case "parameter":
                return [*current, *self._parameter(binding)]
            case "function" | "class":
                kind = "function " if binding.kind == "function" else "class "
                return [*current, Thing(kind + getattr(binding.node, "name", ""))]
        return [*current, NOTHING_KNOWN]

    def _parameter(self, binding: Binding) -> list[Value]:
        found: list[Value] = []
        calls = self.scope.calls_by_name.get(binding.name, [])
        if binding.name == "__init__":
            calls = [
                c for name, found_calls in self.scope.calls_by_name.items() if name[:1].isupper() for c in found_calls
            ]
        own = [name for name, bound in self.scope.bindings.items() if any(b is binding for b in bound)]
        for call in calls[:32]:
            argument = call.args[binding.path[0]] if 0 <= binding.path[0] < len(call.args) else None
            for keyword in call.keywords:
                if keyword.arg in own:
                    argument = keyword.value
            if argument is not None:
                found += self.values(argument)
        if isinstance(binding.node, ast.expr) and len(found) < MOST:
            found += self.values(binding.node)
        return found or [NOTHING_KNOWN]

    def _attribute(self, owner: ast.expr, attribute: str) -> list[Value]:
        found: list[Value] = []
        for value in self.values(owner):
            found += self.attribute_of(value, attribute)
        return found

    def attribute_of(self, value: Value, attribute: str) -> list[Value]:
        """Return what an attribute of a value may be."""
        if isinstance(value, Thing):
            return self._attribute_of_thing(value, attribute)
        if isinstance(value, PathText):
            if attribute in ("path", "parent"):
                return [PathText(value.rpartition("/")[0] or value) if attribute == "parent" else value]
            return [Thing(f"pathlib.Path().{attribute}", None, value)]
        if isinstance(value, str | bytes):
            return [Thing(f"str.{attribute}", None, value)]
        if isinstance(value, tuple | Table):
            return [Thing(f"list.{attribute}", None, value)]
        return self._attribute_of_own(value, attribute)

    def _attribute_of_own(self, value: Value, attribute: str) -> list[Value]:
        own = [v for node in self.scope.attributes.get(attribute, [])[:8] for v in self.values(node)]
        return own or [Thing(f"?.{attribute}", None, value)]

    def _attribute_of_thing(self, value: Thing, attribute: str) -> list[Value]:
        if value.name.startswith(("class ", "self")) or not value.name:
            return self._attribute_of_own(value, attribute)
        if attribute == "__getattribute__":
            return [Thing("getattr()", None, value)]
        name = f"{value.name}.{attribute}" if value.name != "builtins" else attribute
        own = (
            [v for node in self.scope.attributes.get(attribute, [])[:4] for v in self.values(node)]
            if value.name in ("self", "cls")
            else []
        )
        return own or [Thing(canonical(name), None, value if value.call is not None else None)]

    def _subscript(self, owner: ast.expr, index: ast.expr) -> list[Value]:
        found: list[Value] = []
        for value in self.values(owner):
            if isinstance(index, ast.Slice):
                if isinstance(value, str | bytes | tuple):
                    found.append(sliced(value, index, self._number))
                continue
            for key in self.values(index)[:2]:
                found += item_of(self, value, key)
        return found or [NOTHING_KNOWN]

    def _number(self, node: ast.expr | None) -> int | None:
        value = self.values(node)[0] if node is not None else None
        return value if isinstance(value, int) else None

    def _joined(self, parts: list[ast.expr]) -> list[str]:
        options = [
            self.texts(part)[:2] if not isinstance(part, ast.Constant) else [as_text(part.value)] for part in parts
        ]
        return ["".join(combination) for combination, _ in zip(product(*options), range(MOST), strict=False)]

    def _sequence(self, nodes: list[ast.expr]) -> list[Value]:
        items: list[Value] = []
        for node in nodes[:5_000]:
            values = self.values(node)
            if isinstance(node, ast.Starred) and isinstance(values[0], tuple):
                items += values[0]
            else:
                items.append(values[0] if len(values) == 1 else values[-1])
        return [tuple(items)]

    def _binary(self, node: ast.BinOp) -> list[Value]:
        operands: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add) and isinstance(node.op, ast.Add):
            operands.append(left.right)
            left = left.left
        if operands:
            current = list(self.values(left))[:MOST]
            for operand in reversed(operands):
                current = [added(a, b) for a, b in product(current, self.values(operand)[:4])][:MOST]
            return current
        pairs = product(self.values(node.left)[:4], self.values(node.right)[:4])
        return [operated(node.op, first, second) for first, second in pairs]

    def _call(self, node: ast.Call) -> list[Value]:
        found: list[Value] = []
        for thing in self.values(node.func):
            if isinstance(thing, Thing):
                found += results_of(self, thing, node)
        return found or [NOTHING_KNOWN]

    def origins(self, node: ast.expr | None) -> frozenset[str]:
        """Return where an expression's data comes from: see :mod:`oi_forbidden.origins`."""
        return self._origins.of(node)
