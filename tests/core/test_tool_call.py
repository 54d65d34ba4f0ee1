from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.tool_call import CallMeaning, understand

NAMES = {"py": "python", "python3": "python", "bash": "shell", "sh": "shell", "python": "python", "shell": "shell"}


@pytest.mark.parametrize(
    ("name", "arguments", "language", "code"),
    [
        ("run_code", '{"language": "python", "code": "1"}', "python", "1"),
        ("run_code", '{"code": "1", "language": "R"}', "R", "1"),
        ("functions.run_code", '{"language": "python", "code": "1"}', "python", "1"),
        ("execute", '{"language": "python", "code": "1"}', "python", "1"),
        ("anything_at_all", '{"language": "python", "code": "1"}', "python", "1"),
        # openinterpreter#33: a function called python, with the code as its arguments
        ("python", "print(1)", "python", "print(1)"),
        ("python", '{"code": "print(1)"}', "python", "print(1)"),
        ("python", '"print(1)"', "python", "print(1)"),
        ("python", "42", "python", "42"),
        ("python", "[1, 2]", "python", "[1, 2]"),
        ("python", "{n for n in range(3)}", "python", "{n for n in range(3)}"),
        ("Python3", "1", "python", "1"),
        ("bash", '{"cmd": "ls"}', "shell", "ls"),
        ("run_code", '{"cmd": "ls"}', "shell", "ls"),
        ("terminal", '{"command": ["bash", "-lc", "ls -l"]}', "shell", "ls -l"),
        ("terminal", '{"command": ["echo", "a b"]}', "shell", "echo 'a b'"),
        ("run_python", '{"script": "1"}', "python", "1"),
        ("run_code", '{"code": ["a = 1", "a"]}', "python", "a = 1\na"),
        ("run_code", '{"input": "1"}', "python", "1"),
        ("run_code", "print(1)", "python", "print(1)"),
        ("run_code", '"{\\"language\\": \\"shell\\", \\"code\\": \\"ls\\"}"', "shell", "ls"),
        ("run_code", '{"lang": "shell", "code": "ls"}', "shell", "ls"),
        ("run_code", '{"language": null, "code": "1"}', "python", "1"),
        ("run_code", '{"language": "python", "code": "a\nb"}', "python", "a\nb"),
    ],
)
def test_the_ways_in_which_models_write_a_call_are_understood(
    name: str, arguments: str, language: str, code: str
) -> None:
    assert understand(name, arguments, NAMES) == CallMeaning(language, code)


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("run_code", '{"language": "python", "code": "pri', "end in the middle"),
        ("run_code", '{"language": "python",', "end in the middle"),
        ("python", '{"code": "pri', "end in the middle"),
        ("run_code", '{"language": "python", "code": "1",}', "not JSON"),
        ("run_code", '{"language": "python", "code": "1"} {}', "not JSON (Extra data at character"),
        ("run_code", '{"code": "1", "code": "2"}', "one key twice"),
        ("run_code", '{"code": ' + "[" * 100_000, "not JSON"),
        ("run_code", "", "no arguments"),
        ("run_code", "{}", "no code"),
        ("run_code", '{"language": "python"}', "no code"),
        ("run_code", '{"language": "python", "code": {"a": 1}}', "no code"),
        ("get_weather", '{"city": "Paris"}', "no tool 'get_weather'"),
        ("get_weather", '{"input": "Paris"}', "no tool 'get_weather'"),
        ("get_weather", "Paris", "no tool 'get_weather'"),
    ],
)
def test_a_call_that_cannot_be_run_says_why_and_how_to_call(name: str, arguments: str, problem: str) -> None:
    meaning = understand(name, arguments, NAMES)
    assert problem in meaning.problem
    assert 'call run_code again with {"language"' in meaning.problem


def test_without_a_language_the_first_there_is_stands() -> None:
    assert understand("run_code", '{"code": "1"}', {"js": "node", "r": "r", "node": "node"}).language == "r"
    assert understand("run_code", '{"code": "1"}', {}).language == ""


@given(st.text(), st.text())
def test_no_text_breaks_it(name: str, arguments: str) -> None:
    assert isinstance(understand(name, arguments, NAMES), CallMeaning)


@given(st.text(st.characters()), st.text(st.characters()))
def test_what_it_returns_can_be_encoded(language: str, code: str) -> None:
    meaning = understand("run_code", json.dumps({"language": language, "code": code}), NAMES)
    (meaning.language + meaning.code + meaning.problem).encode()
