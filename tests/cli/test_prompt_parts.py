"""What the prompt is made of: pastes, completion, the status line, the pager and the clipboard, each by itself."""

from __future__ import annotations

import io
import os
import shlex
import stat
from base64 import b64encode
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from rich.cells import cell_len

from oi_core.cli.clipboard import copy
from oi_core.cli.history import ProjectHistory
from oi_core.cli.pager import PagerError, harmless_lines, page, pager_command
from oi_core.cli.paste_parser import PasteParser
from oi_core.cli.pastes import TOKEN, Pastes
from oi_core.cli.path_completion import MOST_OFFERED, path_candidates
from oi_core.cli.prompt_completion import candidates, wants_list
from oi_core.cli.status_line import READY, Field, fields_of, in_short, status_line
from oi_core.commands import Command
from oi_core.mentions import MENTION, paths_meant
from oi_core.messages import CodeBlock
from oi_core.results import ExecutionResult, Outcome
from oi_core.session import Session

from ..core.scripted_session import Script, text

LONG = "\n".join(f"row {number}" for number in range(214))
typed = st.text(st.characters(blacklist_characters="[]"))
pasted = st.one_of(st.text(), st.text(min_size=1001), st.lists(st.text(), min_size=11).map("\n".join))


def test_a_long_paste_is_one_token_and_is_sent_whole() -> None:
    pastes = Pastes()
    assert pastes.fold(LONG) == "[paste 1: 214 lines]"
    assert Pastes().fold(LONG + "\n") == "[paste 1: 214 lines]"
    assert pastes.fold("x" * 5120) == "[paste 2: 5,120 characters]"
    assert pastes.fold("short\npaste") == "short\npaste"
    assert pastes.unfold("see [paste 1: 214 lines] and [paste 3: 9 lines]") == f"see {LONG} and [paste 3: 9 lines]"


@given(st.lists(st.tuples(typed, pasted)))
def test_whatever_is_typed_and_pasted_arrives_as_it_was(pieces: list[tuple[str, str]]) -> None:
    pastes = Pastes()
    shown = "".join(typed + pastes.fold(pasted) for typed, pasted in pieces)
    whole = "".join(typed + pasted for typed, pasted in pieces)
    assert pastes.unfold(shown) == whole
    assert pastes.unfold(pastes.refold(whole, shown)) == whole


KEYS_AND_PASTES = st.lists(
    st.sampled_from(["a", "é", "\r", "\x1b[A", "\x1b[200~", "\x1b[201~", "\x1b[20", "line\n" * 3, "\x1b", "~"])
).map("".join)


@given(KEYS_AND_PASTES, st.lists(st.integers(0, 100)))
def test_keys_and_pastes_are_read_the_same_however_they_arrive(text: str, cuts: list[int]) -> None:
    pieces = [text[a:b] for a, b in pairwise([0, *sorted(cuts), len(text)])]
    expected: list[KeyPress] = []
    Vt100Parser(expected.append).feed(text)
    for fed in ([text], pieces):
        seen: list[KeyPress] = []
        parser = PasteParser(seen.append)
        for piece in fed:
            parser.feed(piece)
        assert seen == expected


def test_a_token_that_is_pasted_again_stays_what_it_was() -> None:
    pastes = Pastes()
    token = pastes.fold(LONG)
    again = pastes.fold(f"say {token}")
    assert TOKEN.fullmatch(again)
    assert pastes.unfold(again) == f"say {token}"
    shown = f"{token} and {again}"
    assert pastes.refold(pastes.unfold(shown), shown) == shown


def test_only_a_whole_token_is_one_key_to_delete() -> None:
    pastes = Pastes()
    token = pastes.fold(LONG)
    assert pastes.token_before(f"see {token}") == token
    assert pastes.token_before(f"see {token} ") == ""
    assert pastes.token_before("[paste 9: 214 lines]") == ""


