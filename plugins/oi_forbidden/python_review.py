"""The reading of Python source, as IPython takes it, into the acts it holds."""

from __future__ import annotations

import ast
import re
from typing import Final

from oi_forbidden.acts import Readers
from oi_forbidden.places import HOLE
from oi_forbidden.python_acts import find_acts
from oi_forbidden.python_context import PythonContext
from oi_forbidden.python_evaluator import Evaluator
from oi_forbidden.python_loops import find_loops
from oi_forbidden.python_reader import parse_python
from oi_forbidden.python_scope import Scope

_CELL_MAGIC: Final = re.compile(r"\s*%%(!|\w+)([^\n]*)\n?")
_SHELL_CELLS: Final = frozenset({"bash", "sh", "shell", "script", "!", "sx", "system", "zsh"})
_OTHER_CELLS: Final = {
    **{name: name for name in ("javascript", "ruby", "perl", "sql")},
    "js": "javascript",
}
_TEXT_CELLS: Final = frozenset({"writefile", "html", "HTML", "latex", "markdown", "svg", "SVG", "file", "css"})
_LINE: Final = re.compile(r"^([ \t]*)((?:[\w, .\[\]'\"]+=[ \t]*)?)(!{1,2}|%{1,2})[ \t]*(.*)$")
_HELP: Final = re.compile(r"^([ \t]*)(?:\?{1,2}[\w.]+|[\w.]+\?{1,2})[ \t]*$")
_PRINT: Final = re.compile(r"^([ \t]*)print[ \t]+(?![(=])(.+?)[ \t]*$", re.MULTILINE)
_PROMPT: Final = re.compile(r"^(?:>>>|\.\.\.|In \[\d*\]:) ?", re.MULTILINE)
_NAMES: Final = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})|\$(\w+)")
_MOST_REPAIRS: Final = 12
_WORDY: Final = 20_000


