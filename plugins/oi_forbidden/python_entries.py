"""The forbidden commands that are calls in Python, ``shutil.rmtree("/")``, and where code makes one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from oi_forbidden.match import Match
from oi_forbidden.python_names import Names
from oi_forbidden.python_reader import PythonReading, parse_python


class _Call(NamedTuple):
    arguments: tuple[str, ...]
    keywords: frozenset[tuple[str, str]]
    entry: str = ""


@dataclass(frozen=True, slots=True)
class PythonEntries:
    """Entries by the dotted name of the function they call.

    A call matches when its positional arguments are equal and it has the entry's keyword arguments; it may have more,
    so that ``shutil.rmtree("/", ignore_errors=True)`` is forbidden too.
    """

    calls: Mapping[str, tuple[_Call, ...]]

    @classmethod
    def of(cls, entries: Iterable[str]) -> PythonEntries:
        """Read the entries; one that is not a call is left out."""
        calls: dict[str, tuple[_Call, ...]] = {}
        names = Names()
        for entry in entries:
            node = _call_node(entry)
            function = names.dotted(node.func) if node else None
            if node is not None and function is not None:
                calls[function] = (*calls.get(function, ()), _call(node, names, entry))
        return cls(calls)

    @property
    def last_names(self) -> frozenset[str]:
        """The last part of each function's name: code without any of them calls none of the functions."""
        return frozenset(function.rpartition(".")[2] for function in self.calls)

    def matches(self, reading: PythonReading) -> Iterator[Match]:
        """Yield what the code calls of these entries."""
        for node in reading.calls:
            forbidden = self.calls.get(reading.names.dotted(node.func) or "", ())
            if not forbidden:
                continue
            call = _call(node, reading.names)
            for entry in forbidden:
                if entry.arguments == call.arguments and entry.keywords <= call.keywords:
                    yield Match(node.lineno, entry.entry)


def _call_node(entry: str) -> ast.Call | None:
    match parse_python(entry.strip()):
        case ast.Module(body=[ast.Expr(value=ast.Call() as call)]):
            return call
    return None


def _call(node: ast.Call, names: Names, entry: str = "") -> _Call:
    keywords = frozenset((k.arg or "**", _spelling(k.value, names)) for k in node.keywords)
    return _Call(tuple(_spelling(argument, names) for argument in node.args), keywords, entry)


def _spelling(node: ast.expr, names: Names) -> str:
    """Return one spelling for expressions that mean the same, as far as names and constants tell."""
    value = names.value(node)
    if value is not None:
        return repr(value)
    name = names.dotted(node)
    if name is not None:
        return name
    if isinstance(node, ast.Call):
        function = names.dotted(node.func) or _spelling(node.func, names)
        return f"{function}({', '.join(_spelling(argument, names) for argument in node.args)})"
    return ast.dump(node)
