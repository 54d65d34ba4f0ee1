"""What names and constants in Python source stand for: imports under other names, text put together from pieces."""

from __future__ import annotations

import ast
import itertools
import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

Value = str | tuple[str, ...]
"""Text, or a list of words."""


@dataclass(slots=True)
class Names:
    """What is known of a module's names: ``imports`` by local name, ``constants`` assigned once in the module."""

    imports: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Iterable[ast.AST]) -> Names:
        """Collect the names from the nodes of a module, those of its functions included."""
        names = cls()
        assigned: Counter[str] = Counter()
        values: list[tuple[str, ast.expr]] = []
        for node in nodes:
            match node:
                case ast.Import() | ast.ImportFrom():
                    names._add_import(node)
                case ast.Name(id=name, ctx=ast.Store()):
                    assigned[name] += 1
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    values.append((name, value))
        for name, value in values:
            constant = names.value(value) if assigned[name] == 1 else None
            if constant is not None:
                names.constants[name] = constant
        return names

    def _add_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                self.imports[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
            elif alias.asname:
                self.imports[alias.asname] = alias.name
            else:
                self.imports[alias.name.partition(".")[0]] = alias.name.partition(".")[0]

    def dotted(self, node: ast.expr) -> str | None:
        """Return the dotted name an expression stands for, ``os.system`` for ``__import__("os").system``, or None."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            parts.append(self.imports.get(node.id, node.id))
        elif isinstance(node, ast.Call) and self._imports_module(node.func) and node.args:
            module = self.value(node.args[0])
            if not isinstance(module, str):
                return None
            parts.append(module)
        else:
            return None
        return ".".join(reversed(parts))

    def _imports_module(self, function: ast.expr) -> bool:
        match function:
            case ast.Name(id=name):
                return self.imports.get(name, name) in ("__import__", "importlib.import_module")
            case ast.Attribute(value=ast.Name(id=name), attr="import_module"):
                return self.imports.get(name, name) == "importlib"
        return False

    def value(self, node: ast.expr) -> Value | None:
        """Return the text or the words an expression always has, or None; what is not constant in it stays ``{}``."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Constant(value=bytes(data)):
                return data.decode("utf-8", "replace")
            case ast.Name(id=name):
                return self.constants.get(name)
            case ast.JoinedStr(values=parts):
                return "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
            case ast.BinOp(op=ast.Add()):
                return self._sum(node)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                texts = [self.value(element) for element in elements]
                return tuple(text if isinstance(text, str) else "{}" for text in texts)
            case ast.Call():
                return self._call(node)
        return None

    def _sum(self, node: ast.expr) -> Value | None:
        """Return what a chain of additions gives; in a loop, because such chains grow long."""
        operands: list[ast.expr] = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            operands.append(node.right)
            node = node.left
        values = [self.value(operand) for operand in (node, *reversed(operands))]
        texts = [value for value in values if isinstance(value, str)]
        lists = [value for value in values if isinstance(value, tuple)]
        if len(texts) == len(values):
            return "".join(texts)
        return tuple(itertools.chain.from_iterable(lists)) if len(lists) == len(values) else None

    def _call(self, node: ast.Call) -> Value | None:
        """Return what ``"…".split()``, ``shlex.split("…")`` and ``" ".join([…])`` give."""
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="split"), args=[]):
                text = self.value(owner)
                return tuple(text.split()) if isinstance(text, str) else None
            case ast.Call(func=ast.Attribute(value=owner, attr="join"), args=[argument]):
                separator, words = self.value(owner), self.value(argument)
                return separator.join(words) if isinstance(separator, str) and isinstance(words, tuple) else None
            case ast.Call(args=[argument]) if self.dotted(node.func) == "shlex.split":
                return self._split(self.value(argument))
        return None

    @staticmethod
    def _split(text: Value | None) -> Value | None:
        if not isinstance(text, str):
            return None
        try:
            return tuple(shlex.split(text))
        except ValueError:  # an open quote: the call itself would fail
            return None
