"""Every setting there is: its name, type, default, and how far a project's own file may set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from oi_core.appearance import Notify, Pictures, Theme
from oi_core.model import ModelFormat
from oi_core.review import Approval

DEFAULT_MODEL = "gpt-6-luna"
ESSENTIAL_PLUGIN = "forbidden"
"""The reviewer that no file can disable, and without which no code runs."""
T = TypeVar("T")


class Sandbox(StrEnum):
    """What code may write: nothing of the person's, the project's folder, or, without a sandbox, everything."""

    READ_ONLY = "read-only"
    WORKSPACE = "workspace"
    NONE = "none"


class EditingMode(StrEnum):
    """Whose keys the prompt has."""

    EMACS = "emacs"
    VI = "vi"


class Scope(StrEnum):
    """How far ``[tool.interpreter]`` of a project may set a value: a cloned repository is a stranger's input."""

    FREE = "free"
    """Always honoured."""
    NARROW = "narrow"
    """Honoured when it is stricter than what the person has."""
    TRUST = "trust"
    """Honoured once the person trusts the project."""
    USER = "user"
    """Never honoured: only the person's own file, environment and command line set it."""


class Stricter(StrEnum):
    """Which of two values of a narrow setting is the stricter one."""

    LOWER = "lower"
    """A smaller number; None is no limit."""
    EARLIER = "earlier"
    """The choice that stands earlier in the setting's ``order``."""
    MORE = "more"
    """More entries: the project's are added to the person's."""
    FEWER = "fewer"
    """Fewer entries: only those in both stay; None is everything."""
    FALSE = "false"
    """No rather than yes."""


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """What the configuration needs to know of a field besides its type and default."""

    scope: Scope
    help: str = ""
    stricter: Stricter | None = None
    order: tuple[str, ...] = ()
    minimum: float | None = None


NOT_A_SETTING: Mapping[str, None] = MappingProxyType({"setting": None})
"""The metadata of a field that no configuration source sets."""


@dataclass(frozen=True, slots=True)
class NoSettings:
    """Stands for the settings of a plugin that declares none: its table may hold nothing."""


@dataclass(frozen=True, slots=True)
class UnreadSettings:
    """Stands for the settings of a plugin that is disabled or broken: its table is not looked at."""


def setting(
    default: T,
    scope: Scope = Scope.TRUST,
    help: str = "",  # noqa: A002  (the field's word for it, as in argparse and click)
    *,
    stricter: Stricter | None = None,
    order: tuple[str, ...] = (),
    minimum: float | None = None,
) -> T:
    """Declare a dataclass field that is a setting; returns what :func:`dataclasses.field` does, typed as its default.

    Plugins use it for their own settings. Without a scope a field is ``TRUST``: a project's value waits for the
    person's trust. ``stricter`` says what narrowing means, for scope ``NARROW``; ``minimum`` is the least
    number allowed.
    """
    info = SettingInfo(scope, help, stricter, order, minimum)
    if scope is Scope.NARROW and (stricter is None or (stricter is Stricter.EARLIER and not order)):
        raise TypeError("a narrow setting says which of two values is stricter: stricter=…, and order=… for EARLIER")
    if isinstance(default, list | dict | set):
        raise TypeError("a setting's default is immutable: use a tuple, or None")
    value: T = field(default=default, metadata={"setting": info})
    return value


@dataclass(frozen=True, slots=True)
class Limits:
    """``[limits]``: where a turn or a block stops by itself."""

    turns: int = setting(
        50, Scope.NARROW, "replies of the model to one message; 0 is no limit", stricter=Stricter.LOWER, minimum=0
    )
    seconds: float = setting(
        600.0, Scope.NARROW, "seconds one block may run; 0 is no limit", stricter=Stricter.LOWER, minimum=0
    )
    output_tokens: int = setting(
        3000,
        Scope.NARROW,
        "tokens of a block's output that the model is shown; 0 is no limit",
        stricter=Stricter.LOWER,
        minimum=0,
    )
    spool_bytes: int = setting(
        1024**3, Scope.NARROW, "bytes of a block's output that are kept in a file", stricter=Stricter.LOWER, minimum=0
    )
    cost: float = setting(
        0.0, Scope.NARROW, "US dollars a session may cost; 0 is no limit", stricter=Stricter.LOWER, minimum=0
    )


@dataclass(frozen=True, slots=True)
class LanguageSettings:
    """``[languages.NAME]``: how one language starts."""

    command: tuple[str, ...] = setting((), Scope.TRUST, "the program to start, and its arguments")
    timeout: float | None = setting(None, Scope.TRUST, "seconds one block may run; 0 is no limit", minimum=0)
    env: Mapping[str, str] | None = setting(None, Scope.TRUST, "environment variables to add")


