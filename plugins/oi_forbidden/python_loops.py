"""Loops in Python code that never end, and what grows without bound."""

from __future__ import annotations

import ast
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.names import words
from oi_forbidden.python_context import PythonContext

_PAUSES: Final = words(
    """
    sleep wait input get recv recvfrom accept join read readline select poll mainloop tick flip update exit _exit
    quit next get_event getch waitKey run_forever serve_forever receive communicate acquire heappop popleft pop
    result sys.exit flush_output pause prompt recv_json recv_string listen read_key step
    """
)
_STARTS: Final = frozenset(
    {"fork", "forkpty", "Thread", "Process", "Popen", "start_new_thread", "spawn", "system", "submit"}
)
_GROWS: Final = frozenset({"append", "extend", "add", "insert", "appendleft", "setdefault"})
_WRITES: Final = frozenset(
    {"write", "writelines", "makedirs", "mkdir", "touch", "copyfile", "copy", "write_text", "write_bytes", "open"}
)
_MUCH: Final = 4_000_000_000
"""Bytes or elements that are too many to be meant."""


def find_loops(context: PythonContext) -> None:
    """Note loops without end, by what they do, and huge allocations."""
    for loop in context.scope.loops:
        context.readers.acts.spend()
        kind = _kind(loop, context)
        if kind:
            context.readers.acts.add(Verb.LOOP, kind, context.at(loop))
    _find_many_processes(context)
    for product in context.scope.multiplications[:200]:
        if _size(product, context) >= _MUCH:
            context.readers.acts.add(Verb.LOOP, "memory", context.at(product))
    for call in context.scope.calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in ("bytearray", "urandom", "token_bytes") and call.args:
            size = context.evaluator.values(call.args[0])[0]
            if isinstance(size, int | float) and size >= _MUCH:
                context.readers.acts.add(Verb.LOOP, "memory", context.at(call))


def _is_endless(loop: ast.AST, context: PythonContext) -> bool:
    match loop:
        case ast.While(test=ast.Constant(value=value)):
            return bool(value)
        case ast.While(test=ast.Compare(left=ast.Constant(value=a), comparators=[ast.Constant(value=b)])):
            return a == b
        case ast.For(iter=ast.Call() as source):
            return any(
                t.name in ("itertools.count()", "itertools.cycle()", "itertools.repeat()")
                for t in context.evaluator.names(source)
            )
    return False


def _kind(loop: ast.While | ast.For | ast.AsyncFor, context: PythonContext) -> str:
    """Return what a loop does without end: ``bomb``, ``processes``, ``memory``, ``disk``, ``forever``; else nothing."""
    if not _is_endless(loop, context):
        return ""
    names: set[str] = set()
    grows = False
    pending: list[ast.AST] = list(loop.body)
    while pending:
        node = pending.pop()
        context.readers.acts.spend()
        if isinstance(node, ast.Return | ast.Raise | ast.Yield | ast.YieldFrom | ast.Await | ast.Break):
            return ""
        if isinstance(node, ast.Call):
            names.add(node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
        grows = grows or (isinstance(node, ast.AugAssign) and not isinstance(node.value, ast.Constant))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            grows = True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            pending += ast.iter_child_nodes(node)
    if "fork" in names or "forkpty" in names:
        return "bomb"
    if names & _STARTS:
        return "processes"
    if names & _PAUSES:
        return ""
    if names & _WRITES:
        return "disk"
    if grows or names & _GROWS:
        return "memory"
    return "forever"


def _find_many_processes(context: PythonContext) -> None:
    """Note hundreds of processes or threads that are started in a counted loop, each busy without end."""
    endless = any(_is_endless(loop, context) for loop in context.scope.loops)
    for loop in context.scope.loops:
        if (
            not isinstance(loop, ast.For)
            or not isinstance(loop.iter, ast.Call)
            or getattr(loop.iter.func, "id", "") != "range"
        ):
            continue
        count = context.evaluator.values(loop.iter.args[-1])[0] if loop.iter.args else 0
        names = {
            n.func.attr if isinstance(n.func, ast.Attribute) else getattr(n.func, "id", "")
            for n in ast.walk(loop)
            if isinstance(n, ast.Call)
        }
        many = isinstance(count, int) and count >= (100 if endless else 2_000)
        if (many and names & {"Process", "fork", "Popen"}) or (many and endless and "Thread" in names):
            context.readers.acts.add(Verb.LOOP, "processes", context.at(loop))


def _size(product: ast.BinOp, context: PythonContext) -> float:
    """Return how long the text or list is that a multiplication makes; 0 when it makes none, or that is not known."""
    for first, second in ((product.left, product.right), (product.right, product.left)):
        if (isinstance(first, ast.Constant) and isinstance(first.value, str | bytes)) or isinstance(first, ast.List):
            length = len(first.value) if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes) else 8
            times = context.evaluator.values(second)[0]
            return length * float(times) if isinstance(times, int | float) else 0
    if isinstance(product.left, ast.BinOp) and isinstance(product.left.op, ast.Mult):
        times = context.evaluator.values(product.right)[0]
        return _size(product.left, context) * float(times) if isinstance(times, int | float) else 0
    return 0
