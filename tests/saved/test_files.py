"""The file of a saved session: what goes in comes out, whatever happens to the end of the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oi_core.errors import ConfigError
from oi_core.messages import (
    AssistantMessage,
    CodeBlock,
    Message,
    SummaryMessage,
    SystemMessage,
    ToolMessage,
    UserCodeMessage,
    UserMessage,
)
from oi_core.results import ExecutionResult, Outcome
from oi_core.saved.archive import About, Run, SavedSession
from oi_core.saved.order import Call, in_order
from oi_core.saved.reading import read_saved
from oi_core.saved.records import RecordWriter, all_records
from oi_core.saved.searching import lines_with
from oi_core.saved.session_file import SessionFile, line_of
from oi_core.saved.store import SessionStore

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates and controls too
URLS = st.sampled_from([f"data:image/png;base64,{PIXEL}", "data:image/png;base64,AAAA", "https://example.org/a.png"])
IMAGES = st.lists(URLS, max_size=3).map(tuple)
BLOCKS = st.builds(CodeBlock, ANY_TEXT, ANY_TEXT, ANY_TEXT)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(SystemMessage, ANY_TEXT),
    st.builds(UserMessage, ANY_TEXT, IMAGES),
    st.builds(SummaryMessage, ANY_TEXT, IMAGES),
    st.builds(UserCodeMessage, ANY_TEXT, IMAGES),
    st.builds(AssistantMessage, ANY_TEXT, st.lists(BLOCKS, max_size=2).map(tuple), ANY_TEXT, st.just(("{}",))),
    st.builds(ToolMessage, ANY_TEXT, ANY_TEXT, IMAGES),
)
RESULTS = st.builds(
    ExecutionResult,
    BLOCKS,
    ANY_TEXT,
    st.sampled_from(Outcome),
    st.none() | st.integers(-9, 255),
    ANY_TEXT,
    st.just(0.5),
    ANY_TEXT,
)
BUNDLES = st.dictionaries(st.sampled_from(["text/html", "image/svg+xml"]), ANY_TEXT, max_size=2) | st.just(
    {"image/png": b"\x89PNG"}
)
ABOUT = About("k3f9wz", "A title", "/somewhere", "demo/tour", datetime(2026, 11, 22, tzinfo=UTC))


@st.composite
def sessions(draw: st.DrawFn) -> SavedSession:
    messages = tuple(draw(st.lists(MESSAGES, max_size=6)))
    positions = sorted(draw(st.lists(st.integers(0, len(messages)), max_size=3)))
    runs = tuple(Run(draw(RESULTS), at, tuple(draw(st.lists(BUNDLES, max_size=2)))) for at in positions)
    return SavedSession(ABOUT, messages, runs)


def written(saved: SavedSession) -> bytes:
    return b"".join(line_of(record) for record in all_records(saved, RecordWriter()))


@given(sessions())
def test_a_session_read_is_the_session_written(tmp_path_factory: pytest.TempPathFactory, saved: SavedSession) -> None:
    path = tmp_path_factory.mktemp("saved") / "a.jsonl"
    path.write_bytes(written(saved))
    assert read_saved(path) == saved
    path.write_text(json.dumps({"v": 1, "records": list(all_records(saved, RecordWriter()))}, indent=1))
    assert read_saved(path) == saved


@given(sessions(), st.data())
def test_a_file_cut_off_anywhere_holds_what_was_whole_and_can_be_gone_on_with(
    tmp_path_factory: pytest.TempPathFactory, saved: SavedSession, data: st.DataObject
) -> None:
    content = written(saved)
    first = content.index(b"\n") + 1
    path = tmp_path_factory.mktemp("saved") / "a.jsonl"
    path.write_bytes(content[: data.draw(st.integers(first, len(content)))])
    before = read_saved(path)
    assert before.messages == saved.messages[: len(before.messages)]
    assert before.damaged <= 1
    file = SessionFile.reopen(path)
    assert file is not None
    file.write(RecordWriter().message(UserMessage("after")))
    file.close()
    after = read_saved(path)
    assert after.messages[-1] == UserMessage("after")
    assert after.messages[:-1] in (before.messages, saved.messages[: len(before.messages) + 1])


def test_a_picture_is_in_the_file_once(tmp_path: Path) -> None:
    url = f"data:image/png;base64,{PIXEL}"
    saved = SavedSession(ABOUT, (UserMessage("a", (url,)), UserMessage("b", (url, url))))
    assert written(saved).count(PIXEL.encode()) == 1


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"message","role":"user","text":5}',
        b'{"type":"message","role":"assistant","text":"","calls":[3]}',
        b'{"type":"message","role":"assistant","text":"","calls":{"call":""}}',
        b'{"type":"message","role":"result","text":""}',
        b'{"type":"message","role":"user","text":"","images":[{}]}',
        b'{"type":"run","call":"","language":"python","code":"","output":"","outcome":"splendid"}',
        b'{"type":"run","call":"","language":"python","code":"","output":"","outcome":"failed","seconds":"long"}',
        b'{"type":"rewind","messages":-1}',
        b'{"type":"news"}',
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_line_that_says_nothing_is_counted_and_the_others_stay(tmp_path: Path, line: bytes) -> None:
    saved = SavedSession(ABOUT, (UserMessage("before"),))
    path = tmp_path / "a.jsonl"
    path.write_bytes(written(saved) + line + b"\n" + line_of(next(RecordWriter().message(UserMessage("after")))))
    read = read_saved(path)
    assert read.messages == (UserMessage("before"), UserMessage("after"))
    assert read.damaged == 1


def test_openai_shaped_messages_are_a_session_too(tmp_path: Path) -> None:
    path = tmp_path / "messages.json"
    path.write_text('[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello."}]')
    assert read_saved(path).messages == (UserMessage("hi"), AssistantMessage("Hello."))
    assert read_saved(path).about.title == "hi"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no saved session"),
        (b"hello", "holds no saved session"),
        (b"{}", "holds no saved session"),
        (b'{"v":9,"type":"session"}\n', "another version"),
        (b'{"v":1,"type":"session","id":"a"}\n', "first line"),
        (b'[{"role": "poet"}]', "role"),
    ],
)
def test_what_is_no_session_is_refused_with_a_reason(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        read_saved(path)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path, Path("/dev/null")):
        with pytest.raises(ConfigError, match=path.name):
            read_saved(path)


def test_calls_and_runs_find_each_other_where_ids_are_used_again() -> None:
    def ran(output: str, position: int, call_id: str = "0") -> Run:
        return Run(ExecutionResult(CodeBlock(call_id, "python", output), output, Outcome.FINISHED), position)

    block = CodeBlock("0", "python", "x")
    turn = (AssistantMessage("", (block,)), ToolMessage("0", "told"))
    own = ran("own", 2, "")
    first, second = ran("first", 2), ran("second", 4)
    steps = in_order(SavedSession(ABOUT, turn + turn, (first, own, second)))
    calls = [step.run for step in steps if isinstance(step, Call)]
    assert calls == [first, second]
    assert steps.index(own) == 2
    known = in_order(SavedSession(ABOUT, turn))[1]
    assert isinstance(known, Call)
    assert known.told == ToolMessage("0", "told")


def test_code_the_person_ran_is_told_once() -> None:
    told = UserCodeMessage("[what ran and what it printed]")
    own = Run(ExecutionResult(CodeBlock("", "shell", "ls"), "a", Outcome.FINISHED), 1)
    assert in_order(SavedSession(ABOUT, (UserMessage("hi"), told), (own,))) == [UserMessage("hi"), own]
    assert in_order(SavedSession(ABOUT, (UserMessage("hi"), told))) == [UserMessage("hi"), told]


def test_ids_are_found_by_their_beginning_and_near_ones_are_named(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "new" / "sessions")
    assert list(store.sessions()) == []
    for name in ("abc234", "abd567"):
        file = store.begin(name)
        file.write(all_records(SavedSession(replace(ABOUT, id=name)), RecordWriter()))
        file.close()
    assert store.find("ABC").id == "abc234"
    for name, said in [("ab", "abc234, abd567|abd567, abc234"), ("abc239", "abc234"), ("zzz", "sessions list")]:
        with pytest.raises(ConfigError, match=said):
            store.find(name)
    for name in ("../abc234", "", "*"):
        with pytest.raises(ConfigError):
            store.find(name)
    assert (tmp_path / "new" / "sessions").stat().st_mode & 0o777 == 0o700
    assert store.path_of("abc234").stat().st_mode & 0o777 == 0o600


@given(
    ANY_TEXT.filter(lambda text: text.strip() and len(text.splitlines()) == 1), st.sampled_from([str.upper, str.lower])
)
def test_a_text_is_found_whatever_it_is_made_of(
    tmp_path_factory: pytest.TempPathFactory, text: str, cased: Callable[[str], str]
) -> None:
    path = tmp_path_factory.mktemp("saved") / "a.jsonl"
    assume(cased(text.strip()).lower() not in "before")
    path.write_bytes(written(SavedSession(ABOUT, (UserMessage(f'before\n"{text.strip()}" \\ after'),))))
    if cased(text.strip()).lower() in text.strip().lower():
        assert [line.where for line in lines_with(path, cased(text.strip()))] == ["you"]
    assert lines_with(path, "nowhere at all") == []
