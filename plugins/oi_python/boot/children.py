"""Boot text, loaded with multiprocessing: processes that are started afresh find what cells defined."""

# A process that is not forked runs the file of __main__ under another name, to find functions and classes there. Cells
# have no file, and running them again would do again what they did. So a file is written that defines the functions and
# classes anew, and takes the variables that these use from where they are, as far as they can be pickled.

# ruff: noqa: BLE001, PTH118, PTH123, SIM105  (strangers' values; slow imports are left out)
from __future__ import annotations

import ast
import atexit
import io
import linecache
import os
import pickle
import shutil
import tempfile
import types

from oi_python.boot.cells import CELLS, MAIN, ME
from oi_python.boot.magics import parse_magics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

LARGEST_VALUE = 64 * 1024 * 1024
MAIN_FILE = """
import ast as _ast, io as _io, pickle as _pickle
class _Values(_pickle.Unpickler):
    def find_class(self, module, name):
        if module in ("__main__", "__mp_main__") and name in globals():
            return globals()[name]
        return super().find_class(module, name)
def _restore(values):
    left = []
    for name, value in values:
        try:
            globals()[name] = _Values(_io.BytesIO(value)).load()
        except Exception:
            left.append((name, value))
    return left
with open({values!r}, "rb") as _file:
    _left = _restore(_pickle.load(_file))
with open({definitions!r}, encoding="utf-8", errors="surrogateescape") as _file:
    _nodes = _ast.parse(_file.read()).body
for _node in _nodes:
    try:
        exec(compile(_ast.Module([_node], []), {definitions!r}, "exec", {flags}, True), globals())
    except Exception:
        pass
    _left = _left and _restore(_left)
del _ast, _io, _pickle, _Values, _restore, _left, _file, _nodes
globals().pop("_node", None)
"""


class Bounded(io.BytesIO):
    """A buffer that takes only so much: a large value is for the code to hand over itself."""

    def write(self, data: Any) -> Any:
        """Write, or raise when it would be too much."""
        if self.tell() + len(data) > LARGEST_VALUE:
            raise OverflowError
        return super().write(data)


class Module:
    """Stands for a module in a pickle, which imports it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> Any:
        import importlib

        return importlib.import_module, (self.name,)


class MainFile:
    """The files that stand for ``__main__``; there is a new set whenever something changed."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="interpreter-")
        self.last: Any = None
        self.path = ""
        self.count = 0
        atexit.register(self.remove)

    def remove(self) -> None:
        """Delete the files, unless this is a fork."""
        if os.getpid() == ME:
            shutil.rmtree(self.folder, ignore_errors=True)

    def written(self) -> str:
        """Return the path of a file that defines what cells defined so far."""
        definitions, names = definitions_of_cells()
        values = pickle.dumps([(name, value) for name in sorted(names) for value in pickled(name)])
        if self.last != (definitions, values):
            self.last = definitions, values
            self.count += 1
            stem = os.path.join(self.folder, f"{os.getpid()}-{self.count}")
            paths = {"definitions": f"{stem}-cells.py", "values": f"{stem}.pickle"}
            text = MAIN_FILE.format(flags=CELLS.futures, **paths)
            self.path = f"{stem}-main.py"
            for path, content in zip((*paths.values(), self.path), (definitions, values, text)):  # noqa: B905  (one stem for each)
                with open(path, "wb") as file:
                    file.write(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
        return self.path


def definitions_of_cells() -> Any:
    """Return the text of every function and class that cells defined, and the names which that uses."""
    texts: Any = []
    used: Any = set()
    for cell in [name for name in linecache.cache if name.startswith("<cell ")]:
        source = "".join(linecache.getlines(cell))
        lines = source.splitlines(True)
        for node in statements(source, cell):
            if not defines(node):
                continue
            text = "".join(lines[begins_at(node) - 1 : node.end_lineno])
            try:
                tree = ast.parse(text)
            except SyntaxError:  # it shares its line, or holds a magic
                continue
            texts.append(text if text.endswith("\n") else f"{text}\n")
            used.update(part.id for part in ast.walk(tree) if isinstance(part, ast.Name))
    return "\n".join(texts), used


def statements(source: str, cell: str) -> Any:
    """Return the statements of a cell, none when it never was code."""
    try:
        return CELLS.parse(source, cell).body
    except ValueError:
        return []
    except SyntaxError as error:
        try:
            return parse_magics(source, cell, error).body
        except (SyntaxError, ValueError):
            return []


def defines(node: Any) -> bool:
    """Say whether a statement defined a function or a class that is there now."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name in MAIN
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        return all(isinstance(target, ast.Name) and target.id in MAIN for target in node.targets)
    return False


def begins_at(node: Any) -> Any:
    """Return the line where a definition begins, with its decorators."""
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])


def pickled(name: str) -> Any:
    """Return what a variable holds, pickled; nothing when it cannot be, or is among the definitions."""
    if name not in MAIN or name.startswith("__"):
        return []
    value = MAIN[name]
    if getattr(value, "__module__", None) == "__main__" and isinstance(value, (type, types.FunctionType)):
        return []
    buffer = Bounded()
    try:
        pickle.Pickler(buffer, 4).dump(Module(value.__name__) if isinstance(value, types.ModuleType) else value)
    except Exception:
        return []
    return [buffer.getvalue()]


def add_main_file(spawn: Any) -> None:
    """Have processes that are started afresh told of the file, as if it were that of ``__main__``."""
    prepare = spawn.get_preparation_data
    main_file = MainFile()

    def get_preparation_data(name: str) -> Any:
        data = prepare(name)
        if "init_main_from_path" not in data and "init_main_from_name" not in data:
            try:
                data["init_main_from_path"] = main_file.written()
            except OSError:  # then they start without
                pass
        return data

    spawn.get_preparation_data = get_preparation_data
