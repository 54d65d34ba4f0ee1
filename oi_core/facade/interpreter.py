"""The Python API: ``import interpreter``, then ``interpreter.chat("…")``.

The module forwards a closed list of names to one session, made on first use. Every setting is read afresh at each turn,
and assigning to a name that is not on the list raises, so that a misspelt setting is not silently lost::

    import interpreter

    interpreter.model = "gpt-6-luna"
    interpreter.system_message += " Answer in French."
    messages = interpreter.chat("How many files are in this folder?", return_messages=True)
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_core.events import Event
    from oi_core.session import Session

    messages: list[dict[str, Any]]
    system_message: str
    temperature: float | None
    api_key: str | None
    api_base: str | None
    model: str
    auto_run: bool
    max_output_chars: int | None
    max_output_tokens: int
    forbidden_commands: list[str]

    def chat(message: str | None = None, return_messages: bool = False) -> list[dict[str, Any]] | None: ...
    def stream(message: str) -> Iterator[Event]: ...
    def reset() -> None: ...
    def load(messages: list[dict[str, Any]]) -> None: ...


class _Interpreter(ModuleType):
    """The type of the module ``interpreter``: its attributes are these properties and methods."""

    _lazy_session: Session | None = None

    @property
    def _session(self) -> Session:
        if self._lazy_session is None:
            from oi_core.opening import open_session
            from oi_core.wire.conversation import WireConversation

            session = open_session()
            session.conversation = WireConversation()
            ModuleType.__setattr__(self, "_lazy_session", session)
            return session
        return self._lazy_session

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("__") and name not in _NAMES:
            raise AttributeError(f"module 'interpreter' has no setting {name!r}; it has: {', '.join(sorted(_NAMES))}")
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_NAMES})

    def chat(self, message: str | None = None, return_messages: bool = False) -> list[dict[str, Any]] | None:
        """Take one turn and show it in the terminal; without a message, chat until the person leaves with ``exit``.

        Returns None, or with ``return_messages`` the live list of OpenAI-shaped messages. On a terminal the person is
        asked before code runs, unless ``auto_run``; elsewhere code that needs asking is shown, not run.

        Raises:
            InterpreterError: a setting or a loaded message cannot be used.
        """
        from oi_core.cli.from_python import chat, show_message

        if message:
            show_message(self._session, message)
        else:
            chat(self._session)
        return self.messages if return_messages else None

    def stream(self, message: str) -> Iterator[Event]:
        """Take one turn and yield its events, the last of them ``TurnEnded``; nothing is shown or asked."""
        return self._session.stream(message)

    def reset(self) -> None:
        """Start a new conversation in a new list; the old list, the settings and the language processes stay."""
        self._session.reset()

    def load(self, messages: list[dict[str, Any]]) -> None:
        """Go on from these OpenAI-shaped messages, of today's form or of 2023's; the list itself is kept, nothing runs.

        Raises:
            ConfigError: one of them is not a message; the error names its place.
        """
        from oi_core.wire.conversation import WireConversation

        conversation = WireConversation(messages)
        _ = conversation.messages
        self._session.conversation = conversation

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The live list of OpenAI-shaped messages."""
        from oi_core.wire.conversation import WireConversation

        conversation = self._session.conversation
        assert isinstance(conversation, WireConversation)  # noqa: S101  (this module made it)
        return conversation.dicts

    @messages.setter
    def messages(self, value: list[dict[str, Any]]) -> None:
        self.load(value)

    @property
    def system_message(self) -> str:
        """The instructions that the model gets before everything else."""
        return self._session.system_message

    @system_message.setter
    def system_message(self, value: str) -> None:
        self._session.system_message = _checked("system_message", value, str)

    @property
    def forbidden_commands(self) -> list[str]:
        """Commands that never run: the list that is in force, to be changed in place."""
        return self._session.forbidden_commands

    @forbidden_commands.setter
    def forbidden_commands(self, value: list[str]) -> None:
        self._session.forbidden_commands = _checked("forbidden_commands", value, list)

    @property
    def api_key(self) -> str | None:
        """The API key; None stands for ``OPENAI_API_KEY``, then for a question on the terminal."""
        return self._session.api_key

    @api_key.setter
    def api_key(self, value: str | None) -> None:
        self._session.api_key = _checked("api_key", value, str, type(None))

    @property
    def temperature(self) -> float | None:
        """The model's temperature; None leaves it to the server, and some models take no other."""
        return self._session.config.temperature

    @temperature.setter
    def temperature(self, value: float | None) -> None:
        self._session.configure(temperature=_checked("temperature", value, int, float, type(None)))

    @property
    def model(self) -> str:
        """The model's name, with a plugin's prefix where it is not an OpenAI-compatible server's."""
        return self._session.config.model

    @model.setter
    def model(self, value: str) -> None:
        self._session.configure(model=_checked("model", value, str))

    @property
    def api_base(self) -> str | None:
        """The address of an OpenAI-compatible server, up to ``/v1``; None is OpenAI's own."""
        return self._session.config.base_url

    @api_base.setter
    def api_base(self, value: str | None) -> None:
        self._session.configure(base_url=_checked("api_base", value, str, type(None)))

    @property
    def auto_run(self) -> bool:
        """Whether code runs without asking, unless a reviewer asks."""
        return self._session.config.approval.value == "auto"

    @auto_run.setter
    def auto_run(self, value: bool) -> None:
        from oi_core.review import Approval

        self._session.configure(approval=Approval.AUTO if _checked("auto_run", value, bool) else Approval.ASK)

    @property
    def max_output_tokens(self) -> int:
        """How many tokens of a block's output the model is shown; 0 is all of it."""
        return self._session.config.limits.output_tokens

    @max_output_tokens.setter
    def max_output_tokens(self, value: int) -> None:
        from dataclasses import replace

        limits = replace(self._session.config.limits, output_tokens=_checked("max_output_tokens", value, int))
        self._session.configure(limits=limits)

    @property
    def max_output_chars(self) -> int | None:
        """How many characters of it, in place of tokens; 0 is all of it, None leaves it to ``max_output_tokens``."""
        return self._session.output_chars

    @max_output_chars.setter
    def max_output_chars(self, value: int | None) -> None:
        self._session.output_chars = _checked("max_output_chars", value, int, type(None))


def _checked(name: str, value: Any, *types: type) -> Any:  # the value, which has one of the types
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        expected = " or ".join("None" if kind is type(None) else kind.__name__ for kind in types)
        raise TypeError(f"interpreter.{name} takes {expected}, not {type(value).__name__}")
    if isinstance(value, int | float) and value < 0:
        raise ValueError(f"interpreter.{name} is 0 or more, not {value}")
    return value


_NAMES = frozenset(name for name in vars(_Interpreter) if not name.startswith("_"))

sys.modules[__name__].__class__ = _Interpreter
