"""What Python expressions may be worth: text, paths, functions under other names, and where their data comes from."""

from __future__ import annotations

import ast
from itertools import product
from typing import Final

from oi_forbidden.acts import Acts
from oi_forbidden.origins import CARRIES, ORIGINS, PASSING, is_secret_name
from oi_forbidden.places import HOLE, labels_of
from oi_forbidden.python_scope import Binding, Scope
from oi_forbidden.python_values import (
    DECODERS,
    LONGEST,
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
    percent,
    sliced,
    text_method,
)

_DEEPEST: Final = 40
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


class _Element(ast.expr):
    """An element of what another expression gives."""

    _fields = ("of",)
    of: ast.expr


def element_of(node: ast.expr) -> ast.expr:
    """Return an expression for any element of another."""
    element = _Element()
    element.of = node
    return ast.copy_location(element, node)


class Evaluator:
    """Works out expressions of one module; each at most once, to a bounded depth and number of values."""

    def __init__(self, scope: Scope, acts: Acts) -> None:
        self.scope = scope
        self._acts = acts
        self._values: dict[ast.AST, tuple[Value, ...]] = {}
        self._names: dict[str, tuple[Value, ...]] = {}
        self._origins: dict[ast.AST, frozenset[str]] = {}
        self._name_origins: dict[str, frozenset[str]] = {}
        self._depth = 0

    # -- values ----------------------------------------------------------------------------------------------------

    def values(self, node: ast.expr | None) -> tuple[Value, ...]:
        """Return what an expression may be worth; :data:`NOTHING_KNOWN` stands for anything."""
        if node is None:
            return (NOTHING_KNOWN,)
        if isinstance(node, ast.Constant):
            value = node.value
            return (value if isinstance(value, str | bytes | int | float | bool | None) else NOTHING_KNOWN,)
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
            case _Element(of=source):
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
        result = tuple(dict.fromkeys(current)) if all(_hashable(v) for v in current) else tuple(current)
        self._names[name] = result[-MOST:] or (NOTHING_KNOWN,)
        return self._names[name]

    def _free(self, name: str) -> tuple[Value, ...]:
        if name == "__file__":
            return ("__file__",)
        things = [Thing(f"{module}.{name}") for module in self.scope.stars[:8]]
        return (*things, Thing(_SAME_MODULE.get(name, name) or "builtins"))

    def _bound(self, binding: Binding, current: list[Value]) -> list[Value]:
        node = binding.node if isinstance(binding.node, ast.expr) else None
        match binding.kind:
            case "import":
                return [*current, Thing(_module(binding.name))]
            case "set":
                return [*current, *(_at(value, binding.path, self) for value in self.values(node))]
            case "element":
                found = [element for value in self.values(node) for element in elements(value)]
                return [*current, *(_at(value, binding.path, self) for value in found)]
            case "add":
                return [*current, *(_sum(a, b) for a, b in product(current[-2:], self.values(node)))]
            case "append":
                return [
                    *(v for v in current[:-1]),
                    *((*v, e) if isinstance(v, tuple) else v for v in current[-1:] for e in self.values(node)[:1]),
                ]
            case "extend":
                return [*current, *(_sum(a, b) for a, b in product(current[-1:], self.values(node)[:1]))]
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
        if isinstance(value, PathText):
            if attribute in ("path", "parent"):
                return [PathText(value.rpartition("/")[0] or value) if attribute == "parent" else value]
            return [Thing(f"pathlib.Path().{attribute}", None, value)]
        if isinstance(value, str | bytes):
            return [Thing(f"str.{attribute}", None, value)]
        if isinstance(value, tuple | Table):
            return [Thing(f"list.{attribute}", None, value)]
        if not isinstance(value, Thing) or value.name.startswith(("class ", "self")) or not value.name:
            own = [v for node in self.scope.attributes.get(attribute, [])[:8] for v in self.values(node)]
            return own or [Thing(f"?.{attribute}", None, value)]
        if attribute == "__getattribute__":
            return [Thing("getattr()", None, value)]
        name = f"{value.name}.{attribute}" if value.name != "builtins" else attribute
        own = (
            [v for node in self.scope.attributes.get(attribute, [])[:4] for v in self.values(node)]
            if value.name in ("self", "cls")
            else []
        )
        return own or [Thing(_module(name), None, value if value.call is not None else None)]

    def _subscript(self, owner: ast.expr, index: ast.expr) -> list[Value]:
        found: list[Value] = []
        for value in self.values(owner):
            if isinstance(index, ast.Slice):
                if isinstance(value, str | bytes | tuple):
                    found.append(sliced(value, index, self._number))
                continue
            for key in self.values(index)[:2]:
                found += self._item(value, key)
        return found or [NOTHING_KNOWN]

    def _item(self, value: Value, key: Value) -> list[Value]:
        if isinstance(value, Table):
            exact = [node for name, node in value.items if name == key and not isinstance(key, Thing)]
            return [v for node in (exact or [node for _, node in value.items])[:MOST] for v in self.values(node)]
        if isinstance(value, str | bytes | tuple) and isinstance(key, int):
            return [value[key]] if -len(value) <= key < len(value) else [NOTHING_KNOWN]
        if isinstance(value, tuple):
            return list(value[:MOST]) or [NOTHING_KNOWN]
        if isinstance(value, Thing) and isinstance(key, str):
            if value.name in ("os.environ", "environ"):
                return [_environment(key)]
            last = value.name.rpartition(".")[2]
            if last == "__dict__" and value.name != "__dict__":
                return [Thing(_module(f"{value.name.removesuffix('.__dict__')}.{key}"))]
            if value.name == "vars()" and value.call is not None and value.call.args:
                return [v for thing in self.values(value.call.args[0]) for v in self.attribute_of(thing, key)]
            if value.name in _NAMESPACES or last in _NAMESPACES:
                return [Thing(_GLOBAL_NAMES.get(key, _module(key)))]
        return (
            [Thing(f"{value.name}[]", value.call, value)]
            if isinstance(value, Thing) and value.name
            else [NOTHING_KNOWN]
        )

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
                current = [_sum(a, b) for a, b in product(current, self.values(operand)[:4])][:MOST]
            return current
        pairs = product(self.values(node.left)[:4], self.values(node.right)[:4])
        return [_operated(node.op, first, second) for first, second in pairs]

    def _call(self, node: ast.Call) -> list[Value]:
        found: list[Value] = []
        for thing in self.values(node.func):
            if isinstance(thing, Thing):
                found += self._made(thing, node)
        return found or [NOTHING_KNOWN]

    def _made(self, thing: Thing, node: ast.Call) -> list[Value]:
        name = thing.name
        if name.startswith("function "):
            return [v for value in self.scope.returns.get(name[9:], [])[:8] for v in self.values(value)]
        if name.startswith("class "):
            return [Thing(name)]
        if name == "<lambda>" and isinstance(thing.receiver, ast.expr):
            return list(self.values(thing.receiver))
        if isinstance(thing.receiver, str | bytes | tuple | Table) and name.startswith(
            ("str.", "list.", "pathlib.Path().")
        ):
            return self._method(thing, node)
        if name in ("__import__", "importlib.import_module", "importlib.__import__"):
            return [Thing(_module(text)) if HOLE not in text else NOTHING_KNOWN for text in self.texts(_first(node))]
        if name in ("getattr", "getattr()", "operator.attrgetter()"):
            return self._got(thing, node)
        if name in ("os.getenv", "os.environ.get", "environ.get") and node.args:
            return [_environment(text) for text in self.texts(node.args[0])]
        if name == "json.loads":
            return [_parsed(text) for text in self.texts(_first(node))]
        function = PURE.get(name)
        if function is not None:
            return self._pure(function, node)
        return [Thing(f"{name}()", node, thing.receiver)]

    def _pure(self, function: object, node: ast.Call) -> list[Value]:
        options = [self.values(argument)[:3] for argument in node.args[:12]]
        results: list[Value] = []
        for arguments in list(product(*options))[:MOST]:
            try:
                results.append(function(*arguments))  # type: ignore[operator]  # from PURE, whose values are callable
            except (TypeError, ValueError, IndexError, OverflowError):
                results.append(NOTHING_KNOWN)
        return results

    def _got(self, thing: Thing, node: ast.Call) -> list[Value]:
        if thing.name == "operator.attrgetter()" and thing.call is not None:
            owner, names = _first(node), self.texts(_first(thing.call))
            values = self.values(owner)
        elif thing.name == "getattr()":
            values, names = (thing.receiver,), self.texts(_first(node))  # type: ignore[assignment]  # a value by construction
        else:
            values, names = self.values(_first(node)), self.texts(node.args[1] if len(node.args) > 1 else None)
        return [
            v for value in values for name in names for v in self.attribute_of(value, name if HOLE not in name else "?")
        ]

    def _method(self, thing: Thing, node: ast.Call) -> list[Value]:
        receiver = thing.receiver
        name = thing.name.rpartition(".")[2]
        arguments = [self.values(argument)[0] for argument in node.args]
        keywords = {k.arg: self.values(k.value)[0] for k in node.keywords if k.arg}
        if isinstance(receiver, PathText):
            return self._path_method(receiver, name, arguments, node)
        if isinstance(receiver, str):
            if name in ("format", "substitute", "safe_substitute"):
                text = str(receiver) if name == "format" else _template(receiver)
                for keyword in node.keywords:
                    if keyword.arg is None and isinstance(table := self.values(keyword.value)[0], Table):
                        keywords |= {str(k): self.values(v)[0] for k, v in table.items}
                return [formatted(text, arguments, keywords)]
            if name == "join" and arguments:
                words = arguments[0]
                return [receiver.join(map(as_text, words)) if isinstance(words, tuple) else HOLE]
        if isinstance(receiver, str | bytes):
            return [text_method(receiver, name, arguments)]
        if isinstance(receiver, Table):
            return self._table_method(receiver, name, arguments)
        return [receiver] if isinstance(receiver, tuple) and name == "copy" else [NOTHING_KNOWN]

    def _table_method(self, table: Table, name: str, arguments: list[Value]) -> list[Value]:
        every = [value for _, node in table.items[:MOST] for value in self.values(node)]
        if name in ("get", "pop") and arguments:
            return self._item(table, arguments[0])
        if name == "values":
            return [tuple(every)]
        if name == "items":
            return [tuple((key, self.values(node)[0]) for key, node in table.items[:MOST])]  # type: ignore[misc]  # keys are values
        return [NOTHING_KNOWN]

    def _path_method(self, path: PathText, name: str, arguments: list[Value], node: ast.Call) -> list[Value]:
        if name in ("resolve", "absolute", "expanduser", "joinpath", "with_suffix", "with_name", "__truediv__"):
            return [
                PathText(joined_path([path, *map(as_text, arguments)])) if name in ("joinpath", "__truediv__") else path
            ]
        if name in ("glob", "rglob", "iterdir", "walk"):
            return [(PathText(f"{path}/{HOLE}"),)]
        if name in ("as_posix", "__str__", "__fspath__"):
            return [str(path)]
        return [Thing(f"pathlib.Path().{name}()", node, path)]

    # -- origins ---------------------------------------------------------------------------------------------------

    def origins(self, node: ast.expr | None) -> frozenset[str]:
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
                return self._origins_of_name(name) | _named_origins(self.names(node))
            case ast.Call():
                return self._origins_of_call(node)
            case ast.Attribute(value=owner):
                return self.origins(owner) | _named_origins(self.names(node))
            case ast.Subscript(value=owner, slice=index):
                things = self.names(owner)
                if any(thing.name in ("os.environ", "environ") for thing in things):
                    return _secret_origin(self.texts(index))
                return self.origins(owner)
            case ast.Compare() | ast.Lambda():
                return frozenset()
            case ast.IfExp(body=first, orelse=second):
                return self.origins(first) | self.origins(second)
            case _Element(of=source):
                return self.origins(source)
        found: set[str] = set()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                found |= self.origins(child)
            elif isinstance(child, ast.comprehension):
                found |= self.origins(child.iter)
        return frozenset(found)

    def _origins_of_name(self, name: str) -> frozenset[str]:
        known = self._name_origins.get(name)
        if known is not None:
            return known
        self._name_origins[name] = frozenset()
        found: set[str] = set()
        for binding in self.scope.bindings.get(name, [])[:32]:
            if isinstance(binding.node, ast.expr):
                found |= self.origins(binding.node)
            if binding.kind == "parameter":
                for call in self.scope.calls_by_name.get(binding.name, [])[:16]:
                    if 0 <= binding.path[0] < len(call.args):
                        found |= self.origins(call.args[binding.path[0]])
        self._name_origins[name] = frozenset(found)
        return self._name_origins[name]

    def _origins_of_call(self, node: ast.Call) -> frozenset[str]:
        found: set[str] = set()
        for thing in self.names(node.func):
            name = thing.name
            if name in ("os.getenv", "os.environ.get", "environ.get"):
                return _secret_origin(self.texts(_first(node)))
            if name in DECODERS:
                return self.origins(_first(node)) | {"decoded"}
            if name.startswith("function "):
                for value in self.scope.returns.get(name[9:], [])[:8]:
                    found |= self.origins(value)
            origin = ORIGINS.get(name) or ORIGINS.get(name.partition("()")[0] + "()")
            if origin:
                found.add(origin)
            if name in ("open", "io.open", "pathlib.Path().read_text", "pathlib.Path().read_bytes", "codecs.open"):
                found |= self._file_origins(thing, node)
        passing = any(self._passes(thing) for thing in self.names(node.func)) or (
            isinstance(node.func, ast.Attribute) and node.func.attr in CARRIES
        )
        if passing:
            for argument in (*node.args, *(k.value for k in node.keywords)):
                found |= self.origins(argument)
            if isinstance(node.func, ast.Attribute):
                found |= self.origins(node.func.value)
        return frozenset(found)

    def _passes(self, thing: Thing) -> bool:
        return thing.name in PASSING or thing.name.startswith(("str.", "list."))

    def _file_origins(self, thing: Thing, node: ast.Call) -> set[str]:
        paths = [as_text(thing.receiver)] if thing.receiver is not None else self.texts(_first(node))
        labels = {label for path in paths for label in labels_of(path, self._acts.folder)}
        return {"file"} | ({"secret"} if labels & {"secret", "accounts", "history"} else set())


