"""The errors a person can meet, each one line with its next step; anything else that is raised is a bug.

::

    InterpreterError
    ├── ConfigError            a wrong setting, a wrong plugin, a wrong command line            exit code 2
    ├── ApprovalNeeded         something to agree to, and nobody there to ask                   exit code 4
    ├── ModelError             no key, no network, a refusal, a broken stream                   exit code 3
    │   ├── ModelCancelled     the reply was stopped on request; not shown as an error
    │   └── ContextOverflow    the conversation does not fit into the model's window
    ├── ExecutorError          a language process cannot start or be reached                    exit code 7
    │   ├── UnknownLanguage    no such language; the message lists those there are
    │   └── ProcessDied        the process ended while code ran
    └── SessionError           a session used after its end, or from two threads at once        exit code 2
"""

from __future__ import annotations

from typing import ClassVar


class InterpreterError(Exception):
    """An error to show as one line: what is wrong and where; ``next_step`` says what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} · {self.next_step}" if self.next_step else self.message


class ConfigError(InterpreterError):
    """A setting, a plugin or a command line that cannot be used as it stands."""

    exit_code = 2


class ApprovalNeeded(InterpreterError):
    """Something that a person must agree to first, and nobody is there to ask."""

    exit_code = 4


class ModelError(InterpreterError):
    """The model could not be reached, refused, or broke off; what had arrived by then is kept."""

    exit_code = 3


class ContextOverflow(ModelError):
    """The prompt does not fit into the model's window.

    ``window`` is the window's size and ``prompt_tokens`` the prompt's, in tokens, where the server says them.
    """

    def __init__(
        self, message: str, next_step: str = "", *, window: int | None = None, prompt_tokens: int | None = None
    ) -> None:
        super().__init__(message, next_step)
        self.window = window
        self.prompt_tokens = prompt_tokens


class ModelCancelled(ModelError):
    """The reply was stopped by :meth:`oi_core.model.Model.cancel`."""


class ExecutorError(InterpreterError):
    """A language process cannot be started or reached."""

    exit_code = 7


class UnknownLanguage(ExecutorError):
    """No plugin provides this language."""


class ProcessDied(ExecutorError):
    """The language process ended while code ran, or before it could take any.

    ``exit_status`` is its exit code, or minus the number of the signal that ended it, or None when unknown. ``started``
    is False when it never took code.
    """

    def __init__(self, message: str, exit_status: int | None = None, *, started: bool = True) -> None:
        super().__init__(message)
        self.exit_status = exit_status
        self.started = started


class SessionError(InterpreterError):
    """A session was used after its end, or for two things at once."""

    exit_code = 2