def test_history_keeps_pastes_with_their_messages_and_keeps_out_what_begins_with_a_blank(tmp_path: Path) -> None:
    pastes, path = Pastes(), tmp_path / "history"
    history = ProjectHistory(path, pastes)
    history.store_string(f"explain {pastes.fold(LONG)} please")
    history.store_string(f"and {pastes.fold('password = hunter22 ' * 100)}")
    history.store_string(f"and {pastes.fold('y' * 50_000)}")
    history.store_string(" kept to myself")
    again = Pastes()
    again.fold("z" * 2000)
    entries = list(ProjectHistory(path, again).load_history_strings())
    assert entries == ["and [paste 3: 50,000 characters]", "explain [paste 2: 214 lines] please"]
    assert again.unfold(entries[1]) == f"explain {LONG} please"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("notes.txt", "two words.md", "Data.csv", ".hidden", "built.o", "quote'd"):
        (tmp_path / name).write_text("")
    for name in ("src", "node_modules", ".git", "src/deep"):
        (tmp_path / name).mkdir()
    (tmp_path / "src" / "deep" / "Maintain me.py").write_text("")
    (tmp_path / "node_modules" / "maintainers").write_text("")
    (tmp_path / "src" / "deep" / "loop").symlink_to(tmp_path)
    (tmp_path / "src" / "main.py").write_text("")
    (tmp_path / ".gitignore").write_text("# made\n/node_modules/\n*.o\nsrc/generated\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("see @", ["Data.csv", "notes.txt", r"quote\'d", "src/", r"two\ words.md"]),
        ("see @n", ["notes.txt"]),
        ("@da", ["Data.csv"]),
        ("@src/", ["deep/", "main.py"]),
        ("@mai", ["src/main.py", r"src/deep/Maintain\ me.py"]),
        ("@'MAIN", ["src/main.py", "src/deep/Maintain me.py"]),
        ("@m", []),
        ("@./src/ma", ["main.py"]),
        ("@.", [".gitignore", ".hidden"]),
        ("@node", ["node_modules/"]),
        (r"@two\ w", [r"two\ words.md"]),
        ('@"two w', ["two words.md"]),
        ("@'q", []),
        ("me@n", []),
        ("@missing/", []),
        ("@~nobody-of-this-name/", []),
        ("@\0", []),
        ("no mention", []),
    ],
)
def test_paths_are_completed_from_the_project_s_folder(project: Path, text: str, offered: list[str]) -> None:
    assert [candidate.text for candidate in path_candidates(text, project)] == offered


@given(name=st.text(st.characters(codec="utf-8", blacklist_characters="/\0"), min_size=1, max_size=20))
def test_a_completed_path_is_the_one_that_is_sent(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("names")
    try:
        (folder / name).write_text("")
    except OSError:  # names like "." and ".."
        return
    text = "@." if name.startswith(".") else "@"
    for candidate in path_candidates(text, folder):
        mention = MENTION.fullmatch(text[: len(text) - candidate.length] + candidate.text)
        assert mention is not None
        assert folder / name in paths_meant(mention, folder)


def test_a_huge_folder_is_offered_in_part(tmp_path: Path) -> None:
    for number in range(MOST_OFFERED + 50):
        (tmp_path / f"file{number:04}").touch()
    assert len(list(path_candidates("@file", tmp_path))) == MOST_OFFERED


def test_commands_and_their_arguments_are_completed_and_a_failing_one_offers_nothing() -> None:
    def fails(_session: Session, _arguments: str) -> Iterable[str]:
        yield "fine"
        raise ZeroDivisionError

    with Script([]).open() as session:
        session.commands["odd"] = Command("odd", "an odd one", lambda _session, _arguments: "", fails)
        assert [each.text for each in candidates(session, "/res")] == ["/reset", "/restart", "/resume"]
        assert [each.text for each in candidates(session, "%help")] == ["%help"]
        assert [each.text for each in candidates(session, "/approve a")] == ["ask", "auto"]
        assert [each.text for each in candidates(session, "/odd ")] == ["fine"]
        assert list(candidates(session, "/no-such-command x")) == []
        assert list(candidates(session, "plain words")) == []


@pytest.mark.parametrize(("text", "wanted"), [("/he", True), ("see @sr", True), ("/model x", False), ("a@b", False)])
def test_a_list_comes_by_itself_behind_a_slash_or_an_at(text: str, wanted: bool) -> None:
    assert wants_list(text) is wanted


FIELDS = [Field("gpt-6-luna", 1), Field("3.1k/128k", 3), Field("$0.01", 4), Field("~/shop", 5), Field("ask", 0)]


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (60, "ready           gpt-6-luna · 3.1k/128k · $0.01 · ~/shop · ask"),
        (50, "ready        gpt-6-luna · 3.1k/128k · $0.01 · ask"),
        (25, "ready    gpt-6-luna · ask"),
        (20, "ready            ask"),
        (9, "ask"),
        (2, "r…"),
    ],
)
def test_the_status_line_drops_what_matters_least_first(width: int, line: str) -> None:
    assert status_line(READY, FIELDS, width).split() == line.split()


