"""The parts of the command line by themselves: keyboard, editor, history, signals, options, slash commands."""

from __future__ import annotations

import os
import pty
import signal
import stat
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oi_core import plugin_api
from oi_core.cli.approval_rows import packed
from oi_core.cli.editor import EditorError, edit_in, editor_command
from oi_core.cli.first_screen import shown_folder
from oi_core.cli.history import ProjectHistory, history_file, looks_secret
from oi_core.cli.key_decoder import ESCAPE
from oi_core.cli.keyboard import END_OF_FILE, ENTER, Keyboard
from oi_core.cli.options import Options, is_dumb_terminal, parse_override
from oi_core.cli.pastes import Pastes
from oi_core.cli.signals import Terminated, interrupt_calls, interrupt_raises, terminated_by_signals
from oi_core.cli.slash_commands import run_slash_command
from oi_core.cli.terminal_dialogue import within
from oi_core.commands import Leave
from oi_core.errors import ConfigError, InterpreterError
from oi_core.opening import open_session
from oi_core.session import Session


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    try:
        yield ours, theirs
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("y", "y"),
        ("é", "é"),
        ("日", "日"),
        ("\r", ENTER),
        ("\n", ENTER),
        ("\x1b[A", "\x1b[A"),
        ("\x1b", ESCAPE),
        ("\x04", END_OF_FILE),
    ],
)
def test_a_key_is_read_whole(typed: str, key: str) -> None:
    with terminal() as (ours, theirs):
        keyboard = Keyboard(theirs)
        with keyboard.single_keys():
            os.write(ours, typed.encode())
            assert keyboard.read_key() == key


def test_keys_typed_too_early_are_dropped() -> None:
    with terminal() as (ours, theirs):
        keyboard = Keyboard(theirs)
        os.write(ours, b"typed before\n")
        with keyboard.single_keys():
            not_before = time.monotonic() + 0.3
            os.write(ours, b"held")
            threading.Timer(0.5, os.write, [ours, b"y"]).start()
            assert keyboard.read_key(not_before) == "y"


def test_the_modes_are_put_back_and_what_was_typed_without_echo_stays() -> None:
    with terminal() as (ours, theirs):
        keyboard = Keyboard(theirs)
        before = termios.tcgetattr(theirs)
        with keyboard.without_echo():
            assert not termios.tcgetattr(theirs)[3] & termios.ECHO
            os.write(ours, b"later\n")
            time.sleep(0.1)
        assert termios.tcgetattr(theirs) == before
        assert os.read(theirs, 100) == b"later\n"


def test_a_keyboard_that_is_no_terminal_or_is_gone_gives_end_of_file() -> None:
    reader, writer = os.pipe()
    os.close(writer)
    keyboard = Keyboard(reader)
    with keyboard.modes_kept(), keyboard.without_echo(), keyboard.single_keys():
        assert keyboard.read_key() == END_OF_FILE
    os.close(reader)
    assert keyboard.read_key() == END_OF_FILE


def test_the_editor_is_named_by_visual_then_editor() -> None:
    assert editor_command({"VISUAL": "code --wait", "EDITOR": "vi"}) == ["code", "--wait"]
    assert editor_command({"VISUAL": " ", "EDITOR": "vi"}) == ["vi"]
    assert editor_command({}) == []
    with pytest.raises(EditorError, match="not a command line"):
        editor_command({"EDITOR": "vi 'unclosed"})


def script(folder: Path, text: str) -> list[str]:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return [str(path)]


def test_an_edit_returns_what_the_editor_leaves(tmp_path: Path) -> None:
    assert edit_in(script(tmp_path, 'echo "x = 2" > "$1"'), "x = 1", "python") == "x = 2"
    assert edit_in(script(tmp_path, 'echo more >> "$1"'), "x = 1\n", "shell") == "x = 1\nmore\n"
    assert edit_in(script(tmp_path, "true"), "a\r\nb", "python") == "a\r\nb"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exit 3", "failed with exit status 3 · the text is as it was"),
        ('printf "\\377" > "$1"', "left text that is not UTF-8"),
        ('rm "$1"', "left no file"),
    ],
)
def test_an_editor_that_fails_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EditorError, match=said):
        edit_in(script(tmp_path, text), "x = 1", "python")
    with pytest.raises(EditorError, match="cannot be started"):
        edit_in(["/nowhere/editor"], "x", "python")


@pytest.mark.parametrize(
    "line",
    [
        "sk-proj-abcdefghijklmnop",
        "ghp_abcdefghijklmnopqrst",
        "AKIAABCDEFGHIJKLMNOP",
        "my password is hunter22",
        'api_key="abcd1234"',
        "curl -H 'Authorization: Bearer abcdefghij'",
        "postgres://user:pass@host/db",
        "-----BEGIN RSA PRIVATE KEY-----",
        "use 0123456789abcdef0123456789abcdef as the seed",
        "eyJhbGciOiJI.eyJzdWIiOiIx.abc",
    ],
)
def test_a_line_with_a_secret_is_recognised(line: str) -> None:
    assert looks_secret(line)


@pytest.mark.parametrize(
    "line", ["plot sales by month", "count the tokens in README.md", "/home/me/a/rather/long/path/to/a/file"]
)
def test_an_ordinary_line_is_no_secret(line: str) -> None:
    assert not looks_secret(line)


