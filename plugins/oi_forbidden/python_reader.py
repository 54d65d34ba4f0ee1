"""The reader of Python source: the commands it gives to the system, and the calls it makes."""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from oi_forbidden.names import words
from oi_forbidden.python_names import Names
from oi_forbidden.python_nodes import children_of
from oi_forbidden.shell_commands import Script, ShellCommand

COMMAND_CALLS: Final = words(
    """
    os.system os.popen subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen
    subprocess.getoutput subprocess.getstatusoutput asyncio.create_subprocess_shell
    asyncio.subprocess.create_subprocess_shell pty.spawn pexpect.run pexpect.spawn get_ipython().system
    """
)
"""Functions whose first argument is a command: a script for the shell, or a list of words."""

ARGUMENT_CALLS: Final = frozenset(
    {f"os.{stem}{ending}" for stem in ("exec", "spawn") for ending in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")}
    | {"os.posix_spawn", "os.posix_spawnp", "asyncio.create_subprocess_exec"}
)
"""Functions that take a program's words one by one, or as a list, perhaps after its path and a mode."""

_COMMAND_KEYWORDS: Final = frozenset({"args", "command", "cmd"})
_LAST_NAMES: Final = frozenset(name.rpartition(".")[2] for name in COMMAND_CALLS | ARGUMENT_CALLS)
_IDENTIFIER: Final = re.compile(r"[^\W\d]\w*")
_WANTED_NODES: Final = frozenset({ast.Import, ast.ImportFrom, ast.Name, ast.Assign, ast.Call})
_MAGIC: Final = re.compile(r"^([ \t]*)(?:\w[\w, ]*=[ \t]*)?(?:!{1,2}|%{1,2}(?:sx|system)[ \t])(.*)$", re.MULTILINE)
_OTHER_MAGIC: Final = re.compile(r"^([ \t]*)%(?!%).*$", re.MULTILINE)
_CELL_MAGIC: Final = re.compile(r"\s*%%(?:bash|sh|shell|script[ \t]+(?:ba|z|da)?sh)\b[^\n]*\n", re.IGNORECASE)
_LOOSE_CALL: Final = re.compile(
    r"\b(?:system|popen|run|call|check_call|check_output|Popen|getoutput|getstatusoutput)[ \t]*\(\s*"
    r"[rRbBuUfF]{0,2}(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
)


@dataclass(slots=True)
class PythonReading:
    """What Python source runs: scripts for a shell, commands given as words, and every call with the names' meaning."""

    scripts: list[Script] = field(default_factory=list)
    commands: list[ShellCommand] = field(default_factory=list)
    calls: list[ast.Call] = field(default_factory=list)
    names: Names = field(default_factory=Names)


def read_python(code: str, names_of_interest: frozenset[str]) -> PythonReading:
    """Read a cell of Python as IPython would: lines that begin with ``!`` are for the shell.

    Code without any of ``names_of_interest`` or of the functions that start programs is not parsed, for speed. Code
    that this Python cannot parse, because it is wrong or for a newer one, is searched for literal commands.
    """
    reading = PythonReading()
    cell = _CELL_MAGIC.match(code)
    if cell is not None:
        reading.scripts.append(Script(code[cell.end() :], code.count("\n", 0, cell.end()) + 1))
        return reading
    wanted = _LAST_NAMES | names_of_interest
    if not any(name in wanted for name in _identifiers(code)) and not _MAGIC.search(code):
        return reading
    tree = parse_python(code)
    if tree is None:
        reading.scripts += _magic_scripts(code)
        plain = _OTHER_MAGIC.sub(r"\1pass", _MAGIC.sub(r"\1pass", code))
        tree = parse_python(plain)
    if tree is None:
        reading.scripts += _loose_scripts(code)
        return reading
    _read_calls(tree, reading)
    return reading


def _identifiers(code: str) -> Iterator[str]:
    text = code if code.isascii() else unicodedata.normalize("NFKC", code)  # as Python itself reads names
    return (match.group() for match in _IDENTIFIER.finditer(text))


@lru_cache(maxsize=4)
def parse_python(code: str) -> ast.Module | None:
    """Return the tree of the code, or None when this Python cannot parse it.

    One tree serves both the forbidden commands and the rules; nobody changes it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the code's escapes, which are not ours to judge
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _magic_scripts(code: str) -> Iterator[Script]:
    for number, line in enumerate(code.split("\n"), start=1):
        match = _MAGIC.match(line)
        if match is not None:
            yield Script(match.group(2), number)


def _loose_scripts(code: str) -> Iterator[Script]:
    line, position = 1, 0
    for match in _LOOSE_CALL.finditer(code):
        line += code.count("\n", position, match.start())
        position = match.start()
        yield Script(match.group(1)[1:-1], line)


def _nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield all nodes that matter here, in no order."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if type(node) in _WANTED_NODES:
            yield node
        pending += children_of(node)


def _read_calls(tree: ast.Module, reading: PythonReading) -> None:
    nodes = list(_nodes(tree))
    names = reading.names = Names.of(nodes)
    reading.calls = [node for node in nodes if isinstance(node, ast.Call)]
    for call in reading.calls:
        function = names.dotted(call.func)
        if function in COMMAND_CALLS:
            _read_command_call(call, reading)
        elif function in ARGUMENT_CALLS:
            _read_argument_call(call, reading)


def _read_command_call(call: ast.Call, reading: PythonReading) -> None:
    arguments = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in _COMMAND_KEYWORDS)]
    for value in map(reading.names.value, arguments):
        if isinstance(value, str):
            reading.scripts.append(Script(value, call.lineno))
        elif value:
            reading.commands.append(ShellCommand(value, call.lineno))


def _read_argument_call(call: ast.Call, reading: PythonReading) -> None:
    values = [reading.names.value(argument) for argument in call.args]
    texts = [value for value in values if isinstance(value, str)]
    lists = [value for value in values if isinstance(value, tuple)]
    for command in (*lists, tuple(texts), tuple(texts[1:])):
        if command:
            reading.commands.append(ShellCommand(command, call.lineno))