@dataclass(frozen=True, slots=True)
class Languages:
    """``[languages]``: which languages there are; every other key of this table is a :class:`LanguageSettings`."""

    allow: tuple[str, ...] | None = setting(
        None, Scope.NARROW, "the languages the model may use; unset: all", stricter=Stricter.FEWER
    )
    named: Mapping[str, LanguageSettings] = field(default_factory=dict, metadata={"by_name": LanguageSettings})


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """``[output]``: how output is shown."""

    lines: int = setting(10, Scope.FREE, "lines of a running block's output to show", minimum=1)


@dataclass(frozen=True, slots=True)
class SessionsSettings:
    """``[sessions]``: what is kept of sessions when they are over."""

    save: bool = setting(True, Scope.USER, "whether sessions of the command are saved as they go")
    dir: Path | None = setting(None, Scope.USER, "the folder they are saved in; unset: one of your account")
    keep: int = setting(0, Scope.USER, "days that a session is kept after its last message; 0 is for good", minimum=0)


@dataclass(frozen=True, slots=True)
class PluginsSettings:
    """``[plugins]``: which plugins load; every other key of this table is a plugin's own table."""

    disable: tuple[str, ...] = setting((), Scope.USER, "plugins that are not loaded, by entry-point name")
    tables: Mapping[str, Any] = field(  # each value is an instance of that plugin's own dataclass
        default_factory=dict, metadata=NOT_A_SETTING
    )


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of one session, complete and checked."""

    model: str = setting(DEFAULT_MODEL, Scope.TRUST, "the model: NAME, or PREFIX/NAME for a plugin's")
    model_format: ModelFormat = setting(
        ModelFormat.AUTO, Scope.TRUST, "how the model says that code is to run: auto, tools, schema or fences"
    )
    temperature: float | None = setting(None, Scope.TRUST, "the model's temperature; unset: its own default", minimum=0)
    context_window: int | None = setting(
        None,
        Scope.NARROW,
        "tokens the model takes at once; unset: what the server says or is known",
        stricter=Stricter.LOWER,
        minimum=512,
    )
    auto_compact: bool = setting(
        False, Scope.TRUST, "whether a conversation that outgrows the window is summarised rather than cut"
    )
    prices: Mapping[str, tuple[float, ...]] | None = setting(
        None, Scope.USER, "dollars a million tokens, by model: [input, output] or [input, output, cached]"
    )
    instructions: str = setting("", Scope.TRUST, "what to tell the model besides the default system message")
    base_url: str | None = setting(None, Scope.USER, "the address of an OpenAI-compatible server, up to /v1")
    api_key_env: str = setting("OPENAI_API_KEY", Scope.USER, "the environment variable that holds the API key")
    api_key_command: str = setting("", Scope.USER, "a command line that prints the API key")
    env_pass: tuple[str, ...] = setting(
        (), Scope.USER, "names of variables that language processes get besides the usual"
    )
    editing_mode: EditingMode = setting(EditingMode.EMACS, Scope.USER, "the keys of the prompt: emacs or vi")
    theme: Theme = setting(Theme.AUTO, Scope.USER, "the colours: auto, dark, light or ansi")
    pictures: Pictures = setting(
        Pictures.AUTO, Scope.USER, "how the terminal draws pictures of code: auto, kitty, iterm2, sixel or off"
    )
    notify: Notify = setting(
        Notify.OFF, Scope.FREE, "what calls you after a turn of over 30 seconds: off, bell or notification"
    )
    approval: Approval = setting(
        Approval.ASK,
        Scope.NARROW,
        "when to ask before code runs: ask, risky, auto or deny",
        stricter=Stricter.EARLIER,
        order=("deny", "ask", "risky", "auto"),
    )
    launcher: str = setting("local", Scope.TRUST, "how language processes start: the name of a launcher")
    sandbox: Sandbox = setting(
        Sandbox.NONE,
        Scope.NARROW,
        "what code may write: read-only, workspace or none, which is no sandbox",
        stricter=Stricter.EARLIER,
        order=("read-only", "workspace", "none"),
    )
    network: bool = setting(
        False, Scope.NARROW, "whether sandboxed code may reach the network", stricter=Stricter.FALSE
    )
    trash: bool = setting(
        False, Scope.USER, "whether what rm and Python delete in the project goes to a trash; /undo-delete lists it"
    )
    forbidden_commands: tuple[str, ...] = setting(
        (), Scope.NARROW, "commands that never run, besides the default list", stricter=Stricter.MORE
    )
    limits: Limits = field(default_factory=Limits)
    languages: Languages = field(default_factory=Languages)
    output: OutputSettings = field(default_factory=OutputSettings)
    sessions: SessionsSettings = field(default_factory=SessionsSettings)
    plugins: PluginsSettings = field(default_factory=PluginsSettings)
    folder: Path = field(default_factory=Path.cwd, metadata=NOT_A_SETTING)

    def plugin_settings(self, name: str) -> Any:  # an instance of the dataclass that plugin declared
        """Return the settings of plugin ``name``: an instance of the dataclass it declared.

        Raises:
            KeyError: the plugin declared none.
        """
        return self.plugins.tables[name]
