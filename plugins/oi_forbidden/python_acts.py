"""What Python code does: the calls, loops and assignments in it, compared with what is known of the library."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Final

from oi_forbidden import python_files, python_network, python_programs
from oi_forbidden import python_listed_calls as listed
from oi_forbidden.acts import NOTHING, Verb
from oi_forbidden.names import words
from oi_forbidden.origins import is_secret_name
from oi_forbidden.python_calls import PATH_CALLS
from oi_forbidden.python_context import PythonCall, PythonContext
from oi_forbidden.python_operations import element_of
from oi_forbidden.python_values import Thing, as_text

_SHOWING: Final = words("print pprint info debug warning error critical write writelines write_text dump display")
_TURNING: Final = words(
    """
    print pprint json.dump json.dumps str repr dict list sorted pickle.dumps pprint.pprint yaml.dump display
    """
)
_HANDING: Final = words(
    """
    map submit apply apply_async starmap imap filter run_in_executor enter call_later register Thread Process Timer
    do to_thread call_soon start_new_thread every add_job after
    """
)
_SPREADING: Final = frozenset({"Thread", "Process", "Timer", "apply", "apply_async", "start_new_thread", "add_job"})
_READERS: Final = {**python_files.READERS, **python_programs.READERS, **python_network.READERS}


def find_acts(context: PythonContext) -> None:
    """Note what every call in a module does."""
    aliases = _aliases(context)
    for call in sorted(context.scope.calls, key=lambda node: (node.lineno, node.col_offset)):
        context.readers.acts.spend()
        for thing in _callees(call, context, aliases):
            keywords = {k.arg: k.value for k in call.keywords if k.arg}
            _judge(PythonCall(thing.name, call.args, keywords, call, thing, context.at(call)), context)
        _find_handed(call, context)
    _find_environment(context)


def _aliases(context: PythonContext) -> frozenset[str]:
    """Return the names that may stand for a function of the tables."""
    found = set()
    for name, bindings in context.scope.bindings.items():
        for binding in bindings[:16]:
            expression = binding.node
            if binding.kind == "import":
                if binding.name.rpartition(".")[2] != name and binding.name.rpartition(".")[2] in last_names():
                    found.add(name)
            elif binding.kind == "parameter" or (
                isinstance(
                    expression, ast.Attribute | ast.Name | ast.Subscript | ast.Lambda | ast.Call | ast.List | ast.Tuple
                )
                and _may_name_function(expression)
            ):
                found.add(name)
    for attribute, values in context.scope.attributes.items():
        if any(_may_name_function(value) for value in values[:8]):
            found.add(attribute)
    return frozenset(found)


def _may_name_function(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in last_names()
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name in (
                "getattr",
                "partial",
                "staticmethod",
                "attrgetter",
                "methodcaller",
                "__import__",
                "import_module",
                "get",
            )
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return any(_may_name_function(element) for element in elements[:16])
    return isinstance(node, ast.Subscript | ast.Lambda)


def _callees(call: ast.Call, context: PythonContext, aliases: frozenset[str]) -> list[Thing]:
    """Return what a call may call, where that can be of interest."""
    match call.func:
        case ast.Name(id=name):
            wanted = name in last_names() or name in aliases
        case ast.Attribute(value=ast.Name(id="sh")):
            wanted = True
        case ast.Attribute(attr=name):
            wanted = name in last_names() or name in aliases
        case _:
            wanted = True
    if not wanted:
        return []
    return [
        thing for thing in context.evaluator.names(call.func) if not thing.name.startswith(("function ", "class "))
    ][:6]


def _find_handed(call: ast.Call, context: PythonContext) -> None:
    """Note functions that are handed over to be called elsewhere: ``Thread(target=os.system, args=("…",))``."""
    last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if last not in _HANDING:
        return
    handed = [(i, a) for i, a in enumerate(call.args[:3])] + [
        (-1, k.value) for k in call.keywords if k.arg in ("target", "function", "func")
    ]
    for index, expression in handed:
        if not isinstance(expression, ast.Name | ast.Attribute | ast.Call):
            continue
        for thing in context.evaluator.names(expression)[:4]:
            if thing.name in all_names():
                arguments = _handed_arguments(call, index, last)
                _judge(PythonCall(thing.name, arguments, {}, call, thing, context.at(call)), context)


def _handed_arguments(call: ast.Call, index: int, last: str) -> list[ast.expr]:
    rest = list(call.args[index + 1 :]) if index >= 0 else []
    rest = next(([k.value] for k in call.keywords if k.arg == "args"), rest)
    if rest and isinstance(rest[0], ast.Tuple | ast.List) and last in _SPREADING:
        return list(rest[0].elts)
    return [element_of(source) for source in rest] if last in ("map", "imap", "starmap", "filter") else rest


def _judge(call: PythonCall, context: PythonContext) -> None:
    """Note what one call does."""
    call = _bound_elsewhere(call, context)
    for does in PATH_CALLS.get(call.name, ()):
        python_files.note_path_call(call, does, context)
    reader = _READERS.get(call.name)
    if reader is not None:
        reader(call, context)
    elif call.name in listed.PERSISTING:
        context.readers.acts.add(Verb.RUN, "crontab" if "crontab" in call.name else "reg", call.line, NOTHING, "add")
    elif call.name in listed.DESTROYS_ELSEWHERE:
        context.add(Verb.QUERY, "drop", call)
    elif call.last in listed.SQL_CALLS and "." in call.name:
        python_programs.note_statement(call, context)
    else:
        python_programs.note_named_program(call, context)
    _note_listed(call, context)
    if call.last in ("write", "writelines", "write_text", "write_bytes"):
        python_files.note_written(call, context)
    if call.last in _SHOWING:
        for argument in call.every_argument():
            if "variable" in context.evaluator.origins(argument):
                context.add(Verb.REVEAL, "variable", call)


def _bound_elsewhere(call: PythonCall, context: PythonContext) -> PythonCall:
    """Return the call that ``partial(f, a)(b)`` and ``methodcaller("f", a)(b)`` make in the end."""
    made = call.thing.call
    if call.name == "functools.partial()" and made is not None and made.args:
        for thing in context.evaluator.names(made.args[0])[:1]:
            keywords = {k.arg: k.value for k in made.keywords if k.arg} | call.keywords
            return PythonCall(thing.name, [*made.args[1:], *call.arguments], keywords, call.node, thing, call.line)
    if call.name == "operator.methodcaller()" and made is not None and made.args and call.arguments:
        method = context.evaluator.texts(made.args[0])[0]
        for owner in context.evaluator.names(call.arguments[0])[:1]:
            thing = Thing(f"{owner.name}.{method}", None, owner)
            return PythonCall(thing.name, made.args[1:], {}, call.node, thing, call.line)
    return call


def _note_listed(call: PythonCall, context: PythonContext) -> None:
    target = listed.CALLS.get(call.name)
    if target is None and call.arguments and call.name + "#" in _with_value():
        target = listed.CALLS.get(f"{call.name}#{as_text(context.evaluator.values(call.arguments[0])[0])}")
    if target == "crash":
        context.add(Verb.LOOP, "crash", call)
    elif target is not None:
        context.add(Verb.CALL, target, call)


def _find_environment(context: PythonContext) -> None:
    """Note where all environment variables are shown or stored at once, and dangerous ones that are set."""
    for node in context.scope.environ:
        if any(thing.name == "os.environ" for thing in context.evaluator.names(node)) and _shows_all(node, context):
            context.readers.acts.add(Verb.REVEAL, "environment", context.at(node))
    for target in context.scope.subscripts_set:
        if any(thing.name == "os.environ" for thing in context.evaluator.names(target.value)):
            for name in context.evaluator.texts(target.slice):
                context.readers.acts.add(Verb.VARIABLE, name, context.at(target), frozenset({"set"}))


def _shows_all(node: ast.AST, context: PythonContext) -> bool:
    parent = context.scope.parents.get(node)
    match parent:
        case ast.Attribute(attr=("items" | "values" | "keys" | "copy") as method):
            call = context.scope.parents.get(parent)
            around = context.scope.parents.get(call) if call is not None else None
            return method in ("items", "values") and not isinstance(around, ast.keyword | ast.DictComp)
        case ast.Call(func=ast.Name(id=name), keywords=keywords):
            return name in _TURNING and not keywords
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in ("dump", "dumps", "pprint", "write", "display", "info", "debug")
        case ast.FormattedValue() | ast.For() | ast.comprehension():
            return True
        case ast.keyword(arg=name):
            return name in ("json", "data")
    return False


@lru_cache(maxsize=1)
def all_names() -> frozenset[str]:
    """Return every dotted name in the tables."""
    tables = (PATH_CALLS, listed.PERSISTING, listed.DESTROYS_ELSEWHERE, listed.CALLS, _READERS)
    return frozenset(name.partition("#")[0] for table in tables for name in table)


@lru_cache(maxsize=1)
def last_names() -> frozenset[str]:
    """Return the last parts of all names in the tables: a call of none of them is nothing to look at."""
    return frozenset(name.rpartition(".")[2].removesuffix("()") for name in all_names()) | listed.SQL_CALLS | _SHOWING


@lru_cache(maxsize=1)
def _with_value() -> frozenset[str]:
    return frozenset(name.partition("#")[0] + "#" for name in listed.CALLS if "#" in name)


__all__ = ["all_names", "find_acts", "is_secret_name", "last_names"]
