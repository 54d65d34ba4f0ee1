from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.errors import ConfigError
from oi_core.setting_types import Unfit, convert, expectation, from_text, toml_value
from oi_core.settings import Scope, Stricter, UnreadSettings, setting
from oi_core.validate import build, check, table_of


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True)
class Server:
    host: str = "localhost"
    port: int = setting(80, Scope.FREE, "the port", minimum=1)


@dataclass(frozen=True)
class Everything:
    whole: int = 1
    ratio: float = 1.0
    word: str = ""
    yes: bool = False
    place: Path = Path("x")
    words: tuple[str, ...] = ()
    numbers: list[int] = field(default_factory=list)
    several: frozenset[str] = frozenset()
    sequence: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    colour: Colour = Colour.RED
    mode: Literal["a", "b"] = "a"
    maybe: float | None = None
    either: int | str = 0
    noted: Annotated[int, "a note"] = 0
    dashed_name: str = ""
    server: Server = field(default_factory=lambda: Server(port=8080))
    computed: int = field(default=0, init=False)


BASE = Path("/base")


def checked(values: Mapping[str, object], *, python_names: bool = False) -> tuple[Everything, list[str]]:
    result = check(table_of(Everything), values, base=BASE, python_names=python_names)
    instance = build(Everything, {item.setting.key: item.value for item in result.assigned})
    return instance, [problem.text for problem in result.problems]


def problem_of(values: Mapping[str, object]) -> str:
    _, problems = checked(values)
    assert len(problems) == 1
    return problems[0]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("whole", 3, 3),
        ("ratio", 3, 3.0),
        ("ratio", 2.5, 2.5),
        ("word", "é", "é"),
        ("yes", True, True),
        ("place", "a/b", BASE / "a/b"),
        ("place", "/a", Path("/a")),
        ("place", Path("/a"), Path("/a")),
        ("words", ["a", "b"], ("a", "b")),
        ("words", ("a",), ("a",)),
        ("numbers", [1, 2], [1, 2]),
        ("several", ["a", "a"], frozenset("a")),
        ("sequence", ["a"], ("a",)),
        ("names", {"a": "b"}, {"a": "b"}),
        ("colour", "green", Colour.GREEN),
        ("colour", Colour.GREEN, Colour.GREEN),
        ("mode", "b", "b"),
        ("maybe", 2, 2.0),
        ("either", 2, 2),
        ("either", "two", "two"),
        ("noted", 3, 3),
    ],
)
def test_a_value_of_the_right_type_becomes_the_setting(name: str, value: object, expected: object) -> None:
    instance, problems = checked({name: value})
    assert problems == []
    assert getattr(instance, name) == expected
    assert type(getattr(instance, name)) is type(expected)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"whole": "3"}, 'whole expects a whole number, found "3"'),
        ({"whole": 3.0}, "whole expects a whole number, found 3.0"),
        ({"whole": True}, "whole expects a whole number, found true"),
        ({"ratio": True}, "ratio expects a number, found true"),
        ({"ratio": math.nan}, "ratio expects a number, found nan"),
        ({"ratio": -math.inf}, "ratio expects a number, found -inf"),
        ({"ratio": 10**400}, "ratio expects a number, found a number too large"),
        ({"maybe": "x"}, 'maybe expects a number, found "x"'),
        ({"word": 3}, "word expects a string, found 3"),
        ({"yes": 1}, "yes expects true or false, found 1"),
        ({"place": 1}, "place expects a path (a string), found 1"),
        (
            {"place": "~nobody-of-this-name/x"},
            'place expects the path of a user there is, found "~nobody-of-this-name/x"',
        ),
        ({"words": "a"}, 'words expects a list of strings, found "a"'),
        ({"words": ["a", 3]}, "words expects a list of strings, found 3"),
        ({"numbers": [[]]}, "numbers expects a list of whole numbers, found a list"),
        ({"names": []}, "names expects a table of strings, found a list"),
        ({"names": {"a": 1}}, "names expects a table of strings, found 1"),
        ({"colour": "gren"}, 'colour expects one of "red", "green", found "gren", did you mean "green"?'),
        ({"mode": 1}, 'mode expects one of "a", "b", found 1'),
        ({"either": []}, "either expects a whole number or a string, found a list"),
        ({"server": 3}, "server expects a table, found 3"),
        ({"server": {"port": 0}}, "server.port expects a whole number of at least 1, found 0"),
        ({"word": {}}, "word expects a string, found a table"),
        ({"word": "x" * 100, "whole": "y" * 100}, f'whole expects a whole number, found "{"y" * 60}…"'),
        ({"wrod": 1}, 'unknown key "wrod", did you mean "word"?'),
        ({"dashed_name": ""}, 'unknown key "dashed_name", did you mean "dashed-name"?'),
        ({"port": 1}, 'unknown key "port", did you mean "server.port"?'),
        ({"server": {"zzz": 1}}, 'unknown key "zzz": server has host, port'),
        ({"computed": 1}, 'unknown key "computed", did you mean "noted"?'),
        ({"\x1b[2J": 1}, 'unknown key "␛[2J"'),
    ],
)
def test_a_wrong_value_says_what_was_expected_and_what_was_found(values: dict[str, object], problem: str) -> None:
    assert problem_of(values) == problem


