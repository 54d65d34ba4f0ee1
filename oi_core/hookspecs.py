"""The hooks: everything a plugin can add to the interpreter.

A plugin is a module or object registered under the entry-point group ``interpreter``; it implements any of these with
``@oi_core.plugin_api.hookimpl``. Implementations may leave out arguments they do not need. The verb of a hook tells its
contract: *provide* is collected, *review* is decided by the strictest, *extend* is joined, *observe* is told. No result
depends on the order of plugins; hook wrappers are refused, because they would.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from oi_core.commands import Command
    from oi_core.events import Event
    from oi_core.executors import Language, Launcher
    from oi_core.messages import CodeBlock
    from oi_core.model import ModelProvider
    from oi_core.review import Policy, Review
    from oi_core.settings import Config

PROJECT_NAME = "interpreter"

hookspec = pluggy.HookspecMarker(PROJECT_NAME)
hookimpl = pluggy.HookimplMarker(PROJECT_NAME)


@hookspec
def provide_settings() -> type[Any] | None:
    """Declare the plugin's own settings as a dataclass for ``[tool.interpreter.plugins.NAME]``.

    NAME is the plugin's entry-point name. Every field needs a default; :func:`oi_core.plugin_api.setting` adds a scope
    and a help line to one. The validated instance is ``config.plugin_settings("NAME")`` in every other hook.

    None means that the plugin has no settings. Results are not combined: each plugin has its own table. When it raises
    or returns anything but a dataclass, the plugin is named and switched off.
    """


@hookspec
def provide_languages(config: Config) -> Sequence[Language] | None:
    """Provide languages that code can run in.

    None means none. Results are collected by name; one name from two plugins is a ``ConfigError`` that names both. When
    it raises, the plugin is named once and provides nothing; the rest goes on.
    """


@hookspec
def provide_models(config: Config) -> Sequence[ModelProvider] | None:
    """Provide models behind a prefix: the provider of ``demo`` opens ``demo/tour``; no prefix means ``openai``.

    None means none. Results are collected by prefix; one prefix from two plugins is a ``ConfigError`` that names both.
    When it raises, the plugin is named once and provides nothing; the rest goes on.
    """


@hookspec
def provide_launchers(config: Config) -> Sequence[Launcher] | None:
    """Provide ways to start language processes; the setting ``launcher`` names the one to use.

    None means none. Results are collected by name; one name from two plugins is a ``ConfigError`` that names both. When
    it raises, the plugin is named once and provides nothing; the rest goes on.
    """


@hookspec
def provide_commands(config: Config) -> Sequence[Command] | None:
    """Provide slash commands for the prompt.

    None means none. Results are collected by name; one name from two plugins is a ``ConfigError`` that names both. When
    it raises, the plugin is named once and provides nothing; the rest goes on.
    """


@hookspec
def review_code(block: CodeBlock, policy: Policy) -> Review | None:
    """Give an opinion on code before it runs.

    None means no opinion. The strictest opinion of all plugins stands; BLOCK is final, ASK asks the person even under
    auto-run, ALLOW says that the code was read and found harmless. When it raises, or returns anything but a ``Review``
    or None, that counts as BLOCK and names the plugin: review fails closed. It runs in a thread of its own; when it has
    not answered after two seconds, that counts as ASK.
    """


@hookspec
def extend_system_message(config: Config) -> str | None:
    """Add a paragraph to the instructions that the model gets.

    None or an empty string adds nothing. Paragraphs are joined in the order of the plugins' names. When it raises, the
    plugin is named once and adds nothing; the rest goes on.
    """


@hookspec
def observe_event(event: Event) -> None:
    """Be told of every event of every turn, after the view was handed it.

    What it returns is ignored, None included. Every plugin is told. When it raises, the plugin is named once, and is
    told of no further events; the rest goes on.
    """
