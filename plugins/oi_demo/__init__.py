"""The embedded model for a newcomer without key or network: ``demo/tour``, openly scripted, with real code.

The script lives in ``tour``; which reply comes next depends on the conversation's messages and on nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oi_core.plugin_api import Config, Model, ModelError, ModelProvider, ModelSettings, Scope, hookimpl, setting

if TYPE_CHECKING:
    from oi_demo.model import DemoModel

DEMOS: Final = ("tour",)
PLUGIN_NAME: Final = "demo"


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """``[tool.interpreter.plugins.demo]``."""

    pace: float = setting(0.012, Scope.FREE, "seconds between two pieces of the demo's text; 0 is at once", minimum=0)


@hookimpl
def provide_settings() -> type[DemoSettings]:
    """Let the pace be set."""
    return DemoSettings


@hookimpl
def provide_models(config: Config) -> Sequence[ModelProvider]:
    """Provide ``demo/tour``."""
    settings = config.plugin_settings(PLUGIN_NAME)

    def open_model(name: str, _settings: ModelSettings) -> Model:
        return open_demo(name, settings.pace)

    return [ModelProvider("demo", "a scripted tour: no key, no network, real code", open_model)]


def open_demo(name: str, pace: float) -> DemoModel:
    """Return the demo of this name.

    Raises:
        ModelError: there is none.
    """
    if name not in DEMOS:
        names = ", ".join(f"demo/{demo}" for demo in DEMOS)
        raise ModelError(f'there is no demo "{name}"', f"try {names}")
    from oi_demo.model import DemoModel  # on first use: most sessions never open it

    return DemoModel(name, pace)
