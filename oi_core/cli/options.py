"""The options of the command, checked, and the session they ask for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from oi_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from oi_core.session import Session
    from oi_core.trust import ProjectTrust


class OutputFormat(StrEnum):
    """What is written when one message is answered and nobody is asked anything."""

    TEXT = "text"
    JSON = "json"
    """One record, the result."""
    JSON_LINES = "jsonl"
    """A record for each event, the result last."""


@dataclass(frozen=True, slots=True)
class Options:
    """What stands on the command line; None and empty mean that it was not said."""

    words: tuple[str, ...] = ()
    print_text: str | None = None
    approve: str | None = None
    model: str | None = None
    base_url: str | None = None
    output_format: OutputFormat = OutputFormat.TEXT
    plain: bool = False
    no_color: bool = False
    config_file: Path | None = None
    overrides: tuple[str, ...] = ()
    isolated: bool = False
    no_plugins: bool = False
    timeout: float | None = None
    max_turns: int | None = None
    max_cost: float | None = None
    sandbox: str | None = None
    exit_status: bool = False
    trust_project: bool = False
    continue_last: bool = False
    resume: str | None = None
    """An id; empty to be asked which."""

    @property
    def wants_print(self) -> bool:
        """Whether one message is to be answered without asking anything back."""
        return self.print_text is not None or self.words == ("-",) or self.output_format is not OutputFormat.TEXT

    def settings(self) -> dict[str, object]:
        """Return the settings that the options name, by dotted key; the special options win over ``-o``.

        Raises:
            ConfigError: an ``-o`` is not ``KEY=VALUE``.
        """
        named = dict(parse_override(text) for text in self.overrides)
        special = {
            "model": self.model,
            "approval": self.approve,
            "base-url": self.base_url,
            "limits.seconds": self.timeout,
            "limits.turns": self.max_turns,
            "limits.cost": self.max_cost,
            "sandbox": self.sandbox,
        }
        return {**named, **{key: value for key, value in special.items() if value is not None}}

    def colour(self, environment: Mapping[str, str]) -> bool:
        """Whether colours are wanted (https://no-color.org)."""
        return not self.no_color and not environment.get("NO_COLOR")

    def open_session(self, ask_trust: Callable[[ProjectTrust], bool] | None = None) -> Session:
        """Open the session these options ask for, in the current folder; ``ask_trust`` as for ``oi_core.open_session``.

        Raises:
            ConfigError: a setting, a file or a plugin cannot be used as it stands.
        """
        from oi_core.cli.saving import begin_saving
        from oi_core.current_folder import current_folder
        from oi_core.opening import open_session

        folder = current_folder()
        settings: dict[str, Any] = self.settings()  # Any: each checked against its own type when it is read
        if settings:
            _check_keys(settings, open_session)
        session = open_session(
            folder,
            config_file=self.config_file,
            isolated=self.isolated,
            plugins_disabled=self.no_plugins,
            trust_project=self.trust_project,
            ask_trust=ask_trust,
            **settings,
        )
        try:
            begin_saving(session, self)
        except BaseException:
            session.close()
            raise
        return session


def _check_keys(settings: Mapping[str, object], opens: Callable[..., object]) -> None:
    """Refuse keys that would be taken for other parameters of ``opens``."""
    from inspect import signature

    misplaced = next((key for key in settings if key in signature(opens).parameters and key != "model"), None)
    if misplaced is not None:
        raise ConfigError(f'-o {misplaced}: unknown key "{misplaced}"', "interpreter config show lists them")


def parse_override(text: str) -> tuple[str, object]:
    """Return the key and the value of ``KEY=TOML``; what is no TOML value is a string, as a shell's user expects.

    Raises:
        ConfigError: there is no ``=``, or nothing before it.
    """
    import tomllib

    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"-o {text}: not KEY=VALUE", "for example -o limits.seconds=30")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value


def is_dumb_terminal(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal cannot move its cursor."""
    return environment.get("TERM", "dumb") in ("dumb", "")
