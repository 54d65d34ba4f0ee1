"""The parts of a node of Python's tree that the readers look at, found faster than by ``ast.iter_child_nodes``."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Final

_LEAVES: Final = frozenset(
    {type(None), str, int, bool, bytes, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.alias}
)
_OTHER_FIELDS: Final = frozenset(
    {"ctx", "op", "ops", "names", "id", "attr", "arg", "type_comment", "kind", "type_params", "level"}
)


def children_of(node: ast.AST) -> list[ast.AST]:
    """Return the nodes in a node that may hold names, calls or bindings, in the order of their fields."""
    children: list[ast.AST] = []
    for name in _fields_of(type(node)):  # type: ignore[arg-type]  # mypy takes a class's hash for its instances'
        child = getattr(node, name, None)
        if type(child) is list:
            children += [item for item in child if type(item) not in _LEAVES]
        elif type(child) not in _LEAVES:
            children.append(child)  # type: ignore[arg-type]  # a node: these fields hold nothing else
    return children


@lru_cache(maxsize=256)
def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a kind of node that hold nodes to look at."""
    return tuple(name for name in kind._fields if name not in _OTHER_FIELDS)