def review_python(source: str, line: int, depth: int, readers: Readers) -> None:
    """Read source that begins on a line; what cannot be understood in it is among the acts' ``unread``."""
    readers.acts.spend(1 + len(source) // 200)
    cell = _CELL_MAGIC.match(source)
    if cell is not None:
        _read_cell(cell, source[cell.end() :], line + source.count("\n", 0, cell.end()), depth, readers)
        return
    tree = _parsed(source, readers)
    if tree is None:
        return
    readers.acts.deeper()
    try:
        _review_tree(tree, source, line, depth, readers)
    finally:
        readers.acts.level -= 1


def _read_cell(cell: re.Match[str], body: str, line: int, depth: int, readers: Readers) -> None:
    name = cell[1]
    if name in _SHELL_CELLS and "python" not in cell[2]:
        readers.shell(body, line, depth + 1)
    elif name in _OTHER_CELLS:
        readers.other(_OTHER_CELLS[name], body, line, depth + 1)
    elif name not in _TEXT_CELLS:
        readers.python(body, line, depth + 1)


def _review_tree(tree: ast.Module, source: str, line: int, depth: int, readers: Readers) -> None:
    scope = Scope(environ_is_named="environ" in source)
    scope.collect(tree)
    readers.acts.spend(len(scope.calls) // 4)
    context = PythonContext(scope, Evaluator(scope, readers.acts), readers, line, depth)
    find_acts(context)
    find_loops(context)
    for name, bindings in scope.bindings.items():
        if any(b.kind == "import" and f"{b.name.partition('.')[0]}.py" in context.fetched for b in bindings):
            _note_import(name, line, context)
    for node in scope.functions:
        if isinstance(node, ast.FunctionDef) and node.name in ("__reduce__", "__reduce_ex__"):
            _note_reduce(node, context)


def _note_import(name: str, line: int, context: PythonContext) -> None:
    from oi_forbidden.acts import Verb

    context.readers.acts.add(Verb.CODE, name, line, frozenset({"network"}))


def _note_reduce(node: ast.FunctionDef, context: PythonContext) -> None:
    """Find a class that makes whoever unpickles it call a function."""
    from oi_forbidden.acts import Verb
    from oi_forbidden.python_acts import all_names

    for value in context.scope.returns.get(node.name, [])[:4]:
        if (
            isinstance(value, ast.Tuple)
            and value.elts
            and any(t.name in all_names() for t in context.evaluator.names(value.elts[0]))
        ):
            context.readers.acts.add(Verb.CODE, node.name, context.at(node), frozenset({"unpickled"}))


def _parsed(source: str, readers: Readers) -> ast.Module | None:
    """Return the tree of the source, or of as much of it as makes sense; the rest is noted as unread."""
    tree = parse_python(source)
    if tree is not None:
        return tree
    text = _without_magics(_PROMPT.sub("", source) if source.lstrip().startswith((">>>", "In [")) else source)
    tree = parse_python(text) or parse_python(_PRINT.sub(r"\1print(\2)", text))
    if tree is not None:
        return tree
    if len(text) > _WORDY * 10:
        readers.acts.unread.append(source)
        return None
    return _repaired(_PRINT.sub(r"\1print(\2)", text), source, readers)


def _repaired(text: str, source: str, readers: Readers) -> ast.Module | None:
    """Return the tree of the source without the lines that make no sense."""
    lines = text.split("\n")
    for _attempt in range(_MOST_REPAIRS):
        try:
            tree = ast.parse("\n".join(lines))
        except SyntaxError as error:
            number = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
            readers.acts.unread.append(lines[number] if len(source) > _WORDY else source)
            indent = re.match(r"[ \t]*", lines[number])
            blank = (indent.group() if indent else "") + "pass"
            if lines[number] == blank:
                lines[number] = ""
            elif not lines[number].strip():
                break
            else:
                lines[number] = blank if "indent" not in str(error.msg) else ""
        except (ValueError, RecursionError, MemoryError):
            break
        else:
            return tree
    readers.acts.unread.append(source)
    return _piecewise(text)


def _piecewise(text: str) -> ast.Module | None:
    """Return a tree of the statements at the margin that make sense one by one."""
    body: list[ast.stmt] = []
    number = 0
    for piece in re.split(r"\n(?=\S)", text)[:2_000]:
        tree = parse_python(piece)
        if tree is not None:
            for statement in tree.body:
                ast.increment_lineno(statement, number)
            body += tree.body
        number += piece.count("\n") + 1
    return ast.Module(body, []) if body else None


def _without_magics(source: str) -> str:
    """Return the source with IPython's own lines as the calls that they stand for, as IPython does it."""
    lines = source.split("\n")
    for number, text in enumerate(lines):
        match = _LINE.match(text)
        if match is not None:
            lines[number] = _as_call(*match.groups())
        elif _HELP.match(text):
            lines[number] = "pass"
    return "\n".join(lines)


def _as_call(indent: str, target: str, mark: str, rest: str) -> str:
    if mark[0] == "!":
        return f"{indent}{target}get_ipython().system({_interpolated(rest)})"
    name, _, text = rest.partition(" ")
    return f"{indent}{target}get_ipython().run_line_magic({name!r}, {_interpolated(text)})"


def _interpolated(text: str) -> str:
    """Return an expression for a command line with ``{name}`` and ``$name`` in it."""
    names = [match[1] or match[2] for match in _NAMES.finditer(text)]
    if not names or not all(re.fullmatch(r"[A-Za-z_][\w.\[\]'\"]*", name) for name in names):
        return repr(text)
    if "$" in text and not any(f"{{{name}}}" in text for name in names):
        return repr(text)
    pieces = _NAMES.split(text)
    parts = [
        repr(piece) if index % 3 == 0 else f"str({piece})" for index, piece in enumerate(pieces) if piece is not None
    ]
    return " + ".join(parts)


__all__ = ["HOLE", "review_python"]
