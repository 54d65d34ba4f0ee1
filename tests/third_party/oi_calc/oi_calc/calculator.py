"""Runs formulas: ``price = 3 * 1.2`` keeps a value, ``price + 1`` prints one, ``"total"`` prints text."""

import ast
import operator
import sys
from collections.abc import Callable
from decimal import Decimal

OPERATORS: dict[type, Callable[..., Decimal]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.USub: operator.neg,
}  # fmt: skip
MISTAKES = (SyntaxError, ValueError, LookupError, ArithmeticError, MemoryError, RecursionError)
VALUES: dict[str, Decimal] = {}


def run(code: str, _terminal: object) -> None:
    try:
        for line in ast.parse(code).body:
            match line:
                case ast.Assign([ast.Name(name)], formula):
                    VALUES[name] = value(formula)
                case ast.Expr(ast.Constant(str(text))):
                    print(text)
                case _:
                    print(value(line))
    except MISTAKES as error:
        sys.exit(f"{type(error).__name__}: {error}")


def value(formula: ast.AST) -> Decimal:
    match formula:
        case ast.Expr(inner):
            return value(inner)
        case ast.BinOp(left, sign, right):
            return OPERATORS[type(sign)](value(left), value(right))
        case ast.UnaryOp(sign, operand):
            return OPERATORS[type(sign)](value(operand))
        case ast.Name(name):
            return VALUES[name]
        case ast.Constant(int(number) | float(number)):
            return Decimal(repr(number))
    raise SyntaxError(f"{type(formula).__name__} is not arithmetic")
