"""The one door for plugin authors: everything a plugin may import, and nothing else it should.

The kit for language processes on a pty (``ReplExecutor`` and its parts) and what only a request needs are imported on
first use, because most plugins do not need it and every start would pay for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from oi_core.commands import Command
from oi_core.errors import (
    ConfigError,
    ContextOverflow,
    ExecutorError,
    InterpreterError,
    ModelCancelled,
    ModelError,
    ProcessDied,
)
from oi_core.events import (
    CodeDelta,
    CodeReady,
    CodeStarted,
    DisplayData,
    Event,
    Executed,
    ExecutionStarted,
    InputRequested,
    Level,
    LineRunning,
    Notice,
    OutputDelta,
    ReasoningDelta,
    Reviewed,
    TextDelta,
    TurnEnded,
    TurnOutcome,
    Usage,
)
from oi_core.executors import Availability, CellEnded, Executor, ExecutorEvent, Language, Launcher, Workspace
from oi_core.hookspecs import hookimpl
from oi_core.images import described
from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.model import (
    CallPart,
    Delta,
    Model,
    ModelFormat,
    ModelProvider,
    ModelSettings,
    NoticePart,
    ReasoningPart,
    SpeaksFormats,
    StatePart,
    TextPart,
)
from oi_core.results import ExecutionResult, Outcome
from oi_core.review import Approval, Effect, Policy, Review, Verdict
from oi_core.settings import Config, Sandbox, Scope, Stricter, setting
from oi_core.surrogates import mend
from oi_core.tool_schema import TOOL_NAME, Tool

if TYPE_CHECKING:
    from oi_core.model_facts.context_sizes import is_own_server
    from oi_core.repl.boot_parts.node_command import node_availability, node_command
    from oi_core.repl.boot_parts.python.terminal import ChildTerminal
    from oi_core.repl.boot_parts.python_command import python_command
    from oi_core.repl.dialect import Dialect
    from oi_core.repl.executor import ReplExecutor
    from oi_core.repl.frames import as_base64, as_octal_escapes
    from oi_core.trash.folder import Trash
    from oi_core.wire import to_wire
    from oi_core.wire.pairing import paired

__all__ = [
    "TOOL_NAME",
    "Approval",
    "AssistantMessage",
    "Availability",
    "CallPart",
    "CellEnded",
    "ChildTerminal",
    "CodeBlock",
    "CodeDelta",
    "CodeReady",
    "CodeStarted",
    "Command",
    "Config",
    "ConfigError",
    "ContextOverflow",
    "Delta",
    "Dialect",
    "DisplayData",
    "Effect",
    "Event",
    "Executed",
    "ExecutionResult",
    "ExecutionStarted",
    "Executor",
    "ExecutorError",
    "ExecutorEvent",
    "InputRequested",
    "InterpreterError",
    "Language",
    "Launcher",
    "Level",
    "LineRunning",
    "Message",
    "Model",
    "ModelCancelled",
    "ModelError",
    "ModelFormat",
    "ModelProvider",
    "ModelSettings",
    "Notice",
    "NoticePart",
    "Outcome",
    "OutputDelta",
    "Policy",
    "ProcessDied",
    "ReasoningDelta",
    "ReasoningPart",
    "ReplExecutor",
    "Review",
    "Reviewed",
    "Sandbox",
    "Scope",
    "SpeaksFormats",
    "StatePart",
    "Stricter",
    "SystemMessage",
    "TextDelta",
    "TextPart",
    "Tool",
    "ToolMessage",
    "Trash",
    "TurnEnded",
    "TurnOutcome",
    "Usage",
    "UserMessage",
    "Verdict",
    "Workspace",
    "as_base64",
    "as_octal_escapes",
    "described",
    "hookimpl",
    "is_own_server",
    "mend",
    "node_availability",
    "node_command",
    "paired",
    "python_command",
    "setting",
    "to_wire",
]

_ON_FIRST_USE = {
    "ChildTerminal": "oi_core.repl.boot_parts.python.terminal",
    "Dialect": "oi_core.repl.dialect",
    "ReplExecutor": "oi_core.repl.executor",
    "Trash": "oi_core.trash.folder",
    "as_base64": "oi_core.repl.frames",
    "as_octal_escapes": "oi_core.repl.frames",
    "is_own_server": "oi_core.model_facts.context_sizes",
    "node_availability": "oi_core.repl.boot_parts.node_command",
    "node_command": "oi_core.repl.boot_parts.node_command",
    "paired": "oi_core.wire.pairing",
    "python_command": "oi_core.repl.boot_parts.python_command",
    "to_wire": "oi_core.wire",
}


def __getattr__(name: str) -> object:
    if name in _ON_FIRST_USE:
        return getattr(importlib.import_module(_ON_FIRST_USE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
