"""The programs and the code that Python code runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.places import HOLE, labels_of
from oi_forbidden.python_calls import CODE_CALLS, SHELL_CALLS, UNPICKLERS, WORD_CALLS
from oi_forbidden.python_context import PythonCall, PythonContext, command_line, quoted
from oi_forbidden.python_listed_calls import KILLS
from oi_forbidden.python_values import NOTHING_KNOWN, Thing, Value, as_text
from oi_forbidden.shell_state import Stream

_OWN_PROCESS: Final = re.compile(
    r"(?:(?:subprocess|psutil)\.Popen|multiprocessing\.Process|asyncio\.create_subprocess\w+)\(\).*pid|os\.(?:getpid|"
    r"fork)\(\)"
)
_SHELL_MAGICS: Final = frozenset(
    ["pip", "conda", "mamba", "cd", "rm", "cp", "mv", "mkdir", "rmdir", "cat", "ls", "man"]
)
_STATEMENT: Final = re.compile(
    r"\s*(?:DROP|DELETE|TRUNCATE|UPDATE|ALTER|ATTACH|GRANT|COPY|CREATE\s+(?:USER|ROLE))\b", re.IGNORECASE
)


def _shell_call(call: PythonCall, context: PythonContext) -> None:
    expression = call.argument(0, "args", "command", "cmd", "cmdline")
    if expression is None:
        return
    stdin = call.keywords.get("input")
    flowing = Stream(context.evaluator.texts(stdin)[0]) if stdin is not None else None
    parts = [expression, *getattr(expression, "elts", [])[:3]]
    if any(context.is_fetched(part) for part in parts):
        context.add(Verb.CODE, call.name, call, "network")
    for value in context.evaluator.values(expression)[:6]:
        _run(value, expression, call, context, flowing)


def _run(value: Value, expression: ast.expr, call: PythonCall, context: PythonContext, stdin: Stream | None) -> None:
    source = command_line(value) if isinstance(value, tuple) else as_text(value)
    if isinstance(value, tuple) and not value:
        return
    if not isinstance(value, tuple) and source.startswith(HOLE):
        context.unseen(call, expression)
        if not source.replace(HOLE, "").strip():
            return
    for path in context.fetched:
        if (
            re.search(r"(?:^|[\s/'\"])" + re.escape(path) + r"(?:$|[\s'\";&|])", source)
            and HOLE not in path
            and len(path) < 200
        ):
            context.add(Verb.CODE, call.name, call, "network")
    context.shell(source, call, stdin)


def _word_call(call: PythonCall, context: PythonContext) -> None:
    values = [context.evaluator.values(argument)[0] for argument in call.arguments]
    lists = [value for value in values if isinstance(value, tuple) and value]
    texts = [as_text(value) for value in values if isinstance(value, str) or value is NOTHING_KNOWN]
    if any(context.is_fetched(argument) for argument in call.arguments):
        context.add(Verb.CODE, call.name, call, "network")
    sources = [command_line(words) for words in lists]
    if not lists and texts:
        repeats = len(texts) > 1 and texts[0].rpartition("/")[2] == texts[1].rpartition("/")[2]
        sources = [" ".join(map(quoted, texts[1:] if repeats else texts))]
    elif lists and texts and len(lists[0]) < 2:
        sources.append(quoted(texts[0]))
    for source in sources[:3]:
        context.shell(source, call)


def _code_call(call: PythonCall, context: PythonContext) -> None:
    expression = call.argument(0, "source", "stmt", "code")
    if expression is None:
        return
    origins = context.evaluator.origins(expression)
    if "decoded" in origins:
        context.add(Verb.CODE, call.name, call, "decoded")
    is_eval = call.last == "eval"
    for value in context.evaluator.values(expression)[:4]:
        text = as_text(value)
        if HOLE not in text and isinstance(value, str | bytes):
            context.python(text, call)
        elif origins & {"network"}:
            context.add(Verb.CODE, call.name, call, "network")
        elif not is_eval and not origins & {"file", "decoded"} and not isinstance(value, str | bytes):
            context.add(Verb.CODE, call.name, call)


def _unpickle(call: PythonCall, context: PythonContext) -> None:
    expression = call.argument(0)
    origins = context.evaluator.origins(expression)
    if (
        origins & {"network", "decoded", "input"}
        or isinstance(expression, ast.Constant)
        or (call.name == "marshal.loads" and "file" not in origins)
    ):
        context.add(Verb.CODE, call.name, call, "unpickled")


def _kill(call: PythonCall, context: PythonContext) -> None:
    if call.name in ("os.kill", "os.killpg") and len(call.arguments) > 1:
        if context.evaluator.values(call.arguments[1])[0] == 0:
            return
        if any(_OWN_PROCESS.match(thing.name) for thing in context.evaluator.names(call.arguments[0])):
            return
    named = call.name.startswith("os.") and call.arguments
    target = context.evaluator.texts(call.arguments[0])[0] if named else HOLE
    context.add(Verb.KILL, target, call, *(("everything",) if target == "-1" else ()))


def _magic(call: PythonCall, context: PythonContext) -> None:
    """Read what IPython's ``%name text`` and ``%%name`` with a body run."""
    name, text, *rest = [context.evaluator.texts(argument)[0] for argument in call.arguments[:3]] + [""] * (
        3 - len(call.arguments)
    )
    body = rest[0] if rest else ""
    if name in _SHELL_MAGICS:
        context.shell(f"{name} {text}", call)
    elif name in ("sx", "system", "!", "bash", "sh", "script", "shell"):
        context.shell(body or text, call)
    elif name in ("time", "timeit", "prun", "capture", "python", "python3"):
        context.python(body or text, call)
    elif name == "run":
        context.shell(f"python {text}", call)


