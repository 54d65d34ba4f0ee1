"""What names in a piece of Python are bound to, collected in one walk over the whole tree."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from oi_forbidden.python_nodes import children_of

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_LOOPS: Final = frozenset({ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.GeneratorExp})
_VISITED: Final = frozenset(
    {
        *(
            ast.Call,
            ast.Attribute,
            ast.Name,
            ast.Import,
            ast.ImportFrom,
            ast.Assign,
            ast.AnnAssign,
            ast.NamedExpr,
            ast.AugAssign,
        ),
        *(
            ast.For,
            ast.AsyncFor,
            ast.comprehension,
            ast.While,
            ast.withitem,
            ast.FunctionDef,
            ast.AsyncFunctionDef,
            ast.Lambda,
        ),
        *(ast.ClassDef, ast.Return, ast.ExceptHandler, ast.BinOp),
    }
)


class Binding(NamedTuple):
    """One way in which a name gets a value.

    ``kind`` is ``set``, ``add`` (``+=``), ``append``, ``extend``, ``element`` (of what is looped over, at the ``path``
    of indexes for unpacking), ``import``, ``function``, ``class``, ``parameter`` or ``unknown``.
    """

    kind: str
    node: ast.AST | None = None
    path: tuple[int, ...] = ()
    name: str = ""


@dataclass(slots=True)
class Scope:
    """All bindings of a module, the calls in it, and more that the review looks at.

    Names are followed without regard to which function they are in: two variables of one name are taken for one that
    may hold either's values.
    """

    bindings: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    attributes: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    stars: list[str] = field(default_factory=list)
    calls: list[ast.Call] = field(default_factory=list)
    calls_by_name: dict[str, list[ast.Call]] = field(default_factory=lambda: defaultdict(list))
    returns: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    loops: list[ast.While | ast.For | ast.AsyncFor] = field(default_factory=list)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    environ: list[ast.Attribute | ast.Name] = field(default_factory=list)
    subscripts_set: list[ast.Subscript] = field(default_factory=list)
    multiplications: list[ast.BinOp] = field(default_factory=list)
    functions: list[FunctionNode] = field(default_factory=list)
    repeated: set[ast.Call] = field(default_factory=set)
    environ_is_named: bool = True

    def collect(self, tree: ast.Module) -> None:
        """Walk the tree, in the order of the source."""
        # Every node of a long source comes by here: kinds that bind and call nothing are passed over quickly.
        pending: list[tuple[ast.AST, str, bool]] = [(tree, "", False)]
        while pending:
            node, function, looped = pending.pop()
            kind = type(node)
            if kind in _VISITED:
                function = self._visit(node, function)
                if looped and kind is ast.Call:
                    self.repeated.add(node)  # type: ignore[arg-type]  # a Call by its type
                looped = looped or kind in _LOOPS
            if self.environ_is_named and isinstance(node, ast.expr | ast.keyword | ast.stmt | ast.comprehension):
                self._note_parents(node)
            pending += [(child, function, looped) for child in reversed(children_of(node))]

    def _visit(self, node: ast.AST, function: str) -> str:
        """Note what a node binds or calls; return the name of the function that its children are in."""
        if type(node) in _VISITED:
            match node:
                case ast.Call():
                    self._call(node)
                case ast.Attribute(attr="environ"):
                    self.environ.append(node)
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._bind(target, "set", value)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    return self._function(node)
                case ast.Return(value=ast.expr() as value) if function:
                    self.returns[function].append(value)
                case ast.BinOp(op=ast.Mult()):
                    self.multiplications.append(node)
                case _:
                    self._visit_rare(node)
        return function

    def _visit_rare(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id="environ"):
                self.environ.append(node)
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                self._bind(target, "set", value)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                self.bindings[name].append(Binding("add", value))
            case ast.For(target=target, iter=source) | ast.AsyncFor(target=target, iter=source):
                self._bind(target, "element", source)
                self.loops.append(node)
            case ast.comprehension(target=target, iter=source):
                self._bind(target, "element", source)
            case ast.While():
                self.loops.append(node)
            case ast.withitem(context_expr=source, optional_vars=ast.expr() as target):
                self._bind(target, "set", source)
            case ast.Lambda():
                self._parameters(node, "")
            case ast.ClassDef(name=name):
                self._class(node, name)
            case ast.ExceptHandler(name=str(name)):
                self.bindings[name].append(Binding("unknown"))

    def _note_parents(self, node: ast.AST) -> None:
        """Remember what ``environ`` stands in: whether all variables are shown depends on it."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Attribute | ast.Name | ast.Call) and _mentions_environ(child):
                self.parents[child] = node

    def _call(self, node: ast.Call) -> None:
        self.calls.append(node)
        match node.func:
            case ast.Name(id=name):
                self.calls_by_name[name].append(node)
            case ast.Attribute(value=ast.Name(id=owner), attr=("append" | "extend" | "insert") as method) if node.args:
                kind = "extend" if method == "extend" else "append"
                self.bindings[owner].append(Binding(kind, node.args[-1]))
            case ast.Attribute(attr=name):
                self.calls_by_name[name].append(node)
            case ast.Lambda():
                self.calls_by_name["<lambda>"].append(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                if alias.name == "*":
                    self.stars.append(node.module or "")
                    continue
                name = f"{node.module or ''}.{alias.name}"
                self.bindings[alias.asname or alias.name].append(Binding("import", name=name))
            elif alias.asname:
                self.bindings[alias.asname].append(Binding("import", name=alias.name))
            else:
                top = alias.name.partition(".")[0]
                self.bindings[top].append(Binding("import", name=top))

    def _bind(self, target: ast.expr, kind: str, value: ast.expr, path: tuple[int, ...] = ()) -> None:
        match target:
            case ast.Name(id=name):
                self.bindings[name].append(Binding(kind, value, path))
            case ast.Attribute(attr=name):
                if kind == "set" and not path:
                    self.attributes[name].append(value)
            case ast.Subscript():
                self.subscripts_set.append(target)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for index, element in enumerate(elements):
                    self._bind(element, kind, value, (*path, index))
            case ast.Starred(value=inner):
                self._bind(inner, "unknown", value)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
        self.bindings[node.name].append(Binding("function", node))
        self.functions.append(node)
        self._parameters(node, node.name)
        return node.name

    def _parameters(self, node: FunctionNode, name: str) -> None:
        positional = [*node.args.posonlyargs, *node.args.args]
        shift = 1 if positional and positional[0].arg in ("self", "cls") else 0
        defaults = [None] * (len(positional) - len(node.args.defaults)) + list(node.args.defaults)
        keyword = list(zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True))
        for index, (argument, default) in enumerate([*zip(positional, defaults, strict=True), *keyword]):
            place = index - shift if index < len(positional) else 999
            self.bindings[argument.arg].append(Binding("parameter", default, (place,), name or "<lambda>"))
        for extra in (node.args.vararg, node.args.kwarg):
            if extra is not None:
                self.bindings[extra.arg].append(Binding("unknown"))

    def _class(self, node: ast.ClassDef, name: str) -> None:
        self.bindings[name].append(Binding("class", node))
        for statement in node.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=attribute)], value=value):
                    self.attributes[attribute].append(value)
                case ast.FunctionDef(name="__init__"):
                    self.calls_by_name.setdefault("__init__", [])


def _mentions_environ(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="environ") | ast.Name(id="environ"):
            return True
        case ast.Attribute(value=inner) | ast.Call(func=inner):
            return _mentions_environ(inner)
    return False
