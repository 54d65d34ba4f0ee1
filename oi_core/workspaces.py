"""Where and how each language starts, which of them may, and how long their code may run: what the settings say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from oi_core.executors import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from oi_core.executors import Language, Launcher
    from oi_core.settings import Config

FIRST_LANGUAGES = ("python", "shell")
"""Models and people are shown these first."""


def workspace_of(language: Language, config: Config, launcher: Launcher, columns: Callable[[], int]) -> Workspace:
    """Return where and how a language starts; ``columns`` says how wide its programs find their terminal."""
    from oi_core.environment import language_environment

    own = config.languages.named.get(language.name)
    environment = language_environment(os.environ, config.env_pass, (config.api_key_env,))
    if own is not None and own.env:
        environment.update(own.env)
    if config.trash:
        from oi_core.trash.folder import Trash

        trash = Trash(config.folder)
        trash.prepare()
        environment = trash.environment(environment)
    return Workspace(
        folder=config.folder,
        environment=environment,
        command=own.command if own is not None else (),
        launch=lambda argv: launcher.wrap(argv, config.folder),
        columns=columns,
    )


def seconds_for(config: Config, language: str) -> float:
    """Return the time limit of one block of this language in seconds; 0 is none."""
    own = config.languages.named.get(language)
    return config.limits.seconds if own is None or own.timeout is None else own.timeout


def allowed_languages(found: Mapping[str, Language], allow: Sequence[str] | None) -> dict[str, Language]:
    """Return the languages that ``languages.allow`` names, all where it is not set, the best known first."""
    provided = {name: found[name] for name in sorted(found, key=lambda name: (name not in FIRST_LANGUAGES, name))}
    if allow is None:
        return provided
    names = spoken_names(provided)
    allowed = {names.get(spoken.lower(), spoken) for spoken in allow}
    return {name: language for name, language in provided.items() if name in allowed}


def spoken_names(languages: Mapping[str, Language]) -> dict[str, str]:
    """Return what models may call each language, its name or an alias, mapped to its name."""
    aliases = {alias: language.name for language in languages.values() for alias in language.aliases}
    return {**aliases, **{name: name for name in languages}}
