"""Which format suits a model: tiny tasks in each, whose replies are checked and never run."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oi_core.closing import closing_iterator
from oi_core.code_stream import ReplyReader
from oi_core.errors import ModelCancelled, ModelError
from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage

if TYPE_CHECKING:
    from oi_core.model import Model, ModelFormat, SpeaksFormats
    from oi_core.tool_schema import Tool

LONGEST_REPLY: Final = 4_000
"""Characters after which a reply counts as failed: small models can go on for ever."""
LONGEST_SECONDS: Final = 120.0
"""Seconds after which it does too."""
_SYSTEM: Final = (
    "You are a code interpreter on the person's machine. When a question needs computing or looking something up, run "
    "code and read its output. Then answer in plain words."
)


@dataclass(frozen=True, slots=True)
class ProbeTask:
    """One task: what the person says, and whether a reply does it. ``so_far`` stands between, if there was more."""

    name: str
    question: str
    done_by: Callable[[AssistantMessage], bool]
    so_far: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """How a model did in one format: ``passed`` and ``failed`` name tasks; ``error`` says why it could not be asked."""

    model_format: ModelFormat
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    error: str = ""

    @property
    def success(self) -> float:
        """The share of the tasks that were done, 0 to 1."""
        tasks = len(self.passed) + len(self.failed)
        return len(self.passed) / tasks if tasks else 0.0


def _runs(message: AssistantMessage, language: str, pattern: str) -> bool:
    """Whether a reply runs one block of this language with code of this kind; Python must parse."""
    if len(message.blocks) != 1 or message.blocks[0].language != language:
        return False
    code = message.blocks[0].code
    return re.search(pattern, code, re.DOTALL) is not None and (language != "python" or _parses(code))


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _answers(message: AssistantMessage) -> bool:
    """Whether a reply says the result and runs nothing more."""
    return not message.blocks and re.search(r"56[ ,.'\u202f]?088", message.text) is not None


_PRODUCT: Final = CodeBlock("probe0001", "python", "print(123 * 456)")
TASKS: Final[Mapping[str, tuple[ProbeTask, ...]]] = {
    "python": (
        ProbeTask(
            "computes",
            "What is 123*456? Use Python.",
            lambda reply: _runs(reply, "python", r"123\s*\*\s*456|456\s*\*\s*123"),
        ),
        ProbeTask(
            "counts letters",
            "How often does the letter r occur in 'strawberry'? Use Python.",
            lambda reply: _runs(reply, "python", r"strawberry.*r|r.*strawberry"),
        ),
        ProbeTask(
            "ends with the answer",
            "What is 123*456? Use Python.",
            _answers,
            (AssistantMessage("", (_PRODUCT,)), ToolMessage(_PRODUCT.call_id, "56088")),
        ),
    ),
    "shell": (
        ProbeTask(
            "uses the shell",
            "List the files in the current folder. Use the shell.",
            lambda reply: _runs(reply, "shell", r"\b(ls|dir|find|echo \*)"),
        ),
    ),
}
"""The tasks, by the language that they need."""


def probe_formats(
    model: Model,
    tools: Sequence[Tool],
    names: Mapping[str, str],
    *,
    rounds: int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[ProbeResult]:
    """Yield how a model does in each of its formats; nothing for a model that knows none.

    ``names`` maps what models may call each language to the language. ``progress`` is told what is being tried.

    Raises:
        ModelCancelled: :meth:`oi_core.model.Model.cancel` was called.
    """
    from oi_core.model import SpeaksFormats

    if not isinstance(model, SpeaksFormats):
        return
    known = set(names.values())
    tasks = [task for language, listed in TASKS.items() if language in known for task in listed] * rounds
    for model_format in sorted(model.formats):
        progress(f"{model.name} with model-format = {model_format}")
        yield _probe(model, model_format, tasks, tools, names)


def best_format(results: Sequence[ProbeResult]) -> ModelFormat | None:
    """Return the format with the most success, or None when there was none; of equal ones tools, then schema."""
    order = ["tools", "schema", "fences"]
    ranked = sorted(results, key=lambda result: (-result.success, order.index(result.model_format)))
    return ranked[0].model_format if ranked and ranked[0].success else None


def _probe(
    model: SpeaksFormats,
    model_format: ModelFormat,
    tasks: Sequence[ProbeTask],
    tools: Sequence[Tool],
    names: Mapping[str, str],
) -> ProbeResult:
    passed: list[str] = []
    failed: list[str] = []
    for task in tasks:
        messages = [SystemMessage(_SYSTEM), UserMessage(task.question), *task.so_far]
        try:
            reply = _reply(model, model_format, messages, tools, names)
        except ModelCancelled:
            raise
        except ModelError as error:
            rest = [one.name for one in tasks[len(passed) + len(failed) :]]
            return ProbeResult(model_format, tuple(passed), (*failed, *rest), str(error))
        (passed if reply is not None and task.done_by(reply) else failed).append(task.name)
    return ProbeResult(model_format, tuple(passed), tuple(failed))


def _reply(
    model: SpeaksFormats,
    model_format: ModelFormat,
    messages: Sequence[Message],
    tools: Sequence[Tool],
    names: Mapping[str, str],
) -> AssistantMessage | None:
    """Return the reply, or None for one that is too long or that holds a call nobody can understand."""
    reader = ReplyReader(names)
    length, latest = 0, time.monotonic() + LONGEST_SECONDS
    with closing_iterator(model.stream_as(model_format, messages, tools)) as deltas:
        for event in reader.read(deltas):
            length += len(getattr(event, "text", ""))
            if length > LONGEST_REPLY or time.monotonic() > latest:
                return None
    reply = reader.reply()
    return None if reply.problems else reply.message
