"""What a model's tokens cost: the person's own figures first, then the makers' published ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oi_core.errors import ConfigError
from oi_core.model_facts.known_models import Price, known_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FREE = Price(0.0, 0.0, 0.0)


def price_of(model: str, own: Mapping[str, Sequence[float]] | None, *, own_server: bool = False) -> Price | None:
    """Return the price of a model, or None when nobody knows.

    ``own`` is the setting ``prices``: dollars a million tokens for input, output and, if it differs, cached input. A
    model of which nothing is known costs nothing on the person's own server.

    Raises:
        ConfigError: the setting has another number of figures, or a negative one.
    """
    figures = (own or {}).get(model) or (own or {}).get(model.rpartition("/")[2])
    if figures:
        return _price(model, figures)
    known = known_model(model, own_server=own_server).price
    return FREE if known is None and own_server else known


def _price(model: str, figures: Sequence[float]) -> Price:
    if len(figures) not in (2, 3) or min(figures) < 0:
        wanted = "two or three numbers: dollars a million tokens of input, output and cached input"
        raise ConfigError(f"prices.{model} expects {wanted}", 'for example prices = {"NAME" = [0.5, 1.5, 0.05]}')
    return Price(figures[0], figures[1], figures[2] if len(figures) == 3 else figures[0])