def test_a_long_text_is_looked_through_in_one_pass() -> None:
    assert not looks_secret("y" * 200_000)
    assert not looks_secret("a-b." * 50_000)
    assert looks_secret("a-b." * 50_000 + " https://me:secret@host")


def test_history_is_kept_in_a_private_file_newest_first(tmp_path: Path) -> None:
    path = history_file(tmp_path, tmp_path / "project")
    history = ProjectHistory(path, Pastes())
    for entry in ["first", "two\nlines", "password: hunter22", "last ü"]:
        history.store_string(entry)
    with path.open("a") as file:
        file.write('"cut off\n42\n')
    assert list(ProjectHistory(path, Pastes()).load_history_strings()) == ["last ü", "two\nlines", "first"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert history_file(tmp_path, tmp_path / "other") != path


def test_a_history_that_cannot_be_kept_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = ProjectHistory(tmp_path / "file" / "history", Pastes())
    history.store_string("lost")
    assert list(history.load_history_strings()) == []


def test_signals_are_handled_as_long_as_they_should_be() -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    stopped: list[bool] = []
    exit_code = 0
    try:
        with terminated_by_signals(), interrupt_calls(lambda: stopped.append(True)):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
    except Terminated as end:
        exit_code = end.exit_code
    assert stopped == [True, True]
    assert exit_code == 143
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_a_question_can_be_interrupted_though_a_turn_cannot() -> None:
    with interrupt_calls(lambda: None), interrupt_raises(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_a_hang_up_that_was_ignored_stays_ignored() -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with terminated_by_signals():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, previous)


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    ran: list[bool] = []

    def work() -> None:
        with terminated_by_signals(), interrupt_raises():
            ran.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == [True]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("a.b=1", "a.b", 1),
        ('m="x"', "m", "x"),
        ("m=gpt-x", "m", "gpt-x"),
        ("l=[1, 2]", "l", [1, 2]),
        ("e=", "e", ""),
        ("u=a=b", "u", "a=b"),
    ],
)
def test_an_override_is_toml_or_else_a_string(text: str, key: str, value: object) -> None:
    assert parse_override(text) == (key, value)


def test_special_options_win_over_overrides() -> None:
    options = Options(overrides=("approval=deny", "theme=light"), approve="auto", timeout=3)
    assert options.settings() == {"approval": "auto", "theme": "light", "limits.seconds": 3}
    with pytest.raises(ConfigError, match="KEY=VALUE"):
        Options(overrides=("=1",)).settings()


def test_colours_and_dumb_terminals() -> None:
    assert Options().colour({})
    assert not Options().colour({"NO_COLOR": "1"})
    assert not Options(no_color=True).colour({})
    assert is_dumb_terminal({})
    assert not is_dumb_terminal({"TERM": "xterm"})


def test_folders_are_shown_as_people_write_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert shown_folder(tmp_path) == "~"
    assert shown_folder(tmp_path / "shop") == "~/shop"
    assert shown_folder(Path("/usr/lib")) == "/usr/lib"


class Commands:
    """A plugin with slash commands, some of them bad."""

    @plugin_api.hookimpl
    def provide_commands(self, config: plugin_api.Config) -> list[plugin_api.Command]:
        def hello(_session: Session, arguments: str) -> str:
            return f"hello {arguments}"

        def fails(_session: Session, _arguments: str) -> str:
            raise ZeroDivisionError("oops")

        def refuses(_session: Session, _arguments: str) -> str:
            raise InterpreterError("cannot", "try later")

        commands = {"hello": hello, "fails": fails, "refuses": refuses, "quit": hello}
        return [plugin_api.Command(name, "a command", run) for name, run in commands.items()]


def test_commands_of_plugins_run_fail_and_do_not_replace_ours(tmp_path: Path) -> None:
    with open_session(tmp_path, isolated=True, extra_plugins={"commands": Commands()}) as session:
        assert run_slash_command(session, "/hello  you ") == "hello you"
        assert run_slash_command(session, "/fails") == "/fails failed: ZeroDivisionError: oops"
        assert run_slash_command(session, "/refuses") == "cannot · try later"
        assert "/hello" in str(run_slash_command(session, "/help"))
        assert run_slash_command(session, "/helo") == "there is no command /helo · did you mean /hello?"
        assert run_slash_command(session, "/quit") == Leave()


@pytest.mark.parametrize("width", [12, 30, 60, 100])
def test_the_keys_of_the_question_are_never_broken(width: int) -> None:
    keys = "y run   e edit   a always python this session   n no + tell why"
    lines = packed(keys, width)
    assert "   ".join(lines) == keys
    assert all(len(line) <= width or "   " not in line for line in lines)


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("short", ["short"]),
        ("one two three four", ["one two", "three four"]),
        ("  a  indented line", ["  a", "  indented", "  line"]),
        ("see /a/very/long/path/indeed now", ["see", "/a/very/long/path/indeed", "now"]),
        ("", [""]),
    ],
)
def test_lines_of_the_program_break_between_words_and_paths_stay_whole(line: str, pieces: list[str]) -> None:
    assert within(line, 10) == pieces


def test_what_is_said_of_a_name_stays_together() -> None:
    assert within("price  one two three four", 21) == ["price  one two three", "       four"]
