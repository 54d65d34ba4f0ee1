"""One call in Python code, and what the readers of calls share about the code around it."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from oi_forbidden.acts import NOTHING, Readers, Verb
from oi_forbidden.places import HOLE
from oi_forbidden.python_evaluator import Evaluator
from oi_forbidden.python_scope import Scope
from oi_forbidden.python_values import Thing, Value, as_text
from oi_forbidden.shell_state import Stream


@dataclass(slots=True)
class PythonCall:
    """A call as the tables know it: the function's name, its arguments, and the thing that is called."""

    name: str
    arguments: Sequence[ast.expr]
    keywords: dict[str, ast.expr]
    node: ast.Call
    thing: Thing
    line: int = 0

    @property
    def last(self) -> str:
        """The last part of the function's name."""
        return self.name.rpartition(".")[2]

    def argument(self, place: int, *keywords: str) -> ast.expr | None:
        """Return an argument by one of its names, or by its place."""
        for keyword in keywords:
            if keyword in self.keywords:
                return self.keywords[keyword]
        return self.arguments[place] if 0 <= place < len(self.arguments) else None

    def every_argument(self) -> list[ast.expr]:
        """Return all arguments."""
        return [*self.arguments, *self.keywords.values()]


@dataclass(slots=True)
class PythonContext:
    """A module under review; ``written`` is what goes into files by path, ``fetched`` the paths of what is downloaded.

    Paths whose text is not known are in both under the dump of their expression.
    """

    scope: Scope
    evaluator: Evaluator
    readers: Readers
    line: int
    depth: int
    written: dict[str, str] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    fetched: set[str] = field(default_factory=set)

    def at(self, node: ast.AST) -> int:
        """Return the line of a node in the whole block."""
        return self.line + getattr(node, "lineno", 1) - 1

    def add(self, verb: Verb, target: str, call: PythonCall, *tags: str) -> None:
        """Note an act of a call."""
        self.readers.acts.add(verb, target, call.line, frozenset(tags))

    def add_path(self, verb: Verb, path: str, call: PythonCall, tags: frozenset[str] = NOTHING) -> None:
        """Note an act of a call on a path."""
        administrators = {"administrators"} if path.startswith("/root/") else NOTHING
        self.readers.acts.add_path(verb, path, call.line, tags | administrators)

    def is_fetched(self, expression: ast.expr | None) -> bool:
        """Whether a path is of a file that the code downloads."""
        if expression is None or not self.fetched:
            return False
        texts = {text.removeprefix("./") for text in self.evaluator.texts(expression)}
        return not self.fetched.isdisjoint(texts - {HOLE}) or ast.dump(expression) in self.fetched

    def shell(self, source: str, call: PythonCall, stdin: Stream | None = None) -> None:
        """Read what a call gives to a shell."""
        tags = frozenset({"loop"}) if call.node in self.scope.repeated else NOTHING
        self.readers.shell(source, call.line, self.depth + 1, stdin, tags)

    def python(self, source: str, call: PythonCall) -> None:
        """Read Python source that a call runs."""
        self.readers.python(source, call.line, self.depth + 1)

    def unseen(self, call: PythonCall, expression: ast.expr, *tags: str) -> None:
        """Note code or commands that only show at run time, with where they come from."""
        self.add(Verb.CODE, call.name, call, *tags, *(self.evaluator.origins(expression) & {"network", "decoded"}))


def command_line(words: Sequence[Value]) -> str:
    """Return words as source for a shell."""
    return " ".join(quoted(as_text(word)) for word in words)


def quoted(word: str) -> str:
    """Return a word so that a shell takes it as it stands."""
    return shlex.quote(word) if HOLE not in word else "'" + word.replace("'", "'\\''") + "'"
