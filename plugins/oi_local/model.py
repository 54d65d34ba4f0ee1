"""A model in a GGUF file: loaded at its first request, then a compatible server like any other."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.plugin_api import Level, ModelCancelled, ModelError, ModelFormat, NoticePart, SpeaksFormats
from oi_local.gguf_file import GgufFile, NotAModel, read_gguf
from oi_local.memory_needed import in_words, memory_available, memory_needed
from oi_local.server_process import Asked, ServerProcess, ShortOfMemory

if TYPE_CHECKING:
    from oi_core.plugin_api import Delta, Message, Model, ModelSettings, Tool
    from oi_local import LocalSettings

MOMENT = 0.5
"""Seconds in which a process that closed its connections is gone."""
UNKNOWN_CONTEXT = 4096
"""The window of a model that does not say what it was trained for."""


def open_gguf(name: str, folder: Path, settings: ModelSettings, own: LocalSettings) -> LocalModel:
    """Return the model in the file ``name``, relative to ``folder``; it is not loaded yet.

    Raises:
        ModelError: there is no such file, or it is no model.
    """
    path = folder / Path(name).expanduser()
    if not path.is_file():
        raise _no_file(path)
    try:
        model = read_gguf(path)
    except NotAModel as error:
        raise ModelError(
            f"{path.name} {error}", "name a GGUF file of a language model, and download it whole"
        ) from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}", "check the file's rights") from error
    if settings.open_compatible is None:
        raise ModelError("the plugin that talks to llama.cpp is not loaded", "enable the plugin openai")
    return LocalModel(f"local/{name}", model, settings, own)


def _no_file(path: Path) -> ModelError:
    folder = path if path.is_dir() else path.parent
    there = sorted(file.name for file in folder.glob("*.gguf")) if folder.is_dir() else []
    near = difflib.get_close_matches(path.name, there, n=3, cutoff=0.4) or there[:3]
    what = "is a folder" if path.is_dir() else "does not exist"
    return ModelError(f"{path} {what}", f"there is {', '.join(near)}" if near else "name a GGUF file: local/PATH")


class LocalModel:
    """Runs while the session does. A process that died is started anew by the next request."""

    def __init__(self, name: str, model: GgufFile, settings: ModelSettings, own: LocalSettings) -> None:
        self.name = name
        self._model = model
        self._settings = settings
        self._own = own
        trained = model.trained_context or UNKNOWN_CONTEXT
        self.context_window: int | None = min(own.context or trained, trained)
        self._process: ServerProcess | None = None
        self._chat: Model | None = None
        self._cancelled = False

    @property
    def formats(self) -> Sequence[ModelFormat]:
        """The formats there are; before the model is loaded, as far as it is set."""
        chat = self._chat
        first = self._settings.model_format
        first = ModelFormat.SCHEMA if first is ModelFormat.AUTO else first
        known = (ModelFormat.SCHEMA, ModelFormat.TOOLS, ModelFormat.FENCES)
        return chat.formats if isinstance(chat, SpeaksFormats) else sorted(known, key=lambda each: each is not first)

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        """Yield the reply, after loading the model where needed."""
        self._cancelled = False
        return self._reply(None, messages, tools)

    def stream_as(
        self, model_format: ModelFormat, messages: Sequence[Message], tools: Sequence[Tool]
    ) -> Iterator[Delta]:
        """Yield the reply, asked for in this format."""
        self._cancelled = False
        return self._reply(model_format, messages, tools)

    def keep_format(self, model_format: ModelFormat) -> None:
        """Use this format from now on, and remember it for the file."""
        if isinstance(self._chat, SpeaksFormats):
            self._chat.keep_format(model_format)

    def cancel(self) -> None:
        """Stop the reply; a model that is being loaded goes on loading, for the next one."""
        self._cancelled = True
        process, chat = self._process, self._chat
        if process is not None:
            process.look_up()
        if chat is not None:
            chat.cancel()

    def close(self) -> None:
        """End the process."""
        chat, self._chat = self._chat, None
        process, self._process = self._process, None
        if chat is not None:
            chat.close()
        if process is not None:
            process.close()

    def _reply(
        self, model_format: ModelFormat | None, messages: Sequence[Message], tools: Sequence[Tool]
    ) -> Iterator[Delta]:
        if self._process is None or not self._process.alive:
            self.close()
            yield NoticePart(f"loading {self._model.path.name} ({in_words(self._model.size)})", Level.INFO)
            self._process = ServerProcess(self._asked())
        chat = self._loaded(self._process)
        if model_format is not None and isinstance(chat, SpeaksFormats):
            deltas = chat.stream_as(model_format, messages, tools)
        else:
            deltas = chat.stream(messages, tools)
        try:
            yield from deltas
        except ModelCancelled:
            raise
        except ModelError:
            if self._process is not None and self._process.ends_within(MOMENT):
                raise self._process.failure() from None
            raise

    def _loaded(self, process: ServerProcess) -> Model:
        """Return the model to talk to, once the process serves it."""
        if self._chat is not None:
            return self._chat
        try:
            process.wait(self._own.start_seconds, lambda: self._cancelled)
        except ModelCancelled:
            raise
        except ModelError as error:
            self.close()
            raise (self._too_large() if isinstance(error, ShortOfMemory) else error) from None
        self.context_window = process.context_window() or self.context_window
        settings = replace(
            self._settings,
            base_url=process.base_url,
            api_key=process.key,
            known_as=f"local {self._model.path}",
            first_format=ModelFormat.SCHEMA,
        )
        if settings.open_compatible is None:
            raise ModelError("the plugin that talks to llama.cpp is not loaded", "enable the plugin openai")
        self._chat = settings.open_compatible(self._model.path.stem, settings)
        return self._chat

    def _asked(self) -> Asked:
        free = memory_available() if self._own.check_memory else None
        return Asked(
            path=str(self._model.path.absolute()),
            name=self._model.path.stem,
            context=self.context_window or UNKNOWN_CONTEXT,
            gpu_layers=self._own.gpu_layers,
            threads=self._own.threads,
            short_of_memory=free is not None and self._needed() > free,
        )

    def _needed(self) -> int:
        return memory_needed(self._model, self.context_window or UNKNOWN_CONTEXT)

    def _too_large(self) -> ModelError:
        free = memory_available()
        there = f", and {in_words(free)} are free" if free is not None else ""
        needs = f"{self._model.path.name} needs about {in_words(self._needed())} of memory"
        step = "take a smaller file, set plugins.local.context lower, or plugins.local.check-memory = false"
        return ModelError(f"{needs} with {self.context_window} tokens of context{there}", step)
