"""The slash commands on real sessions with a scripted model."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from oi_core.cli.slash_commands import commands_of, in_columns, is_command, run_slash_command
from oi_core.cli.user_code import run_typed_shell
from oi_core.commands import Confirm, Copy, Draft, Send
from oi_core.errors import UnknownLanguage
from oi_core.events import Event, Executed, Notice
from oi_core.messages import AssistantMessage, SummaryMessage, UserCodeMessage, UserMessage
from oi_core.opening import open_session
from oi_core.review import Approval
from oi_core.session import Session

from ..core.scripted_session import Script, call, text

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x02\x08\x02\x00\x00\x00"


def said(session: Session, line: str) -> str:
    """Return what a command says, which does nothing else."""
    answer = run_slash_command(session, line)
    assert isinstance(answer, str)
    return answer


def output_of(events: list[Event]) -> str:
    return "".join(event.result.output for event in events if isinstance(event, Executed))


def test_undo_takes_the_last_exchange_back_and_says_what_stays_done() -> None:
    script = Script([[text("First.")], [call("make")], [text("Made.")]])
    with script.open() as session:
        list(session.stream("one"))
        list(session.stream("two"))
        assert said(session, "/undo 3") == "/undo takes nothing after it, and nothing was done"
        assert said(session, "/sessions every") == "/sessions does not know every · /sessions, or /sessions all"
        words = said(session, "/undo")
        assert words == (
            "Your last message and the 3 that followed it taken out of the conversation; what echo code did stays done."
        )
        assert [message.text for message in session.conversation.messages] == ["one", "First."]
        assert said(session, "/undo") == "Your last message and its answer taken out of the conversation."
        assert "there is no message to take back" in said(session, "/undo")


def test_what_a_summary_stands_for_is_not_taken_back() -> None:
    with Script([]).open() as session:
        session.conversation.add(UserMessage("one"))
        session.conversation.add(SummaryMessage("a summary"))
        session.conversation.add(AssistantMessage("noted"))
        assert "there is no message to take back" in said(session, "/undo")
        assert len(session.conversation.messages) == 3


def test_retry_sends_the_message_with_its_pictures_and_edit_mentions_them_again(tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(PICTURE)
    with Script([[text("A cat.")], [text("A dog.")]]).open(project=tmp_path) as session:
        list(session.stream('what is on "a b.png" ?', ["data:image/png;base64,AAAA"]))
        answer = run_slash_command(session, "/retry")
        assert isinstance(answer, Send)
        assert (answer.text, answer.images) == ('what is on "a b.png" ?', ("data:image/png;base64,AAAA",))
        assert session.conversation.messages == ()
        list(session.stream(answer.text, answer.images))
        draft = run_slash_command(session, "/edit")
        assert isinstance(draft, Draft)
        assert draft.text == 'what is on @"a b.png" ?'
        assert "name its pictures" not in draft.said
        assert "there is no message" in said(session, "/retry")


def test_config_shows_what_holds_now_and_where_a_change_came_from(tmp_path: Path) -> None:
    with open_session(project=tmp_path, model="demo/tour", approval="ask") as session:
        said(session, "/approve risky")
        rows = [row.split() for row in said(session, "/config").splitlines()]
        assert ["approval", "=", '"risky"', "this", "session"] in rows
        assert said(session, "/config approval").startswith('approval = "risky"   (this session)')
        limits = said(session, "/config limits").splitlines()
        assert limits
        assert all(row.startswith("limits.") for row in limits)
        assert said(session, "/config aproval") == 'there is no setting "aproval" · did you mean "approval"?'
        assert "limits.turns" in list(commands_of(session)["config"].complete(session, "lim"))


def test_copy_takes_the_answer_the_code_or_the_whole_output() -> None:
    with Script([[call("x" * 3000)], [text("Done.")]]).open(limits={"output_tokens": 100}) as session:
        assert "there is no answer to copy yet" in said(session, "/copy")
        list(session.stream("go"))
        assert run_slash_command(session, "/copy") == Copy("Done.", "the answer")
        assert run_slash_command(session, "/copy code") == Copy("x" * 3000, "the code")
        assert run_slash_command(session, "/copy output") == Copy(f"ran {'x' * 3000}\n", "the output")
        assert "it takes answer, code or output" in said(session, "/copy all")


def test_approve_shows_changes_and_confirms_auto() -> None:
    with Script([]).open(auto_run=False) as session:
        assert "* ask" in said(session, "/approve")
        assert "approval: risky" in said(session, "/approve risky")
        question = run_slash_command(session, "/approve auto")
        assert isinstance(question, Confirm)
        assert session.config.approval is Approval.RISKY
        assert "approval: auto" in str(question.then())
        assert "* auto" in said(session, "/approve")
        assert isinstance(run_slash_command(session, "/approve auto"), str)
        assert "/approve takes ask, risky, auto or deny" in said(session, "/approve yes")
        assert list(commands_of(session)["approve"].complete(session, "")) == ["ask", "risky", "auto", "deny"]


def test_model_switches_and_a_model_that_cannot_be_opened_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with Script([]).open() as session:
        assert "script/test" in said(session, "/model")
        assert "model: demo/tour, from the next message on" in said(session, "/model demo/tour")
        assert session.config.model == "demo/tour"
        assert "try demo/tour" in said(session, "/model demo/none-such")
        assert session.config.model == "demo/tour"
        assert "no API key found for it" in said(session, "/model gpt-none-such")
        assert "gpt-6-luna" in commands_of(session)["model"].complete(session, "gpt")


def test_restart_and_vars_know_what_runs() -> None:
    with Script([]).open() as session:
        assert said(session, "/restart") == "Nothing to restart: no language has a process yet."
        assert said(session, "/vars") == "python has no process yet, and no variables."
        list(session.run_code("python", "answer = 6 * 7"))
        list(session.run_code("python", "'last'"))
        assert said(session, "/vars") == "answer  int  42"
        assert output_of(list(session.run_code("python", "_"))) == "'last'\n"
        assert "the variables of shell cannot be listed" in said(session, "/vars sh")
        assert "python restarted" in said(session, "/restart py")
        assert "there is no language" in said(session, "/restart cobol")
        assert "NameError" in output_of(list(session.run_code("python", "answer")))


def test_help_fits_narrow_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    with Script([]).open() as session:
        for columns in (30, 60, 120):
            monkeypatch.setenv("COLUMNS", str(columns))
            lines = said(session, "/help").splitlines()
            assert max(map(cell_len, lines)) < columns
            assert [line.split()[0] for line in lines if line.startswith("  /")] == sorted(
                f"/{name}" for name in commands_of(session)
            )


def test_columns_wrap_beside_names_and_below_them_where_it_is_narrow() -> None:
    assert in_columns([("/a", "one two three four five six")], 30) == ["  /a  one two three four five", "      six"]
    assert in_columns([("/a", "one two three")], 14) == ["  /a", "      one two", "      three"]


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("/help", True),
        ("%help me", True),
        ("/hlep", True),
        ("/tmp is full", False),
        ("/tmp/x is what?", False),
        ("/", False),
        ("/ help", False),
        ("%d is a format", True),
        ("5 % 3", False),
        ("//help", False),
    ],
)
def test_a_message_that_begins_with_a_path_is_no_command(line: str, is_one: bool) -> None:
    assert is_command(line, {"help"}) is is_one


def test_shell_that_is_typed_runs_unasked_keeps_its_state_and_is_told_to_the_model() -> None:
    script = Script([[text("I see.")]])
    with script.open(auto_run=False) as session:
        list(run_typed_shell(session, "cd / && word=kept"))
        events = list(run_typed_shell(session, 'echo "$word in $PWD"'))
        assert output_of(events) == "kept in /\n"
        assert "kept in /" in said(session, "/output")
        list(session.stream("what was that?"))
        told = [message for message in script.prompts[0] if isinstance(message, UserCodeMessage)]
        assert 'echo "$word in $PWD"\n[its result:]\nkept in /' in told[1].text
        said(session, "/undo")
        assert len(session.conversation.messages) == 2


def test_shell_that_is_typed_cannot_run_what_is_forbidden(tmp_path: Path) -> None:
    with Script([]).open(forbidden_commands=["touch made"], project=tmp_path) as session:
        (notice,) = run_typed_shell(session, "touch made")
        assert isinstance(notice, Notice)
        assert "forbidden" in notice.text
        assert not (tmp_path / "made").exists()
        assert session.conversation.messages == ()


def test_without_a_shell_what_is_typed_for_it_is_an_error() -> None:
    with Script([]).open(languages={"allow": ["echo"]}) as session, pytest.raises(UnknownLanguage):
        list(run_typed_shell(session, "ls"))


def test_trust_shows_what_the_projects_file_wants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "person"))
    project = tmp_path / "project"
    project.mkdir()
    with open_session(project) as session:
        assert "wants nothing" in said(session, "/trust")
    (project / "pyproject.toml").write_text('[tool.interpreter]\ninstructions = "Speak French."\n')
    with open_session(project) as session:
        assert "Speak French." in said(session, "/trust")
        assert "Not trusted" in said(session, "/trust")
    with open_session(project, trust_project=True) as session:
        assert "You trust this project" in said(session, "/trust")
