"""Models in GGUF files on this machine, ``local/PATH``, run by llama.cpp in a process that belongs to the session.

- ``gguf_file`` reads what a file says of its model; ``memory_needed`` how much memory that takes and there is.
- ``llama_server`` is the program of the process, ``server_process`` starts and ends it.
- ``model`` loads the file at the first request, and talks to the process as to any compatible server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oi_core.plugin_api import ModelProvider, Scope, hookimpl, setting

if TYPE_CHECKING:
    from oi_core.plugin_api import Config, Model, ModelSettings

NAME = "local"


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """``[plugins.local]``: how llama.cpp runs a model."""

    context: int = setting(
        16_384, Scope.USER, "tokens of the window, at most what the model knows; 0: all that it knows", minimum=0
    )
    gpu_layers: int = setting(-1, Scope.USER, "layers to put on the graphics card; -1: as many as fit", minimum=-1)
    threads: int = setting(0, Scope.USER, "threads to compute with; 0: one for each core", minimum=0)
    start_seconds: float = setting(300.0, Scope.USER, "seconds to wait for a model to load", minimum=1)
    check_memory: bool = setting(True, Scope.USER, "refuse a model that does not fit into the free memory")


@hookimpl
def provide_settings() -> type[LocalSettings]:
    """Declare how llama.cpp runs a model."""
    return LocalSettings


@hookimpl
def provide_models(config: Config) -> Sequence[ModelProvider]:
    """Provide ``local/PATH``."""
    own: LocalSettings = config.plugin_settings(NAME)
    folder = config.folder

    def open_model(path: str, settings: ModelSettings) -> Model:
        from oi_local.model import open_gguf

        return open_gguf(path, folder, settings, own)

    return [ModelProvider(NAME, "a GGUF file on this machine: local/PATH", open_model)]
