"""A session that is saved as it goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from oi_core.conversation import Conversation
from oi_core.events import InputRequested, Notice
from oi_core.messages import Message, SummaryMessage, ToolMessage, UserMessage
from oi_core.model import Delta
from oi_core.opening import open_session
from oi_core.review import Approval
from oi_core.saved.archive import SavedSession
from oi_core.saved.reading import read_saved
from oi_core.saved.store import SessionStore
from oi_core.session import Session
from oi_core.testing.scripted import ScriptedModel
from oi_core.wire.conversation import WireConversation
from tests.core.scripted_session import Script, call, text, unanswered_calls


def saving(script: Script, folder: Path, **settings: object) -> tuple[Session, SessionStore]:
    session = script.open(project=folder, **settings)
    store = SessionStore(folder / "sessions")
    session.recording.keep_in(lambda: store)
    return session, store


def only(store: SessionStore) -> SavedSession:
    (stored,) = store.sessions()
    return read_saved(stored.path)


def test_everything_that_was_said_and_run_is_in_the_file(tmp_path: Path) -> None:
    script = Script([[text("Let me see."), call("one"), call("fail", index=1)], [text("Done.")]])
    session, store = saving(script, tmp_path)
    with session:
        assert not store.folder.exists()
        list(session.stream("do it\nplease\n\n[data that came with it]"))
        list(session.run_code("echo", "own"))
        saved = only(store)
        assert session.recording.id == saved.about.id
        assert saved == session.recording.saved(session.conversation)
    assert saved.messages == tuple(session.conversation.messages)
    assert [run.result.block.code for run in saved.runs] == ["one", "fail", "own"]
    assert [run.result.exit_status for run in saved.runs] == [None, 1, None]
    assert (saved.about.title, saved.about.folder, saved.about.model) == ("do it please", str(tmp_path), "script/test")


def test_a_message_is_on_disk_before_the_model_is_asked_and_a_call_before_it_runs(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look() -> None:
        seen.append([type(message).__name__ for message in only(store).messages])

    session, store = saving(Script([[look, text("x"), call("one")], [look, text("y")]]), tmp_path)
    with session:
        list(session.stream("hi"))
    assert seen == [["UserMessage"], ["UserMessage", "AssistantMessage", "ToolMessage"]]


def test_a_new_conversation_is_a_new_session_and_what_is_taken_back_is_taken_back(tmp_path: Path) -> None:
    session, store = saving(Script([[text(word)] for word in "ABCDE"]), tmp_path)
    with session:
        list(session.stream("1"))
        list(session.stream("2"))
        session.conversation.take_back()
        assert len(only(store).messages) == 2
        list(session.stream("3"))
        assert only(store).messages == tuple(session.conversation.messages)
        assert [m.text for m in only(store).messages] == ["1", "A", "3", "C"]
        first = session.recording.id
        session.conversation = Conversation(session.conversation.messages[:2])
        session.conversation.take_back()
        list(session.stream("4"))
        assert session.recording.id != first
        second = session.recording.id
        session.conversation.take_back()
        assert read_saved(store.path_of(second)).messages == ()
        session.reset()
        list(session.stream("5"))
        assert session.recording.id not in (first, second)
    assert {each.about.title for each in store.sessions()} == {"1", "4", "5"}


def test_a_conversation_of_openai_shaped_dicts_is_saved_alike(tmp_path: Path) -> None:
    session, store = saving(Script([[call("one")], [text("Done.")]]), tmp_path)
    session.conversation = WireConversation()
    with session:
        list(session.stream("hi"))
    assert only(store).messages == tuple(session.conversation.messages)
    assert len(only(store).runs) == 1


def test_a_folder_that_cannot_be_written_is_told_once_and_the_chat_goes_on(tmp_path: Path) -> None:
    (tmp_path / "sessions").write_text("in the way")
    session, _ = saving(Script([[text("A")], [text("B")]]), tmp_path)
    with session:
        events = [*session.stream("1"), *session.stream("2")]
        notices = [event for event in events if isinstance(event, Notice)]
        assert len(notices) == 1
        assert "no longer saved" in notices[0].text
        assert "/save FILE" in notices[0].text
        assert len(session.recording.saved(session.conversation).messages) == 4


def resumed(folder: Path, *turns: list[Delta]) -> tuple[Session, SessionStore, bool]:
    session, store = saving(Script([*turns]), folder)
    stored = next(store.sessions())
    saved = read_saved(stored.path)
    session.conversation = session.recording.resume(saved, stored)
    return session, store, session.recording.id == stored.id


def test_a_session_that_broke_off_in_a_call_goes_on_valid_and_in_the_same_file(tmp_path: Path) -> None:
    session, store = saving(Script([[call("one"), call("two", index=1)], [text("Done.")]]), tmp_path)
    with session:
        list(session.stream("do it"))
    (stored,) = store.sessions()
    lines = stored.path.read_bytes().splitlines(keepends=True)
    cut = next(index for index, line in enumerate(lines) if b'"role":"result"' in line) + 1
    stored.path.write_bytes(b"".join(lines[:cut]) + lines[cut][:20])
    again, store, same = resumed(tmp_path, [text("Well.")])
    with again:
        assert same
        before: list[Message] = list(again.conversation.messages)
        assert unanswered_calls(before) == []
        assert isinstance(before[-1], ToolMessage)
        assert "no result was recorded" in before[-1].text
        list(again.stream("go on"))
        assert only(store).messages == tuple(again.conversation.messages)
        assert only(store).damaged == 1


def test_a_session_that_is_open_elsewhere_goes_on_as_a_copy(tmp_path: Path) -> None:
    first, store = saving(Script([[call("one")], [text("Done.")], [text("More.")]]), tmp_path)
    with first:
        list(first.stream("do it"))
        second, store, same = resumed(tmp_path, [text("Copied.")])
        with second:
            assert not same
            list(first.stream("more"))
            list(second.stream("other"))
            assert first.recording.id != second.recording.id
            for session in (first, second):
                saved = read_saved(store.path_of(session.recording.id))
                assert saved.messages == tuple(session.conversation.messages)
                assert [run.result.block.code for run in saved.runs] == ["one"]


def test_a_summary_is_one_when_it_comes_back(tmp_path: Path) -> None:
    session, store = saving(Script([[text("A")], [text("In short: A.")]]), tmp_path)
    with session:
        list(session.stream("1"))
        list(session.compact())
    assert isinstance(only(store).messages[-1], SummaryMessage)


def test_code_that_is_declined_is_kept_as_such(tmp_path: Path) -> None:
    session, store = saving(Script([[call("one")]]), tmp_path, auto_run=False, approval=Approval.DENY.value)
    with session:
        list(session.stream("do it"))
    (run,) = only(store).runs
    assert not run.result.outcome.ran


def test_sessions_older_than_the_setting_go_when_another_is_begun(tmp_path: Path) -> None:
    session, store = saving(Script([[text("A")]]), tmp_path)
    with session:
        list(session.stream("old"))
    (old,) = store.sessions()
    os.utime(old.path, (0, time.time() - 3 * 86_400))
    for days, left in [(0, {"old", "new"}), (4, {"old", "new"}), (2, {"new"})]:
        session, _ = saving(Script([[text("A")]]), tmp_path)
        keeping = SessionStore(store.folder, days)
        session.recording.keep_in(lambda kept=keeping: kept)  # type: ignore[misc]  # bound at once
        with session:
            list(session.stream("new"))
        assert {each.about.title for each in store.sessions()} == left


@pytest.fixture
def python(tmp_path: Path) -> Session:
    session = open_session(tmp_path, "scripted/model", auto_run=True, isolated=True)
    session.recording.keep_in(lambda: SessionStore(tmp_path / "sessions"))
    session.conversation.add(UserMessage("hi"))
    session.recording.follow(session.conversation, ScriptedModel().name)
    return session


def test_typed_secrets_are_not_in_the_file_and_displayed_values_are(tmp_path: Path, python: Session) -> None:
    code = """\
import getpass
class Shown:
    def _repr_png_(self): return b"\\x89PNG pixels"
password, name = getpass.getpass(), input("name? ")
Shown()"""
    with python:
        for event in python.run_code("python", code):
            if isinstance(event, InputRequested):
                python.answer("hunter2")
    saved = only(SessionStore(tmp_path / "sessions"))
    (run,) = saved.runs
    assert any(bundle.get("image/png") == b"\x89PNG pixels" for bundle in run.shown)
    assert run.result.outcome.value == "finished"
    content = next((tmp_path / "sessions").iterdir()).read_text()
    assert content.count("getpass.getpass()") == 1
    assert "hunter2" not in content
