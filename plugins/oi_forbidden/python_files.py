"""What calls in Python code do to files."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Final

from oi_forbidden.acts import NOTHING, Verb
from oi_forbidden.places import HOLE, labels_of
from oi_forbidden.python_calls import PathCall
from oi_forbidden.python_context import PythonCall, PythonContext
from oi_forbidden.python_evaluator import Evaluator
from oi_forbidden.python_values import as_text

_STORING: Final = frozenset(
    ["write", "writelines", "dump", "writerow", "writerows", "save", "to_csv", "to_json", "print", "copyfileobj"]
)


def note_path_call(call: PythonCall, does: PathCall, context: PythonContext) -> None:
    """Note what a function of :data:`oi_forbidden.python_calls.PATH_CALLS` does."""
    if does.place < 0:
        receiver = call.thing.receiver
        paths = [as_text(receiver)] if isinstance(receiver, str) else [HOLE]
        expression: ast.expr | None = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        if call.name == "?.unlink" and call.arguments:
            return
    else:
        expression = call.argument(does.place, does.keyword)
        if expression is None:
            return
        paths = context.evaluator.texts(expression)
    tags = frozenset(does.tags.split())
    if does.verb is Verb.DELETE and _is_own(expression, paths, context):
        return
    for path in paths[:4]:
        context.add_path(does.verb, path, call, tags)


def _is_own(expression: ast.expr | None, paths: list[str], context: PythonContext) -> bool:
    """Whether a path is of a file that the code itself made, in the project or among temporary files."""
    if expression is None:
        return False
    if "temp" in context.evaluator.origins(expression):
        return True
    labels = {label for path in paths for label in labels_of(path, context.readers.acts.folder)}
    return ast.dump(expression) in context.opened and labels <= {"project", "temporary", "unknown"}


def _open(call: PythonCall, context: PythonContext) -> None:
    on_path = call.name == "pathlib.Path().open"
    expression = (
        call.node.func.value if on_path and isinstance(call.node.func, ast.Attribute) else call.argument(0, "file")
    )
    if expression is None:
        return
    mode_node = call.argument(0 if on_path else 1, "mode")
    mode = context.evaluator.texts(mode_node)[0] if mode_node is not None else "r"
    for path in context.evaluator.texts(expression)[:6]:
        if set(mode) & set("wax+"):
            _open_to_write(call, path, mode, expression, context)
        else:
            context.add_path(Verb.READ, path, call, frozenset({"by-code"}))


def _open_to_write(call: PythonCall, path: str, mode: str, expression: ast.expr, context: PythonContext) -> None:
    tags = {"append"} if "a" in mode or "+" in mode else set()
    if "w" in mode or "x" in mode:
        context.opened.add(ast.dump(expression))
    if "a" not in mode and _is_walked(expression, context) and _encrypts(context):
        tags |= {"walked"}
    labels = labels_of(path, context.readers.acts.folder)
    empties = "w" in mode and "outside" in labels and not _stores(call, context)
    context.add_path(Verb.EMPTY if empties else Verb.WRITE, path, call, frozenset(tags))


def _stores(call: PythonCall, context: PythonContext) -> bool:
    """Whether the code writes anything; where it does not, a file opened for writing ends up empty."""
    return any(
        call.node in other.args or (isinstance(other.func, ast.Attribute) and other.func.attr in _STORING)
        for other in context.scope.calls
    )


def _is_walked(expression: ast.expr, context: PythonContext) -> bool:
    texts = context.evaluator.texts(expression)
    return "file" in context.evaluator.origins(expression) and any(HOLE in text for text in texts)


def _encrypts(context: PythonContext) -> bool:
    names = {
        c.func.attr if isinstance(c.func, ast.Attribute) else getattr(c.func, "id", "") for c in context.scope.calls
    }
    return any("encrypt" in name.casefold() or name in ("urandom", "token_bytes") for name in names)


def _os_open(call: PythonCall, context: PythonContext) -> None:
    flags = call.argument(1, "flags")
    names = ast.dump(flags) if flags is not None else ""
    verb = Verb.READ
    if "O_TRUNC" in names:
        verb = Verb.EMPTY
    elif any(flag in names for flag in ("O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND")):
        verb = Verb.WRITE
    for path in context.evaluator.texts(call.argument(0, "path")):
        context.add_path(verb, path, call, frozenset({"by-code"}) if verb is Verb.READ else NOTHING)


def _chmod(call: PythonCall, context: PythonContext) -> None:
    on_path = call.name.startswith("pathlib")
    tags = _mode_tags(call.argument(0 if on_path else 1, "mode"), context.evaluator)
    paths = [as_text(call.thing.receiver)] if on_path else context.evaluator.texts(call.argument(0, "path"))
    if not on_path and context.is_fetched(call.argument(0, "path")):
        context.add(Verb.CODE, call.name, call, "network")
    for path in paths[:4]:
        context.add_path(Verb.MODE, path, call, tags)


def _mode_tags(node: ast.expr | None, evaluator: Evaluator) -> frozenset[str]:
    tags: set[str] = set()
    for value in evaluator.values(node):
        if isinstance(value, int):
            tags |= {"world"} if value & 0o002 else set()
            tags |= {"setuid"} if value & 0o6000 else set()
            tags |= {"locks"} if value & 0o700 == 0 else set()
    text = ast.dump(node) if node is not None else ""
    for name, tag in (("S_ISUID", "setuid"), ("S_ISGID", "setuid"), ("S_IWOTH", "world"), ("S_IRWXO", "world")):
        if name in text:
            tags.add(tag)
    return frozenset(tags)


def _utime(call: PythonCall, context: PythonContext) -> None:
    if len(call.arguments) > 1 or call.keywords:
        context.add(Verb.CALL, "os.utime", call, "backdates")


def _fileinput(call: PythonCall, context: PythonContext) -> None:
    verb = Verb.WRITE if "inplace" in call.keywords else Verb.READ
    for path in context.evaluator.texts(call.argument(0, "files")):
        context.add_path(verb, path, call, frozenset({"by-code"}))


def _extract(call: PythonCall, context: PythonContext) -> None:
    """Passwords tried one after the other on an archive."""
    loops = [loop for loop in context.scope.loops if isinstance(loop, ast.For)]
    if "pwd" in call.keywords and any(node is call.node for loop in loops[:8] for node in ast.walk(loop)):
        context.add(Verb.CALL, "crack", call)


def note_written(call: PythonCall, context: PythonContext) -> None:
    """Remember what goes into a file, in case it is run later."""
    receiver = call.thing.receiver
    opened = call.thing.call or (getattr(receiver, "call", None) if not isinstance(receiver, str) else None)
    expression = opened.args[0] if isinstance(opened, ast.Call) and opened.args else None
    paths = (
        [as_text(receiver)] if isinstance(receiver, str) else context.evaluator.texts(expression) if expression else []
    )
    if not call.arguments:
        return
    is_fetched = "network" in context.evaluator.origins(call.arguments[0])
    for path in paths:
        if is_fetched:
            context.fetched.add(path.removeprefix("./"))
            if expression is not None:
                context.fetched.add(ast.dump(expression))
        else:
            text = context.evaluator.texts(call.arguments[0])[-1]
            context.written[path] = (context.written.get(path, "") + text)[:50_000]


READERS: Final[Mapping[str, Callable[[PythonCall, PythonContext], None]]] = {
    **dict.fromkeys(("open", "io.open", "codecs.open", "pathlib.Path().open", "aiofiles.open", "gzip.open"), _open),
    "os.open": _os_open,
    **dict.fromkeys(("os.chmod", "pathlib.Path().chmod", "os.fchmod", "os.lchmod"), _chmod),
    "os.utime": _utime,
    **dict.fromkeys(("fileinput.input", "fileinput.FileInput"), _fileinput),
    **dict.fromkeys(
        ("zipfile.ZipFile().extractall", "zipfile.ZipFile().extract", "pyzipper.AESZipFile().extractall"), _extract
    ),
}
"""By function."""
