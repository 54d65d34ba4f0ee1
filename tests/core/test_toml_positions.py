from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from oi_core.toml_files.positions import DEPTH_LIMIT, KeyPath, Position, key_positions

TRICKY = st.text(alphabet="ab]}[{,=#.'\" \n\\é", max_size=8)


def basic(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "").replace("\n", "") + "'"


def long_basic(text: str) -> str:
    return f'"""\n{text}'.replace("\\", "\\\\").replace('"""', '""\\"') + ' "" """'


def long_literal(text: str) -> str:
    return "'''" + text.replace("'", "") + "'''"


STRINGS = st.builds(
    lambda write, text: write(text), st.sampled_from([basic, literal, long_basic, long_literal]), TRICKY
)
SCALARS = st.sampled_from(["1", "-2.5e3", "true", "1979-05-27 07:32:00", "07:32:00", "0xff", "nan"]) | STRINGS
BARE = st.text(alphabet="abc-_1", min_size=1, max_size=3)
KEYS = BARE | TRICKY.map(basic) | TRICKY.map(literal)
GAPS = st.sampled_from(["", " ", "\t", "  "])
LINE_GAPS = st.sampled_from(["", " ", "\n", "\n # ] , \" '\n", "\t\n"])


@st.composite
def arrays(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    items: list[str] = draw(st.lists(values, max_size=3))
    text = "".join(draw(LINE_GAPS) + item + draw(LINE_GAPS) + "," for item in items)
    text = text.removesuffix(draw(st.sampled_from(["", ","])))
    return f"[{text}{draw(LINE_GAPS)}]"


@st.composite
def inline_tables(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    keys = draw(st.lists(dotted_keys(), max_size=3, unique=True))
    return "{" + ",".join(f" {key}{draw(GAPS)}={draw(GAPS)}{draw(values)} " for key in keys) + "}"


@st.composite
def dotted_keys(draw: st.DrawFn) -> str:
    parts = draw(st.lists(KEYS, min_size=1, max_size=3))
    return (draw(GAPS) + "." + draw(GAPS)).join(parts)


VALUES = st.recursive(SCALARS, lambda inner: arrays(inner) | inline_tables(inner), max_leaves=6)


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for number in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(["key", "key", "key", "table", "tables", "comment"]))
        name = draw(dotted_keys())
        if kind == "key":
            lines.append(f"{draw(GAPS)}k{number}.{name}{draw(GAPS)}={draw(GAPS)}{draw(VALUES)}{draw(GAPS)}")
        elif kind == "table":
            lines.append(f"{draw(GAPS)}[{draw(GAPS)}t{number}.{name}{draw(GAPS)}] # [x]")
        elif kind == "tables":
            header = draw(st.sampled_from(["a", "a.b", "b"]))
            lines.append(f"[[{draw(GAPS)}{header}{draw(GAPS)}]]")
        else:
            lines.append("# [not.a.table] 'x' \"y\"")
    return "\n".join(lines)


def paths_in(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from paths_in(inner, (*path, key))


def written_at(text: str, position: Position) -> str:
    return text.split("\n")[position.line - 1][position.column - 1 :][: position.width]


@settings(max_examples=400, deadline=None)
@given(documents())
@example("a = [[], [{}, {b = [1]}]]")
@example('s = """\n]""""" # ]\nt = 1')
@example("[[a]]\n[[a.b]]\n[a.b.c]\nx = 1\n[[a.b]]\n[[a]]\ny = 2")
def test_every_key_and_element_of_a_document_is_found_where_it_is_written(text: str) -> None:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    found = key_positions(text)
    assert set(found) == set(paths_in(content))
    for path, position in found.items():
        written = written_at(text, position)
        if isinstance(path[-1], str):
            assert tomllib.loads(f"{written} = 0") == {path[-1]: 0}
        else:
            assert written.strip(" ,") == written != ""


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="a.=[]{}\"'\n,# 1", max_size=40))
def test_text_that_is_not_toml_ends_the_search_instead_of_looping(text: str) -> None:
    assert isinstance(key_positions(text), dict)


def test_depth_costs_neither_stack_nor_memory() -> None:
    depth = 300_000
    found = key_positions("a = " + "[" * depth + "]" * depth + "\nb = 1")
    assert len(found) == DEPTH_LIMIT + 1
    assert found["b",].line == 2


def test_a_key_is_where_it_is_first_written() -> None:
    text = "[tool.x]\na.b = 1\na.c = 2\n[tool.x.d]\n"
    found = key_positions(text)
    assert found["tool", "x"] == Position(1, 7, 1)
    assert found["tool", "x", "a"] == Position(2, 1, 1)
    assert found["tool", "x", "a", "c"] == Position(3, 3, 1)
    assert found["tool", "x", "d"] == Position(4, 9, 1)


def test_each_table_of_an_array_has_its_own_place() -> None:
    found = key_positions("[[a]]\nx = 1\n[[a]]\nx = 2\n[a.sub]\n")
    assert found["a", 0, "x"].line == 2
    assert found["a", 1] == Position(3, 3, 1)
    assert found["a", 1, "x"].line == 4
    assert found["a", 1, "sub"].line == 5
