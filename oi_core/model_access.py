"""Which model a session talks to: its provider by prefix, its API key, and the one opened model."""

from __future__ import annotations

import os
import shlex
import subprocess
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from oi_core.api_keys import account_of, stored_key
from oi_core.errors import ConfigError, ModelError
from oi_core.local_servers import local_servers, server_offering
from oi_core.model import Model, ModelProvider, ModelSettings
from oi_core.settings import DEFAULT_MODEL
from oi_core.toml_files.document import home_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from oi_core.local_servers import LocalServer
    from oi_core.settings import Config

DEFAULT_PREFIX = "openai"


class ModelAccess:
    """Opens the model that the configuration names, and opens it anew only when something about it changed.

    A model that is named without a key or an address is looked for at the servers that ``find_servers`` returns, those
    of the loopback interface, so that one that runs there needs no setting.
    """

    def __init__(
        self,
        providers: Mapping[str, ModelProvider],
        find_servers: Callable[[], Iterable[LocalServer]] = local_servers,
        find_key: Callable[[str], str | None] = stored_key,
    ) -> None:
        self._providers = providers
        self._find_servers = find_servers
        self._find_key = find_key
        self._stored: dict[str, str | None] = {}
        self._addresses: dict[str, str] = {}
        self._model: Model | None = None
        self._opened_as: tuple[str, ModelSettings] | None = None

    def provider(self, name: str) -> tuple[ModelProvider, str]:
        """Return who provides model ``name``, and its name there: ``demo/tour`` is ``tour`` of ``demo``.

        A name whose part before the slash is no provider's prefix is an OpenAI-compatible server's, slash included. So
        is one that begins with ``openai/``: gateways and local servers list models by such names.

        Raises:
            ConfigError: no plugin provides it.
        """
        prefix, slash, rest = name.partition("/")
        if slash and prefix in self._providers and prefix != DEFAULT_PREFIX:
            return self._providers[prefix], rest
        if name in self._providers and name != DEFAULT_PREFIX:
            summary = self._providers[name].summary
            raise ConfigError(f"{name!r} provides models and is none: {summary}", f"name one of them: {name}/MODEL")
        if DEFAULT_PREFIX not in self._providers:
            raise ConfigError(f"no plugin provides the model {name!r}", "interpreter plugins list shows what is loaded")
        return self._providers[DEFAULT_PREFIX], name

    def has_key(self, config: Config, api_key: str | None) -> bool:
        """Whether the model has what it needs to be asked: an API key, or a server that may need none."""
        try:
            provider, name = self.provider(config.model)
        except ConfigError:
            return False
        return not provider.needs_key or self._has_own(config, api_key) or bool(self._found_at(name))

    def load_ahead(self, config: Config) -> None:
        """Import what the model's first request would; what is missing shows when it is made."""
        with suppress(ImportError, ConfigError):
            for name in self.provider(config.model)[0].imports:
                import_module(name)

    def open(self, config: Config, api_key: str | None) -> Model:
        """Return the model that the configuration names.

        Raises:
            ConfigError: no plugin provides it.
            ModelError: it has no key, or does not exist.
        """
        provider, name = self.provider(config.model)
        found = provider.needs_key and not self._has_own(config, api_key) and self._found_at(name)
        settings = ModelSettings(
            base_url=found or config.base_url,
            api_key=self._key(provider, config, api_key),
            temperature=config.temperature,
            model_format=config.model_format,
            open_compatible=self._providers[DEFAULT_PREFIX].open_model if DEFAULT_PREFIX in self._providers else None,
        )
        if self._model is None or self._opened_as != (config.model, settings):
            self.close()
            self._model, self._opened_as = provider.open_model(name, settings), (config.model, settings)
        return self._model

    def _found_at(self, name: str) -> str | None:
        """Return the address of the server on this machine that offers a model, or None."""
        if name == DEFAULT_MODEL or os.environ.get("OPENAI_BASE_URL"):
            return None
        if name not in self._addresses:
            servers = list(self._find_servers())
            server = server_offering(name, servers) or server_offering(name.removeprefix(f"{DEFAULT_PREFIX}/"), servers)
            if server is None:
                return None
            self._addresses[name] = server.address
        return self._addresses[name]

    def cancel(self) -> None:
        """Stop the reply that is being streamed, if there is one; safe from any thread and from a signal handler."""
        if self._model is not None:
            self._model.cancel()

    def close(self) -> None:
        """Give the opened model's connections back."""
        model, self._model, self._opened_as = self._model, None, None
        if model is not None:
            model.close()

    def _has_own(self, config: Config, api_key: str | None) -> bool:
        """Whether the person has a key or names a server, so that no other is looked for."""
        own = api_key or os.environ.get(config.api_key_env) or config.api_key_command or config.base_url
        return bool(own or self._kept(config))

    def _key(self, provider: ModelProvider, config: Config, api_key: str | None) -> str | None:
        """Return the key: what the program was given, the environment, what is kept, what the command prints."""
        key = api_key or os.environ.get(config.api_key_env)
        if key or not provider.needs_key:
            return key or None
        return self._kept(config) or (key_from_command(config.api_key_command) if config.api_key_command else None)

    def _kept(self, config: Config) -> str | None:
        """Return the key that the person stored for the configured server; looked up once."""
        account = account_of(config)
        if account not in self._stored:
            self._stored[account] = self._find_key(account)
        return self._stored[account]


def key_from_command(command: str) -> str:
    """Return what the person's ``api-key-command`` prints; it runs in their home folder, not in a stranger's project.

    Raises:
        ModelError: it fails, takes longer than 30 s or prints nothing.
    """
    try:
        done = subprocess.run(
            shlex.split(command), capture_output=True, text=True, timeout=30, check=True, cwd=home_folder()
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ModelError(f"api-key-command failed: {error}", "run it by hand to see why") from error
    if not done.stdout.strip():
        raise ModelError("api-key-command printed nothing", "run it by hand to see why")
    return done.stdout.strip()