def elements(value: Value) -> list[Value]:
    """Return what looping over a value gives."""
    if isinstance(value, tuple):
        return list(value[:MOST]) or [NOTHING_KNOWN]
    if isinstance(value, Table):
        return [key for key, _ in value.items[:MOST] if isinstance(key, str | int)] or [NOTHING_KNOWN]
    if isinstance(value, Thing) and value.name:
        return [Thing(f"{value.name}[]", value.call, value)]
    return [NOTHING_KNOWN]


def _at(value: Value, path: tuple[int, ...], evaluator: Evaluator) -> Value:  # noqa: ARG001
    for index in path:
        if isinstance(value, tuple | str) and index < len(value):
            value = value[index]
        elif isinstance(value, Thing) and value.name:
            value = Thing(f"{value.name}[]", value.call, value)
        else:
            return NOTHING_KNOWN
    return value


def _hashable(value: Value) -> bool:
    return isinstance(value, str | bytes | int | float | Thing) or value is None


def _sum(first: Value, second: Value) -> Value:
    if isinstance(first, tuple) and isinstance(second, tuple):
        return (*first, *second)[:5_000]
    if isinstance(first, bytes) and isinstance(second, bytes):
        return (first + second)[:LONGEST]
    if isinstance(first, str | bytes) or isinstance(second, str | bytes):
        return (as_text(first) + as_text(second))[:LONGEST]
    if isinstance(first, int | float) and isinstance(second, int | float):
        return first + second
    return NOTHING_KNOWN