@given(st.lists(st.builds(Field, st.text(max_size=30), st.integers(0, 5))), st.integers(2, 120))
def test_the_status_line_fits_any_width(fields: list[Field], width: int) -> None:
    assert cell_len(status_line(READY, fields, width)) <= width


def test_tokens_are_shown_in_short() -> None:
    assert list(map(in_short, [0, 812, 3100, 12_345, 128_000, 1_000_000])) == ["0", "812", "3.1k", "12k", "128k", "1M"]


def test_the_status_of_a_session_names_its_model_folder_and_approval(tmp_path: Path) -> None:
    with Script([[text("Hello.")]]).open(project=tmp_path, auto_run=False) as session:
        list(session.stream("hi"))
        tokens = fields_of(session)[1].text
        assert tokens.endswith("/8.2k")
        assert in_short(session.prompts.tokens) == tokens.partition("/")[0] != "0"
        session.reset()
        assert [field.text for field in fields_of(session)] == ["script/test", f"…/{tmp_path.name}", "ask"]


def result(output: str, spool: str = "") -> ExecutionResult:
    return ExecutionResult(CodeBlock("", "shell", "x"), output, Outcome.FINISHED, spool=spool)


def test_the_pager_gets_the_whole_output_harmless(tmp_path: Path) -> None:
    spool = tmp_path / "spool.txt"
    spool.write_text("\x1b[31mred\x1b[0m\n10%\r100%\n" + "line\n" * 20_000 + "\x1b]0;title\x07end")
    lines = list(harmless_lines(result("cut", str(spool))))
    assert lines[:3] == ["red", "100%", "line"]
    assert lines[-1] == "end"
    assert len(lines) == 20_003
    assert list(harmless_lines(result("kept", str(tmp_path / "gone")))) == ["kept"]


def executable(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_person_s_pager_is_used_and_its_failure_is_named(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    pager = executable(
        tmp_path / "pager", f'cat "$2" > {shlex.quote(str(seen))}; echo "$1" >> {shlex.quote(str(seen))}'
    )
    page(result("a\nb"), {"PAGER": f"{pager} --flag"}, io.StringIO())
    assert seen.read_text() == "a\nb\n--flag\n"
    with pytest.raises(PagerError, match="exit status 3"):
        page(result(""), {"PAGER": str(executable(tmp_path / "bad", "exit 3"))}, io.StringIO())
    with pytest.raises(PagerError, match="cannot be started"):
        page(result(""), {"PAGER": "/nowhere/pager"}, io.StringIO())
    with pytest.raises(PagerError, match="not a command line"):
        pager_command({"PAGER": "less 'unclosed"})


def test_without_a_pager_the_end_of_the_output_is_written(tmp_path: Path) -> None:
    out = io.StringIO()
    page(result("\n".join(map(str, range(1000)))), {"PATH": str(tmp_path)}, out)
    assert out.getvalue().splitlines() == [str(number) for number in range(500, 1000)]
    executable(tmp_path / "less", "")
    assert pager_command({"PATH": str(tmp_path)}) == ["less", "-R"]


def test_a_copy_goes_to_every_clipboard_there_is(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    executable(tmp_path / "wl-copy", f"cat > {shlex.quote(str(seen))}")
    executable(tmp_path / "xclip", "exit 1")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}
    terminal = io.StringIO()
    ways = copy("café", environment, terminal)
    assert [way.split()[0] for way in ways] == ["wl-copy", "the"]
    assert seen.read_text() == "café"
    assert terminal.getvalue() == f"\x1b]52;c;{b64encode('café'.encode()).decode()}\x07"


def test_without_any_clipboard_nothing_is_claimed(tmp_path: Path) -> None:
    assert copy("x", {"PATH": str(tmp_path)}, None) == []
    assert copy("x" * 100_000, {"PATH": str(tmp_path)}, io.StringIO()) == []
