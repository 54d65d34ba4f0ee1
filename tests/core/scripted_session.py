"""A session with a scripted model and a language of single words, for tests of the turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from oi_core.errors import ModelCancelled
from oi_core.events import Event, OutputDelta
from oi_core.executors import CellEnded, Executor, ExecutorEvent, Language, Workspace
from oi_core.hookspecs import hookimpl
from oi_core.messages import AssistantMessage, CodeBlock, Message, ToolMessage
from oi_core.model import CallPart, Delta, ModelProvider, ModelSettings, TextPart
from oi_core.opening import open_session
from oi_core.results import Outcome
from oi_core.review import Policy, Review
from oi_core.session import Session
from oi_core.tool_schema import Tool

Reviewer = Callable[[CodeBlock, Policy], Review | None]
Turn = Sequence[Delta | Exception | Callable[[], None]]


class EchoExecutor:
    """Prints its code; ``fail`` fails, ``stop`` reports an interrupt."""

    def run(self, code: str) -> Iterator[ExecutorEvent]:
        yield OutputDelta(f"ran {code}\n")
        if code == "fail":
            yield CellEnded(Outcome.FAILED, exit_status=1)
        if code == "stop":
            yield CellEnded(Outcome.INTERRUPTED)

    def interrupt(self) -> None: ...

    def answer(self, text: str | None) -> None: ...

    def close(self) -> None: ...


@dataclass
class Script:
    """A model that plays ``turns`` and remembers the prompts; also the plugin that provides it and the language."""

    turns: list[Turn]
    reviewer: Reviewer = lambda _block, _policy: None
    prompts: list[Sequence[Message]] = field(default_factory=list)
    observed: list[Event] = field(default_factory=list)
    name: str = "script/test"
    context_window: int | None = 8192
    cancelled: bool = False

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        self.prompts.append(messages)
        for step in self.turns.pop(0):
            if isinstance(step, Exception):
                raise step
            if callable(step):
                step()
                if self.cancelled:
                    raise ModelCancelled("stopped")
            else:
                yield step

    def cancel(self) -> None:
        self.cancelled = True

    def close(self) -> None: ...

    @hookimpl
    def provide_models(self) -> list[ModelProvider]:
        def opened(name: str, settings: ModelSettings) -> Script:
            return self

        return [ModelProvider("script", "a scripted model", opened)]

    @hookimpl
    def provide_languages(self) -> list[Language]:
        def start(workspace: Workspace) -> Executor:
            return EchoExecutor()

        return [Language("echo", "prints its code", start, aliases=("parrot",))]

    @hookimpl
    def review_code(self, block: CodeBlock, policy: Policy) -> Review | None:
        return self.reviewer(block, policy)

    @hookimpl
    def observe_event(self, event: Event) -> None:
        self.observed.append(event)

    def open(self, **settings: object) -> Session:
        """Open an isolated session that talks to this script."""
        return open_session(
            isolated=True,
            extra_plugins={"script": self},
            **{"model": "script/test", "auto_run": True, **settings},  # type: ignore[arg-type]  # any setting
        )


def call(code: str, language: str = "echo", index: int = 0) -> CallPart:
    """Return a whole call."""
    arguments = f'{{"language": "{language}", "code": "{code}"}}'
    return CallPart(index, f"call{index:05d}", "run_code", arguments)


def text(words: str) -> TextPart:
    """Return a piece of text."""
    return TextPart(words)


def unanswered_calls(messages: Sequence[Message]) -> list[str]:
    """Return the ids of calls without exactly one result behind their message."""
    wrong = []
    for index, message in enumerate(messages):
        if isinstance(message, AssistantMessage) and message.blocks:
            following = messages[index + 1 : index + 1 + len(message.blocks)]
            results = [m.call_id for m in following if isinstance(m, ToolMessage)]
            wrong += [block.call_id for block in message.blocks if results.count(block.call_id) != 1]
    return wrong