def _library(call: PythonCall, context: PythonContext) -> None:
    for path in context.evaluator.texts(call.argument(0)):
        elsewhere = labels_of(path, context.readers.acts.folder) & {"temporary", "in-home"} and "/" in path
        if elsewhere or call.name.startswith("imp.") or "LoadLibrary" in call.name:
            context.add(Verb.CODE, call.name, call, "library")


def _map_memory(call: PythonCall, context: PythonContext) -> None:
    if any("PROT_EXEC" in ast.dump(value) for value in call.every_argument()):
        context.add(Verb.CODE, "mmap", call, "library")


def _run_file(call: PythonCall, context: PythonContext) -> None:
    expression = call.argument(1 if "spec" in call.name else 0)
    if context.is_fetched(expression):
        context.add(Verb.CODE, call.name, call, "network")
    for path in context.evaluator.texts(expression):
        if path in context.written:
            context.python(context.written[path], call)


def _pip(call: PythonCall, context: PythonContext) -> None:
    words = context.evaluator.values(call.argument(0))[0]
    if isinstance(words, tuple):
        context.shell("pip " + command_line(words), call)


def _yaml(call: PythonCall, context: PythonContext) -> None:
    loaders = " ".join(ast.dump(argument) for argument in call.every_argument()[1:])
    unsafe = "unsafe" in call.name or "Unsafe" in loaders
    bare = "Loader" not in loaders and call.name == "yaml.load"
    if unsafe or (bare and context.evaluator.origins(call.argument(0)) & {"network", "input", "decoded"}):
        context.add(Verb.CODE, call.name, call, "unpickled")


def _communicate(call: PythonCall, context: PythonContext) -> None:
    """Read what is typed into a program that the code started."""
    thing: object = call.thing
    while isinstance(thing, Thing):
        if thing.call is not None and thing.name == "subprocess.Popen()" and thing.call.args and call.arguments:
            for value in context.evaluator.values(thing.call.args[0])[:2]:
                words = command_line(value) if isinstance(value, tuple) else as_text(value)
                context.shell(words, call, Stream(context.evaluator.texts(call.arguments[0])[0]))
            return
        thing = thing.receiver


def note_named_program(call: PythonCall, context: PythonContext) -> None:
    """Note calls whose name holds the program's: ``sh.rm("x")``, ``plumbum.local["rm"]("x")``."""
    function = call.node.func
    words = [quoted(text) for argument in call.arguments for text in context.evaluator.texts(argument)[:1]]
    if call.name.startswith("sh.") and call.name.count(".") == 1:
        context.shell(" ".join([call.last, *words]), call)
    elif call.name.startswith("plumbum.local[]") and isinstance(function, ast.Subscript):
        context.shell(" ".join([context.evaluator.texts(function.slice)[0], *words]), call)
    elif re.fullmatch(r"ctypes\.(?:CDLL|cdll\.LoadLibrary|PyDLL)\(\)\.(?:unlink|remove|rmdir)", call.name):
        for path in context.evaluator.texts(call.argument(0)):
            context.add_path(Verb.DELETE, path, call)


def note_statement(call: PythonCall, context: PythonContext) -> None:
    """Note what a statement does that is given to a database."""
    for text in context.evaluator.texts(call.argument(0)):
        if _STATEMENT.match(text):
            context.readers.other("sql", text.replace(HOLE, "x"), call.line, context.depth + 1)


Reader = Callable[[PythonCall, PythonContext], None]
READERS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(SHELL_CALLS, _shell_call),
    **dict.fromkeys(WORD_CALLS, _word_call),
    **dict.fromkeys(CODE_CALLS, _code_call),
    **dict.fromkeys(UNPICKLERS, _unpickle),
    **dict.fromkeys(KILLS, _kill),
    **dict.fromkeys(("get_ipython().run_line_magic", "get_ipython().run_cell_magic"), _magic),
    **dict.fromkeys(("ctypes.CDLL", "ctypes.cdll.LoadLibrary", "ctypes.PyDLL", "imp.load_dynamic"), _library),
    "mmap.mmap": _map_memory,
    **dict.fromkeys(("runpy.run_path", "importlib.util.spec_from_file_location"), _run_file),
    **dict.fromkeys(("pip.main", "pip._internal.main", "pip._internal.cli.main.main"), _pip),
    **dict.fromkeys(("yaml.load", "yaml.unsafe_load", "yaml.full_load", "yaml.load_all"), _yaml),
    **dict.fromkeys(("subprocess.Popen().communicate", "subprocess.Popen().stdin.write"), _communicate),
}
"""By function."""
