"""The choices of the first screen, without a terminal: local models, other endpoints, keys of the wrong form."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from oi_core import Session, open_session
from oi_core.cli.first_steps import FirstSteps, problem_with
from oi_core.local_servers import PORTS, LocalServer

OLLAMA = LocalServer("http://127.0.0.1:11434/v1", "Ollama", ("qwen3", "llama3.3"))
GUARDED = LocalServer("http://127.0.0.1:8080/v1", "llama.cpp", (), needs_key=True)


class Person:
    """Someone at the first screen: chooses, types what is asked for, and reads what is said."""

    def __init__(self, session: Session, servers: list[LocalServer], monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        self.steps = FirstSteps(session, self.read.append, lambda: servers)
        self._monkeypatch = monkeypatch

    def chooses(self, choice: str, *lines: str) -> str:
        self._monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return self.steps.chosen(choice)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "100")
    with open_session(tmp_path, isolated=True) as opened:
        yield opened


def test_servers_of_this_machine_are_offered_and_one_is_chosen_and_kept(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(session, [OLLAMA], monkeypatch)
    assert "  2  local model      found at 127.0.0.1:11434: qwen3, llama3.3\n" in person.steps.screen()
    assert person.chooses("local", "llama3.3", "y") == ""
    assert (session.config.model, session.config.base_url) == ("llama3.3", OLLAMA.address)
    written = (tmp_path / "config" / "interpreter" / "config.toml").read_text()
    assert written == f'base-url = "{OLLAMA.address}"\nmodel = "llama3.3"\n'
    assert person.chooses("1") == "1"  # with a model, a number is a message
    assert person.steps.screen() == ""


def test_choosing_none_or_nothing_that_is_there_changes_nothing(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = session.config
    assert Person(session, [OLLAMA], monkeypatch).chooses("2", "gpt-7") == ""
    assert Person(session, [OLLAMA], monkeypatch).chooses("2") == ""  # end of file
    nobody = Person(session, [GUARDED], monkeypatch)
    assert nobody.chooses("2") == ""
    assert "offers none without a key" in nobody.read[-1]
    monkeypatch.setenv("COLUMNS", "80")
    assert (
        f"no server found here (ports {' '.join(map(str, PORTS))})" in Person(session, [], monkeypatch).steps.screen()
    )
    assert session.config == before
    assert not (tmp_path / "config").exists()


def test_a_look_around_is_the_demo_until_a_choice_is_made(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person(session, [OLLAMA], monkeypatch)
    assert person.chooses("4") == "Show me around."
    assert session.config.model == "demo/tour"
    assert person.chooses("and now?") == "and now?"
    person.chooses("2", "1", "n")
    assert session.config.model == "qwen3"


def test_a_message_without_a_model_is_answered_by_what_is_missing_and_commands_pass(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(session, [], monkeypatch)
    assert person.chooses("plot my sales") == ""
    assert "choose 1, 2, 3 or 4" in person.read[-1]
    assert person.chooses("/help") == "/help"


@pytest.mark.parametrize("width", ["40", "60", "80"])
def test_the_screen_fits_any_width(session: Session, monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)
    many = LocalServer("http://127.0.0.1:11434/v1", "Ollama", tuple(f"model-\x1b[31m{n}" for n in range(50)))
    screen = Person(session, [many], monkeypatch).steps.screen()
    assert max(map(len, screen.splitlines())) < int(width)
    assert "\x1b" not in screen


@pytest.mark.parametrize(
    ("key", "said"),
    [("sk-short", "too short"), ("sk-with a space in it", "not a key"), ("gsk_0123456789abcdef", "begins with sk-")],
)
def test_what_cannot_be_a_key_is_refused_by_its_form(key: str, said: str) -> None:
    assert said in problem_with(key, for_openai=True)
    assert problem_with("sk-proj-0123456789", for_openai=True) == ""