def _operated(operator: ast.operator, first: Value, second: Value) -> Value:
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


def _environment(name: str) -> Value:
    return {"HOME": "~", "USERPROFILE": "~", "TMPDIR": "/tmp"}.get(name) or Thing(f"os.environ[{name}]")  # noqa: S108  (compared, not written)


def _module(name: str) -> str:
    head, dot, rest = name.partition(".")
    if head in _SAME_MODULE and (rest or head not in ("builtins",)):
        head = _SAME_MODULE[head]
        return f"{head}{dot if head else ''}{rest}" or "builtins"
    return "os" + name[7:] if name.startswith("os.sys.modules") else name


def _parsed(text: str) -> Value:
    import json

    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return NOTHING_KNOWN
    if isinstance(data, dict):
        return Table(
            tuple((key, ast.Constant(value if isinstance(value, str | int) else None)) for key, value in data.items())
        )
    return data if isinstance(data, str) else NOTHING_KNOWN


def _template(text: str) -> str:
    return "".join("{" + piece[1] + "}" if piece[1] else piece[0] for piece in _template_pieces(text))


def _template_pieces(text: str) -> list[tuple[str, str]]:
    import re

    return [(m[0], m[1] or m[2] or "") for m in re.finditer(r"\$(\w+)|\$\{(\w+)\}|[^$]+|\$", text)]


def _first(node: ast.Call) -> ast.expr | None:
    return node.args[0] if node.args else node.keywords[0].value if node.keywords else None


def _named_origins(things: list[Thing]) -> frozenset[str]:
    return frozenset(origin for thing in things if (origin := ORIGINS.get(thing.name)))


def _secret_origin(names: list[str]) -> frozenset[str]:
    return frozenset({"variable"}) if any(is_secret_name(name) for name in names) else frozenset()
