"""A session: configuration, plugins, model, conversation and processes put together. The one composition root."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from oi_core.approval import Ask, AskInput, nobody_to_ask
from oi_core.config import Resolution
from oi_core.conversation import Conversation
from oi_core.errors import ModelError, SessionError
from oi_core.events import Event, Executed, Level, Notice, TurnEnded, TurnOutcome
from oi_core.executors import Language, Launcher, Workspace, usual_columns
from oi_core.forbidden_defaults import DEFAULT_FORBIDDEN_COMMANDS
from oi_core.instructions import default_system_message, system_text
from oi_core.launching import chosen_launcher
from oi_core.messages import CodeBlock, SystemMessage, UserMessage
from oi_core.model_access import ModelAccess
from oi_core.model_facts.context_sizes import context_size, is_own_server
from oi_core.plugin_manager import Plugins
from oi_core.printed.bounded_output import OutputBound
from oi_core.printed.spool import SpoolFolder
from oi_core.prompts import Prompts
from oi_core.review import Policy, Review
from oi_core.saved.recording import Recording
from oi_core.session_commands import COMMANDS
from oi_core.spending import Spending
from oi_core.stopping import StopRequest
from oi_core.tokens import ByteEstimate
from oi_core.tool_schema import Tool, run_code_tool
from oi_core.workbench import Workbench
from oi_core.workspaces import FIRST_LANGUAGES, allowed_languages, seconds_for, spoken_names, workspace_of

if TYPE_CHECKING:
    from oi_core.commands import Command
    from oi_core.model import Model
    from oi_core.results import ExecutionResult
    from oi_core.saved.archive import SavedSession
    from oi_core.tokens import Counting
    from oi_core.turn import BlockParts, TurnParts

# Turns, and what they read replies with, are imported with the first of them: a chat's first prompt need not wait.
KEPT_RESULTS = 200
DEFAULT_LANGUAGE = "python"
"""The one to have ready before any code is there: most code that models write is Python."""


class Session:
    """One conversation with one model, and the language processes that belong to it.

    One thread reads events at a time; :meth:`interrupt` and :meth:`answer` may be called from others.
    """

    def __init__(
        self, resolution: Resolution, plugins: Plugins, *, ask: Ask | None = None, on_input: AskInput | None = None
    ) -> None:
        self.resolution = resolution
        self.config = resolution.config
        self.plugins = plugins
        self.ask: Ask = ask or nobody_to_ask
        self.conversation: Conversation = Conversation()
        self.system_message = default_system_message()
        self.api_key: str | None = None
        self.output_chars: int | None = None
        """How many characters of an output the model is told, 0 for all; None leaves it to ``limits.output_tokens``."""
        self.columns: Callable[[], int] = usual_columns
        """How wide programs find their terminal; a view that shows their output says how wide that is."""
        self.forbidden_commands = [*DEFAULT_FORBIDDEN_COMMANDS, *self.config.forbidden_commands]
        self.languages = allowed_languages(plugins.languages(self.config), self.config.languages.allow)
        own_commands = {command.name: command for command in COMMANDS}
        self.commands: dict[str, Command] = {**plugins.commands(self.config), **own_commands}
        self.prompts = Prompts()
        self.results: deque[ExecutionResult] = deque(maxlen=KEPT_RESULTS)
        """What ran in turns, the newest last."""
        self.recording = Recording(self.config.folder)
        self.spending = Spending()
        self._models = ModelAccess(plugins.models(self.config))
        self.launcher: Launcher = chosen_launcher(plugins.launchers(self.config), self.config)
        self.start_notices: list[Notice] = [*resolution.notices, *plugins.take_notices()]
        self._workbench = Workbench(
            self.languages,
            self.workspace,
            on_input,
            SpoolFolder(self.config.limits.spool_bytes, self.launcher.output_folder(self.config.folder)),
        )
        self._busy = threading.Lock()
        self._stop = StopRequest()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the language processes and give the model's connections back; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self.interrupt()
        self._workbench.close()
        self.launcher.close()
        self._models.close()
        self.recording.close()

    def stream(self, text: str, images: Sequence[str] = ()) -> Iterator[Event]:
        """Take one turn: yield everything that happens from the person's message to the model's last word.

        ``images`` are pictures to send with it, as URLs (``data:`` or ``https:``).

        The last event is ``TurnEnded``. A model that cannot be reached is a ``Notice`` and the outcome ``FAILED``.
        Closing the iterator stops the turn; the conversation stays valid.

        Raises:
            SessionError: the session is closed, or another turn is under way.
            ConfigError: the setting ``model`` names no model.
        """
        with self._exclusive(), closing(self._turn(UserMessage(text, tuple(images)))) as events:
            self.spending.ledger.begin_turn()
            self.recording.follow(self.conversation, self.config.model)
            for event in events:
                self.recording.observe(event)
                if isinstance(event, Executed) and event.result.outcome.ran:
                    self.results.append(event.result)
                yield event
                self.plugins.observe(event)

    def _turn(self, message: UserMessage) -> Generator[Event, None, None]:
        from oi_core.turn import take_turn

        try:
            model = self._models.open(self.config, self.api_key)
        except ModelError as error:
            self.conversation.add(message)
            yield Notice(str(error), Level.ERROR)
            yield TurnEnded(TurnOutcome.FAILED)
            return
        if self.config.auto_compact and self._has_outgrown_window(model, message):
            yield from (event for event in self._compaction(model, "") if isinstance(event, Notice))
        yield from take_turn(self._turn_parts(model), message)

    def _has_outgrown_window(self, model: Model, message: UserMessage) -> bool:
        self._turn_parts(model)
        self.prompts.build([*self.conversation.messages, message])
        self.prompts.take_notices()
        return not self.prompts.is_whole

    def compact(self, focus: str = "") -> Iterator[Event]:
        """Have the model summarise the conversation; from then on prompts begin with the summary.

        No message is changed or removed: the summary is a message of its own, behind those it stands for. ``focus`` is
        what to keep above all. Yields the model's text as it comes; the last event is ``TurnEnded``.

        Raises:
            SessionError: the session is closed, or another turn is under way.
            ConfigError, ModelError: the model cannot be opened.
        """
        with self._exclusive(), closing(self._compaction(self.opened_model(), focus)) as events:
            self.spending.ledger.begin_turn()
            outcome = yield from events
            yield TurnEnded(outcome)

    def _compaction(self, model: Model, focus: str) -> Generator[Event, None, TurnOutcome]:
        from oi_core.compaction import INSTRUCTIONS, compact

        parts = replace(self._turn_parts(model), conversation=Conversation(), tools=(), languages={})
        self._begin_requests(model, INSTRUCTIONS, ())
        return (yield from compact(parts, self.conversation, focus))

    def rehearse(self) -> None:
        """Build the next prompt without sending it, so that :attr:`prompts` can tell of it.

        Raises:
            ConfigError, ModelError: the model cannot be opened.
        """
        self._turn_parts(self.opened_model())
        self.prompts.build(self.conversation.messages)

    def run_code(self, language: str, code: str, timeout: float | None = None) -> Iterator[Event]:
        """Run the caller's own code: no model, no review, and no trace in the conversation.

        Yields what the code reports and ends with ``Executed``. ``timeout`` is in seconds; None is the configured
        limit, 0 is no limit.

        Raises:
            UnknownLanguage: there is no such language.
            SessionError: the session is closed, or busy with something else.
        """
        known = self._workbench.language(language)
        block = CodeBlock("", known.name, code)
        seconds = seconds_for(self.config, known.name) if timeout is None else timeout
        with self._exclusive(), closing(self._execution(block, seconds)) as events:
            for event in events:
                self.recording.observe(event)
                yield event

    def _execution(self, block: CodeBlock, seconds: float) -> Generator[Event, None, None]:
        result = yield from self._workbench.run(block, seconds, self._output_bound(ByteEstimate))
        yield from self.launcher.notices()
        yield Executed(result)

    def run_again(self, block: CodeBlock) -> Iterator[Event]:
        """Run a block of an earlier session, reviewed and asked about as if the model had just written it.

        No trace of it is left in the conversation. Yields what happens and ends with ``Executed``.

        Raises:
            SessionError: the session is closed, or busy with something else.
        """
        from oi_core.turn import take_block

        with self._exclusive():
            result, _ = yield from take_block(self._block_parts(), block)
            if result.outcome.ran:
                self.results.append(result)
            yield from self.launcher.notices()
            yield Executed(result)

    def review_code(self, language: str, code: str) -> Review:
        """Return the strictest opinion of the reviewers on code; ``ALLOW`` when none has one. Nothing runs.

        That a person is asked all the same is the doing of the setting ``approval``, not of a review.
        """
        name = spoken_names(self.languages).get(language, language)
        return self.plugins.review(CodeBlock("", name, code), self._policy())

    def interrupt(self) -> None:
        """Stop what happens now, the model's reply or the running code, and keep the state.

        Safe from any thread and from a signal handler; returns at once, the events say when it happened.
        """
        self._stop.requested = True
        self._models.cancel()
        self._workbench.interrupt()

    def answer(self, text: str | None) -> None:
        """Give the running program the line it asked for with ``InputRequested``; None is end of file.

        Call it before reading the next event, or within half a second from another thread; else the program reads end
        of file. A function handed to :func:`open_session` as ``on_input`` may take as long as it likes.
        """
        self._workbench.answer(text)

    def configure(self, **changes: Any) -> None:  # the values of Config's fields, of their own types
        """Replace settings from the next turn on."""
        self.config = replace(self.config, **changes)

    def reset(self) -> None:
        """Start a new conversation; settings and language processes stay."""
        self.conversation = self.conversation.fresh()
        self.prompts.begin_conversation()

    @property
    def started_languages(self) -> tuple[str, ...]:
        """The languages that have a process now."""
        return self._workbench.started

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write what was said and run to a file that :meth:`load` reads.

        Raises:
            ConfigError: the file is there already, or cannot be written.
        """
        from oi_core.saved.exporting import save

        save(self.recording.saved(self.conversation), Path(path), overwrite=overwrite)

    def load(self, path: str | Path) -> SavedSession:
        """Go on with the conversation of a file, saved, exported as JSON, or a list of OpenAI-shaped messages.

        Returns what the file holds. Nothing runs: the language processes stay as they are.

        Raises:
            ConfigError: the file holds no conversation.
        """
        from oi_core.saved.reading import read_saved

        saved = read_saved(Path(path))
        self.conversation = self.recording.resume(saved)
        return saved

    def restart(self, language: str) -> None:
        """End a language's process; its next code starts a fresh one.

        Raises:
            UnknownLanguage: there is no such language.
        """
        self._workbench.restart(language)

    def known_language(self, name: str) -> Language:
        """Return the language of this name or alias.

        Raises:
            UnknownLanguage: there is none; the message lists those there are.
        """
        return self._workbench.language(name)

    def warm_up(self) -> None:
        """Start the default language's process, so that the first code need not wait; failures show when it is used.

        A program of the project's own is left alone: nobody has agreed yet to run anything of it.
        """
        language = self.languages.get(DEFAULT_LANGUAGE) or next(iter(self.languages.values()), None)
        if language is None or self._closed or language.probe(self.workspace(language)).from_project:
            return
        self._workbench.start(language.name)

    def load_ahead(self) -> None:
        """Import what the first turn needs, so that it need not wait: turns, reviewers, the model's client."""
        import oi_core.turn  # noqa: F401  (for its own sake)

        for language in FIRST_LANGUAGES:
            self.review_code(language, "")
        if self.has_key:
            self._models.load_ahead(self.config)

    @property
    def has_key(self) -> bool:
        """Whether the chosen model has what it needs to be asked: an API key, or a server that may need none."""
        return self._models.has_key(self.config, self.api_key)

    def workspace(self, language: Language) -> Workspace:
        """Return where and how this language starts."""
        return workspace_of(language, self.config, self.launcher, lambda: self.columns())

    def opened_model(self) -> Model:
        """Return the model that the configuration names, opened.

        Raises:
            ConfigError: no plugin provides it.
            ModelError: it has no key, or does not exist.
        """
        return self._models.open(self.config, self.api_key)

    def _notices(self) -> list[Notice]:
        return [
            *self.plugins.take_notices(),
            *self.launcher.notices(),
            *self.prompts.take_notices(),
            *self.spending.take_notices(),
            *self.recording.take_notices(),
        ]

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        if self._closed:
            raise SessionError("the session is closed", "open another one")
        if not self._busy.acquire(blocking=False):
            raise SessionError("the session is busy with a turn", "wait for its last event, or call interrupt()")
        self._stop.requested = False
        try:
            yield
        finally:
            self._busy.release()

    def _turn_parts(self, model: Model) -> TurnParts:
        from oi_core.turn import TurnParts

        # Languages that cannot start here are not offered to the model.
        available = [each for each in self.languages.values() if each.probe(self.workspace(each)).available]
        tools = [run_code_tool(available)]
        system = system_text(self.system_message, self.config, self.plugins.system_message(self.config))
        self._begin_requests(model, SystemMessage(system), tools)
        return TurnParts(
            conversation=self.conversation,
            model=model,
            tools=tools,
            languages=spoken_names(self.languages),
            prompts=self.prompts,
            spending=self.spending,
            blocks=self._block_parts(),
            max_replies=self.config.limits.turns,
            notices=self._notices,
        )

    def _block_parts(self) -> BlockParts:
        from oi_core.turn import BlockParts

        return BlockParts(
            review=self.plugins.review,
            policy=self._policy(),
            ask=lambda block, review: self.ask(block, review),
            workbench=self._workbench,
            seconds_for=lambda name: seconds_for(self.config, name),
            output_bound=self._output_bound(self.prompts.output_counting),
            stop=self._stop,
        )

    def _output_bound(self, counting: Callable[[], Counting]) -> OutputBound:
        if self.output_chars is not None:
            return OutputBound(self.output_chars)
        return OutputBound(self.config.limits.output_tokens, counting, "tokens")

    def _begin_requests(self, model: Model, system: SystemMessage, tools: Sequence[Tool]) -> None:
        from oi_core.model_facts.prices import price_of

        own = is_own_server(self.config.base_url or os.environ.get("OPENAI_BASE_URL"))
        size = context_size(model.name, setting=self.config.context_window, server=model.context_window, own_server=own)
        self.prompts.begin_turn(model.name, size, system, tools)
        price = price_of(model.name, self.config.prices, own_server=own)
        self.spending.set_price(model.name, price, self.config.limits.cost)

    def _policy(self) -> Policy:
        return Policy(self.config.approval, self.config.folder, self.forbidden_commands)
