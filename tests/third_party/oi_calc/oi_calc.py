"""A language for interpreter: ``price = 3 * 1.2`` keeps a value, ``price + 1`` prints one, ``"total"`` prints text."""

import ast
import operator
from collections.abc import Callable, Iterator
from decimal import Decimal

from oi_core.plugin_api import CellEnded, ExecutorEvent, Language, Outcome, OutputDelta, hookimpl

OPERATORS: dict[type, Callable[..., Decimal]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.USub: operator.neg,
}  # fmt: skip
MISTAKES = (SyntaxError, ValueError, LookupError, ArithmeticError, MemoryError, RecursionError)


class Calculator:
    def __init__(self) -> None:
        self.values: dict[str, Decimal] = {}

    def run(self, code: str) -> Iterator[ExecutorEvent]:
        try:
            for line in ast.parse(code).body:
                match line:
                    case ast.Assign([ast.Name(name)], formula):
                        self.values[name] = self.value(formula)
                    case ast.Expr(ast.Constant(str(text))):
                        yield OutputDelta(f"{text}\n")
                    case _:
                        yield OutputDelta(f"{self.value(line)}\n")
        except MISTAKES as error:
            yield OutputDelta(f"{type(error).__name__}: {error}\n", "stderr")
            yield CellEnded(Outcome.FAILED)

    def value(self, formula: ast.AST) -> Decimal:
        match formula:
            case ast.Expr(inner):
                return self.value(inner)
            case ast.BinOp(left, sign, right):
                return OPERATORS[type(sign)](self.value(left), self.value(right))
            case ast.UnaryOp(sign, operand):
                return OPERATORS[type(sign)](self.value(operand))
            case ast.Name(name):
                return self.values[name]
            case ast.Constant(int(number) | float(number)):
                return Decimal(repr(number))
        raise SyntaxError(f"{type(formula).__name__} is not arithmetic")

    def interrupt(self) -> None: ...  # no line takes long enough
    def answer(self, text: str | None) -> None: ...  # nothing asks
    def close(self) -> None: ...  # there is no process


@hookimpl
def provide_languages() -> list[Language]:
    return [Language("calc", "a calculator: one formula a line", start=lambda _workspace: Calculator())]