def test_all_problems_are_reported_with_their_paths_and_the_right_values_are_kept() -> None:
    result = check(table_of(Everything), {"whole": "x", "word": "kept", "server": {"prt": 1}}, at=("tool",), base=BASE)
    assert [problem.path for problem in result.problems] == [("tool", "whole"), ("tool", "server", "prt")]
    assert [item.value for item in result.assigned] == ["kept"]


def test_an_element_of_the_wrong_type_is_the_place_of_the_problem() -> None:
    result = check(table_of(Everything), {"words": ["a", 3], "names": {"k": 1}}, base=BASE)
    assert [problem.path for problem in result.problems] == [("words", 1), ("names", "k")]


def test_python_names_are_understood_only_where_they_are_asked_for() -> None:
    assert checked({"dashed_name": "x"}, python_names=True)[0].dashed_name == "x"
    assert problem_of({"dashed_name": "x"}).startswith("unknown key")


def test_a_nested_table_keeps_the_defaults_that_its_owner_gave_it() -> None:
    instance, _ = checked({"server": {"host": "example.org"}})
    assert instance.server == Server("example.org", 8080)


def test_a_field_without_metadata_waits_for_trust() -> None:
    scopes = {item.key: item.info.scope for item in table_of(Everything).settings()}
    assert scopes["word",] is Scope.TRUST
    assert scopes["server", "port"] is Scope.FREE


def test_the_table_of_a_plugin_that_takes_no_part_may_hold_anything() -> None:
    result = check(table_of(UnreadSettings), {"x": 1, "y": {"z": 2}}, base=BASE)
    assert result.assigned == []
    assert result.problems == []


def test_a_dataclass_with_a_required_field_is_refused() -> None:
    @dataclass
    class Required:
        name: str

    with pytest.raises(ConfigError, match="Required cannot hold settings: TypeError"):
        table_of(Required)


@pytest.mark.parametrize("kind", [object, bytes, tuple[int, str], dict[int, str], complex, int | None | object])
def test_a_type_that_no_file_can_give_is_refused(kind: Any) -> None:
    with pytest.raises(ConfigError, match="a setting cannot be of type"):
        expectation(kind)


def test_a_class_that_is_not_a_dataclass_is_refused() -> None:
    with pytest.raises(ConfigError, match="not a dataclass"):
        table_of(int)


def test_a_narrow_setting_must_say_what_is_stricter() -> None:
    with pytest.raises(TypeError, match="stricter"):
        setting(1, Scope.NARROW)
    with pytest.raises(TypeError, match="order"):
        setting("a", Scope.NARROW, stricter=Stricter.EARLIER)
    with pytest.raises(TypeError, match="immutable"):
        setting([])


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("3", int, 3),
        ("2.5", float, 2.5),
        ("1e3", float | None, 1000.0),
        ("three", int, "three"),
        ("Yes", bool, True),
        ("0", bool, False),
        ("perhaps", bool, "perhaps"),
        ("python", tuple[str, ...], ["python"]),
        ('["a b", "c"]', tuple[str, ...] | None, ["a b", "c"]),
        ("a b", tuple[str, ...], "a b"),
        ('{a = "b"}', Mapping[str, str], {"a": "b"}),
        ("true", str, "true"),
        ("5", int | str, "5"),
        ("auto", Colour, "auto"),
        ("~/x", Path, "~/x"),
    ],
)
def test_plain_text_is_read_as_its_setting_wants_it(text: str, kind: Any, expected: object) -> None:
    assert from_text(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ('"x"', "x"), ("gpt-x", "gpt-x"), ("1\nb = 2", "1\nb = 2"), ("[" * 10_000, "[" * 10_000), ("", "")],
)
def test_an_option_is_a_toml_value_or_else_its_own_text(text: str, value: object) -> None:
    assert toml_value(text) == value


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON_LIKE, st.sampled_from(list(table_of(Everything).settings())))
def test_any_value_is_either_taken_with_the_right_type_or_refused(value: object, item: Any) -> None:
    try:
        taken = convert(value, item.annotation, BASE)
    except Unfit as unfit:
        refusal = str(unfit)
    else:
        refusal = ""
        assert convert(taken, item.annotation, BASE) == taken
    assert not refusal or refusal.startswith("expects ")


@given(st.dictionaries(st.text(), JSON_LIKE))
def test_a_check_never_fails_itself(values: dict[str, object]) -> None:
    result = check(table_of(Everything), values, base=BASE)
    assert len(result.assigned) + len(result.problems) >= len([v for v in values.values() if v != {}])
