"""The settings as they hold in a session: those of its files and options, and what the person has changed since."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

from oi_core.config.scopes import Origin

if TYPE_CHECKING:
    from oi_core.config import Resolution
    from oi_core.session import Session

CHANGED: Final = "this session"
"""The source of a value that a slash command has set."""


def settings_in_words(session: Session, wanted: str = "") -> list[str]:
    """Return a row for each setting, for those of the table ``wanted``, or all there is to say of the one so named.

    Raises:
        ConfigError: no setting has that name.
    """
    from oi_core.cli.explanations import explained
    from oi_core.cli.listings import config_rows
    from oi_core.config.schema import config_schema

    resolution = as_it_is_now(session)
    table = {key: origin for key, origin in resolution.origins.items() if key.startswith(f"{wanted}.")}
    if table:
        return config_rows(replace(resolution, origins=table, ignored=()))
    if wanted:
        return explained(resolution, wanted, config_schema(session.plugins.settings_types()))
    return config_rows(resolution)


def as_it_is_now(session: Session) -> Resolution:
    """Return where each setting came from, with those that were changed since the start."""
    before, now = session.resolution.config, session.config
    names = (each.name for each in fields(now) if getattr(before, each.name) != getattr(now, each.name))
    changed = {name.replace("_", "-"): Origin(getattr(now, name), CHANGED) for name in names}
    known = {key: origin for key, origin in changed.items() if key in session.resolution.origins}
    return replace(session.resolution, config=now, origins={**session.resolution.origins, **known})
