"""Boot text, loaded when code does not parse: what notebooks and pasted sessions write, read as Python."""

# Everything keeps its line number, because tracebacks show the code as it was written.

from __future__ import annotations

import ast
import re
import warnings

from oi_python.boot.cells import CELLS, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

FENCE = re.compile(r"\s*(```+|~~~+)\s*([\w+-]*)\s*")
SHELL_FENCE = re.compile(r"\s*(```+|~~~+)\s*(bash|sh|shell|zsh|console)\s*")
PROMPT = re.compile(r"\s*(?:>>>|\.\.\.)(?: |$)")
NOTEBOOK_PROMPT = re.compile(r"\s*(?:In ?\[\d*\]:|\.{3,}:) ?")
ASSIGNED = r"(\s*)(?:([A-Za-z_][^=!%?#]*)=\s*)?"
LINE_MAGIC = re.compile(ASSIGNED + r"%([A-Za-z_]\w*)(?:\s(.*))?", re.DOTALL)
COMMAND = re.compile(ASSIGNED + r"!(!?)\s*(.*)", re.DOTALL)
QUESTION = re.compile(r"(\s*)(\?{0,2})([A-Za-z_][\w.]*)(\?{0,2})")
CELL_MAGIC = re.compile(r"%%([A-Za-z_]\w*)[ \t]*(.*)")


def parse_magics(source: str, name: str, error: SyntaxError) -> Any:
    """Return the tree of code that is Python but for what is known here; else raise the error that is to be shown."""
    shown = error
    readings = source, without_fences(source), without_prompts(without_fences(source))
    for reading in dict.fromkeys(readings):
        text = cell_magic(reading) or reading
        while text is not None:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    tree = CELLS.parse(text, name)
            except SyntaxError as failure:
                changed = without_magic(text, failure.lineno or 0)
                if changed is None and text != reading and reading == source:
                    shown = failure
                text = changed
            else:
                if text == source or not load("commands"):
                    break
                return with_all_shown(tree) if reading != source and is_pasted_session(source) else tree
    raise shown from None


def without_magic(source: str, number: int) -> Any:
    """Return source with the magic replaced that is on a line, or the last before it; None when there is none."""
    lines = source.split("\n")
    for index in range(min(number, len(lines)) - 1, -1, -1):
        last = index
        while lines[last].endswith("\\") and last + 1 < len(lines):
            last += 1
        call = as_call("\n".join(lines[index : last + 1]))
        if call:
            return "\n".join([*lines[:index], call, *[""] * (last - index), *lines[last + 1 :]])
    return None


def as_call(line: str) -> str:
    """Return a line magic, a command or a question as a call; empty when a line is none of them."""
    match = COMMAND.fullmatch(line)
    if match:
        indent, target, doubled, command = match.groups()
        function = "captured" if target or doubled else "shell"
        return call(indent, target, function, command.replace("\\\n", ""))
    match = LINE_MAGIC.fullmatch(line)
    if match:
        indent, target, magic, rest = match.groups()
        return call(indent, target, "line", magic, (rest or "").replace("\\\n", "").strip())
    match = QUESTION.fullmatch(line.rstrip())
    if match and (match[2] or match[4]):
        return call(match[1], "", "help", match[3])
    return ""


def call(indent: str, target: str, function: str, *arguments: str) -> str:
    """Return a statement that calls a method of what carries the magics out."""
    assigned = f"{target.rstrip()} = " if target else ""
    return f"{indent}{assigned}__magic__.{function}({', '.join(map(repr, arguments))})"


def cell_magic(source: str) -> str:
    """Return a cell that is one cell magic as a call, empty when it is none."""
    lines = source.split("\n")
    for index, line in enumerate(lines):
        match = CELL_MAGIC.fullmatch(line.rstrip())
        if match:
            body = "\n".join(lines[index + 1 :])
            return "\n" * index + f"__magic__.cell({match[1]!r}, {match[2]!r}, {body!r}, {index + 1})"
        if line.strip() and not line.lstrip().startswith("#"):
            return ""
    return ""


def without_fences(source: str) -> str:
    """Return source with its Markdown fences blank; a block of shell commands becomes the cell magic for one."""
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if SHELL_FENCE.fullmatch(first):
        lines[lines.index(first)] = "%%bash"
    return "\n".join("" if FENCE.fullmatch(line) else line for line in lines)


def without_prompts(source: str) -> str:
    """Return what follows the prompts of a session that was pasted, without what it printed."""
    lines = source.split("\n")
    if any(NOTEBOOK_PROMPT.match(line) for line in lines):
        return "\n".join(after_notebook_prompts(lines))
    if not any(PROMPT.match(line) for line in lines):
        return source
    return "\n".join(line[found.end() :] if (found := PROMPT.match(line)) else "" for line in lines)


def after_notebook_prompts(lines: Any) -> Any:
    """Return the lines of a pasted notebook session; what is neither input nor a line that follows it is blank."""
    kept, is_input = [], False
    every_line_has_one = any(NOTEBOOK_PROMPT.match(line) and "...:" in line for line in lines)
    for line in lines:
        match = NOTEBOOK_PROMPT.match(line)
        follows = is_input and not every_line_has_one and bool(line.strip()) and not line.startswith("Out[")
        is_input = bool(match) or follows
        kept.append(line[match.end() :] if match else line if is_input else "")
    return kept


def is_pasted_session(source: str) -> bool:
    """Say whether source is a session of the interactive prompt, where each value was shown."""
    return any(re.match(r"\s*(>>> |In ?\[)", line) for line in source.split("\n"))


def with_all_shown(tree: Any) -> Any:
    """Return the tree with every expression's value shown, not only the last one's."""
    for statement in tree.body[:-1]:
        if isinstance(statement, ast.Expr):
            shown: Any = ast.parse("__magic__.show(0)", mode="eval").body
            shown.args = [statement.value]
            statement.value = ast.fix_missing_locations(ast.copy_location(shown, statement.value))
    return tree
