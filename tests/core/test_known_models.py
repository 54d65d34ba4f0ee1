from __future__ import annotations

import json
from datetime import date
from importlib.resources import files

import pytest

from oi_core.errors import ConfigError
from oi_core.model_facts.context_sizes import ASSUMED_TOKENS, ContextSize, SizeSource, context_size, is_own_server
from oi_core.model_facts.known_models import KnownModel, Price, facts_date, known_model
from oi_core.model_facts.prices import FREE, price_of
from oi_core.settings import DEFAULT_MODEL


def test_the_facts_have_a_date_their_sources_and_sound_figures() -> None:
    facts = json.loads(files("oi_core.model_facts").joinpath("known_models.json").read_text(encoding="utf-8"))
    assert date.fromisoformat(facts_date()) >= date(2026, 11, 22)
    assert facts["sources"]
    for name, (window, *price) in facts["hosted"].items():
        assert 1000 < window <= 2_000_000, name
        assert len(price) in (0, 3), name
        assert all(0 < figure < 1000 for figure in price), name
        assert not price or price[2] <= price[0] <= price[1], name
    assert all(1000 < window <= 2_000_000 for window in facts["open_weights"].values())


def test_the_default_model_is_known() -> None:
    known = known_model(DEFAULT_MODEL)
    assert known.context_window
    assert known.price


@pytest.mark.parametrize("name", ["gpt-6-luna", "openai/gpt-6-luna", "GPT-6-Luna", "gpt-6-luna-2026-09-22"])
def test_a_path_before_a_name_and_a_version_behind_it_change_nothing(name: str) -> None:
    assert known_model(name) == known_model("gpt-6-luna") == KnownModel(272_000, Price(0.1, 0.5, 0.01))


def test_the_longest_known_name_counts() -> None:
    assert known_model("gpt-4-turbo").context_window == 128_000
    assert known_model("gpt-4-0613").context_window == 8192


def test_another_name_that_begins_alike_is_not_known() -> None:
    assert known_model("gpt-55") == KnownModel()
    assert known_model("gpt-5.99") == KnownModel()


def test_a_variant_has_the_window_but_not_the_price() -> None:
    variant = known_model("gpt-6-luna-turbo")
    assert variant.context_window == 272_000
    assert variant.price is None
    assert known_model("deepseek/deepseek-v3.2:free").price is None


def test_open_weights_have_their_window_only_on_servers_of_others() -> None:
    assert known_model("meta-llama/llama-3.1-8b-instruct").context_window == 128_000
    assert known_model("llama-3.1-8b-instruct", own_server=True) == KnownModel()


def test_the_smaller_of_setting_and_server_is_the_window() -> None:
    assert context_size("m", setting=4000, server=8000) == ContextSize(4000, SizeSource.SETTING)
    assert context_size("m", setting=9000, server=8000) == ContextSize(8000, SizeSource.SERVER)
    assert context_size("gpt-6-luna", server=8000) == ContextSize(8000, SizeSource.SERVER)


def test_without_them_the_makers_figure_counts_then_a_careful_guess() -> None:
    assert context_size("gpt-6-luna") == ContextSize(272_000, SizeSource.KNOWN)
    assert context_size("my-own") == ContextSize(ASSUMED_TOKENS, SizeSource.ASSUMED)
    assert context_size("qwen2.5-7b", own_server=True).source is SizeSource.ASSUMED


@pytest.mark.parametrize("tokens", [512, 4096, 63_999, 64_001, 1_000_000])
def test_room_for_the_reply_is_a_quarter_but_bounded(tokens: int) -> None:
    size = ContextSize(tokens, SizeSource.SERVER)
    assert size.prompt_tokens >= tokens * 0.75
    assert tokens - size.prompt_tokens <= 16_000
    assert abs(ContextSize.for_prompt(size.prompt_tokens, SizeSource.LEARNED).tokens - tokens) <= 2


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://localhost:11434/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://192.168.1.7:1234/v1", True),
        ("http://gpu-box:8000/v1", True),
        ("http://gpu.local/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False),
        ("http://[broken/v1", False),
        ("", False),
        (None, False),
    ],
)
def test_an_own_server_is_known_by_its_address(url: str | None, own: bool) -> None:
    assert is_own_server(url) is own


def test_a_persons_price_comes_first_by_full_name_or_without_the_path() -> None:
    assert price_of("gpt-6-luna", {"gpt-6-luna": (1.0, 2.0, 0.5)}) == Price(1.0, 2.0, 0.5)
    assert price_of("router/mine", {"mine": (1.0, 2.0)}) == Price(1.0, 2.0, 1.0)
    assert price_of("router/mine", {"mine": (1.0, 2.0), "router/mine": (3.0, 4.0)}) == Price(3.0, 4.0, 3.0)


def test_an_unknown_model_costs_nothing_on_ones_own_server_and_who_knows_what_elsewhere() -> None:
    assert price_of("mine", None) is None
    assert price_of("mine", None, own_server=True) == FREE
    assert price_of("gpt-6-luna", None, own_server=True) == Price(0.1, 0.5, 0.01)


@pytest.mark.parametrize("figures", [(1.0,), (1.0, 2.0, 3.0, 4.0), (-1.0, 2.0)])
def test_a_price_of_the_wrong_form_is_an_error_that_says_the_right_one(figures: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match=r"prices\.mine expects two or three numbers"):
        price_of("mine", {"mine": figures})
