"""What happens between a turn and its model: overflow, the limits of cost, circles, summaries, and their commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from oi_core.commands import Show
from oi_core.compaction import OUTPUT_CHARS, since_summary, transcript
from oi_core.errors import ConfigError, ContextOverflow, ModelError, SessionError
from oi_core.events import Event, Executed, Level, Notice, TextDelta, TurnEnded, TurnOutcome, Usage
from oi_core.messages import (
    SUMMARY_HEADING,
    AssistantMessage,
    CodeBlock,
    Message,
    SummaryMessage,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from oi_core.model import Delta
from oi_core.opening import open_session
from oi_core.results import Outcome
from oi_core.session import Session
from oi_core.tool_schema import Tool
from oi_core.wire import from_wire, to_wire
from oi_core.wire.conversation import WireConversation

from .scripted_session import Script, Turn, call, text, unanswered_calls


def outcome(events: Sequence[Event]) -> TurnOutcome:
    last = events[-1]
    assert isinstance(last, TurnEnded)
    return last.outcome


def notices(events: Sequence[Event]) -> str:
    return "\n".join(event.text for event in events if isinstance(event, Notice))


def run(session: Session, command: str, arguments: str = "") -> str:
    answer = session.commands[command].run(session, arguments)
    return notices(list(answer.events)) if isinstance(answer, Show) else str(answer)


class SmallServer(Script):
    """Refuses prompts of more characters than ``takes``, and says how much it takes only if asked to."""

    takes = 6000
    window: int | None = None

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        if sum(len(message.text) for message in messages) > self.takes:
            self.prompts.append(messages)
            raise ContextOverflow("400 the prompt is too long", "/reset begins a new one", window=self.window)
        yield from super().stream(messages, tools)


def test_a_prompt_that_is_too_long_is_sent_again_shorter_and_that_is_said() -> None:
    script = SmallServer([[text("fine")] for _ in range(40)], context_window=100_000)
    with script.open() as session:
        for number in range(20):
            events = list(session.stream(f"question {number} " + "word " * 100))
            assert outcome(events) is TurnOutcome.DONE
            if "sent again" in notices(events):
                break
        assert len(script.prompts[-1]) < len(script.prompts[-2])
        assert script.prompts[-1][-1] == session.conversation.messages[-2]
        asked = len(script.prompts)
        assert outcome(list(session.stream("and on"))) is TurnOutcome.DONE
        assert len(script.prompts) == asked + 1


def test_a_prompt_that_stays_too_long_fails_with_the_servers_words() -> None:
    script = SmallServer([], context_window=100_000)
    script.takes = 10
    with script.open() as session:
        events = list(session.stream("question " * 500))
        assert outcome(events) is TurnOutcome.FAILED
        assert "the prompt is too long" in notices(events)
        assert session.conversation.messages == (UserMessage("question " * 500),)
    assert len(script.prompts) <= 2


def test_an_overflow_in_the_middle_of_a_reply_keeps_its_text_and_is_not_tried_again() -> None:
    script = Script([[text("half"), ContextOverflow("the window is full", "/compact")]])
    with script.open() as session:
        events = list(session.stream("go"))
        assert outcome(events) is TurnOutcome.FAILED
        assert session.conversation.messages[-1] == AssistantMessage("half")
    assert len(script.prompts) == 1


def test_the_setting_narrows_what_the_server_says() -> None:
    script = Script([[text("answer")] for _ in range(60)], context_window=100_000)
    with script.open(context_window=2048) as session:
        for number in range(60):
            list(session.stream(f"question {number} " + "word " * 30))
    assert len(script.prompts[-1]) < 100


def test_a_turn_that_goes_in_circles_is_stopped_and_says_so() -> None:
    script = Script([[call("x")] for _ in range(9)])
    with script.open() as session:
        events = list(session.stream("go"))
        assert unanswered_calls(session.conversation.messages) == []
    assert outcome(events) is TurnOutcome.LIMIT
    assert len(script.prompts) == 3
    assert "the same code gave the same result 3 times" in notices(events)


def test_code_that_fails_alike_twice_running_is_stopped() -> None:
    script = Script([[call("fail")] for _ in range(9)])
    with script.open() as session:
        events = list(session.stream("go"))
    assert outcome(events) is TurnOutcome.LIMIT
    assert "failed in the same way 2 times in a row" in notices(events)


def test_of_ten_equal_calls_in_a_message_three_run() -> None:
    script = Script([[call("x", index=index) for index in range(10)], [text("unheard")]])
    with script.open() as session:
        events = list(session.stream("go"))
        assert unanswered_calls(session.conversation.messages) == []
    ran = [event.result.outcome for event in events if isinstance(event, Executed)]
    assert ran.count(Outcome.FINISHED) == 3
    assert outcome(events) is TurnOutcome.LIMIT


def test_the_next_message_begins_with_fresh_brakes() -> None:
    script = Script([*[[call("x")] for _ in range(3)], [call("x")], [text("done")]])
    with script.open() as session:
        assert outcome(list(session.stream("go"))) is TurnOutcome.LIMIT
        assert outcome(list(session.stream("go on"))) is TurnOutcome.DONE


def test_a_turn_stops_before_the_request_that_would_pass_the_cost_limit() -> None:
    script = Script([[call(f"step {number}"), Usage(1000, 100)] for number in range(99)])
    with script.open(limits={"cost": 0.01}, prices={"script/test": (1.0, 5.0)}) as session:
        events = list(session.stream("go"))
        spent = session.spending.ledger.session
    assert outcome(events) is TurnOutcome.LIMIT
    assert "limits.cost" in notices(events)
    assert 0.005 < spent.dollars <= 0.01
    assert len(script.prompts) == spent.replies


def test_a_reply_that_grows_past_the_cost_limit_is_stopped_and_kept() -> None:
    turns: list[Turn] = [[text("word " * 20)] * 1000]
    with Script(turns).open(limits={"cost": 0.06}, prices={"script/test": (1.0, 50.0)}) as session:
        events = list(session.stream("go"))
        assert outcome(events) is TurnOutcome.LIMIT
        assert "before it passed limits.cost" in notices(events)
        assert 0.05 < session.spending.ledger.session.dollars < 0.065
        assert isinstance(session.conversation.messages[-1], AssistantMessage)


def test_a_cost_limit_without_a_known_price_is_said() -> None:
    script = Script([[text("hello")]])
    with script.open(limits={"cost": 0.02}) as session:
        events = list(session.stream("go"))
    assert outcome(events) is TurnOutcome.DONE
    assert "no price is known for script/test" in notices(events)


def test_a_project_may_lower_limits_but_not_set_prices(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.interpreter]\ncontext-window = 4096\nprices = {"m" = [0, 0]}\n[tool.interpreter.limits]\ncost = 0.5\n'
    )
    own_file = tmp_path / "own.toml"
    own_file.touch()
    with open_session(tmp_path, config_file=own_file) as session:
        assert session.config.context_window == 4096
        assert session.config.limits.cost == 0.5
        assert session.config.prices is None


def test_a_wrong_price_is_a_configuration_error() -> None:
    with Script([]).open(prices={"script/test": (1.0,)}) as session, pytest.raises(ConfigError, match="two or three"):
        list(session.stream("go"))


def long_session(script: Script, turns: int = 5) -> Session:
    session = script.open()
    for number in range(turns):
        list(session.stream(f"question {number}"))
    return session


def test_a_summary_takes_the_place_of_what_was_before_and_every_message_stays() -> None:
    answers: list[Turn] = [[text(f"answer {number}")] for number in range(5)]
    script = Script([*answers, [text("They asked five questions.")], [text("next")]])
    with long_session(script) as session:
        before = session.conversation.messages
        events = list(session.compact("the numbers"))
        assert outcome(events) is TurnOutcome.DONE
        assert "10 messages are summarised" in notices(events)
        summary = SummaryMessage(f"{SUMMARY_HEADING}\nThey asked five questions.")
        assert session.conversation.messages == (*before, summary)
        list(session.stream("question 5"))
    system, request = script.prompts[5]
    assert isinstance(system, SystemMessage)
    assert "Above all keep: the numbers" in request.text
    assert "Person: question 3\n\nAssistant: answer 3" in request.text
    assert script.prompts[6][1:] == [summary, UserMessage("question 5")]


def test_a_summary_of_a_summary_stands_for_both() -> None:
    script = Script([[text("answer")], [text("first summary")], [text("answer")], [text("second")], [text("bye")]])
    with script.open() as session:
        list(session.stream("one"))
        list(session.compact())
        list(session.stream("two"))
        list(session.compact())
        list(session.stream("three"))
    assert "first summary" in script.prompts[3][1].text
    assert "Person: one" not in script.prompts[3][1].text
    assert [m.text for m in script.prompts[4][1:]] == [f"{SUMMARY_HEADING}\nsecond", "three"]


@pytest.mark.parametrize("ending", [ModelError("no network", "check it"), ContextOverflow("too long")])
def test_a_summary_that_fails_changes_nothing(ending: ModelError) -> None:
    script = Script([[text("answer")], [text("half a"), ending]])
    with script.open() as session:
        list(session.stream("one"))
        before = session.conversation.messages
        assert outcome(list(session.compact())) is TurnOutcome.FAILED
        assert session.conversation.messages == before


def test_an_empty_summary_changes_nothing() -> None:
    script = Script([[text("answer")], [text("  ")]])
    with script.open() as session:
        list(session.stream("one"))
        before = session.conversation.messages
        assert outcome(list(session.compact())) is TurnOutcome.FAILED
        assert session.conversation.messages == before


def test_an_interrupted_summary_changes_nothing() -> None:
    script = Script([[text("answer")]])
    with script.open() as session:
        list(session.stream("one"))
        script.turns.append([text("half a"), session.interrupt, text("never")])
        before = session.conversation.messages
        assert outcome(list(session.compact())) is TurnOutcome.INTERRUPTED
        assert session.conversation.messages == before


def test_code_that_the_summarising_model_wants_to_run_does_not_run() -> None:
    script = Script([[text("answer")], [text("a summary"), call("x")]])
    with script.open() as session:
        list(session.stream("one"))
        events = list(session.compact())
    assert not any(isinstance(event, Executed) for event in events)


def test_nothing_is_summarised_during_a_turn() -> None:
    script = Script([[text("a"), text("b")]])
    with script.open() as session:
        events = session.stream("go")
        next(iter(events))
        with pytest.raises(SessionError, match="busy"):
            list(session.compact())


def test_by_setting_a_conversation_that_outgrew_its_window_is_summarised_by_itself() -> None:
    class Talker(Script):
        def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
            self.turns.append([text("answer " * 300 if tools else "SUMMARY")])
            return super().stream(messages, tools)

    script = Talker([], context_window=4096)
    with script.open(auto_compact=True) as session:
        for number in range(12):
            events = list(session.stream(f"question {number}"))
            assert not any(isinstance(event, TextDelta) and "SUMMARY" in event.text for event in events)
            if "are summarised" in notices(events):
                break
        asked = len(script.prompts)
        list(session.stream("and on"))
        assert len(script.prompts) == asked + 1
        assert script.prompts[-2][1] == SummaryMessage(f"{SUMMARY_HEADING}\nSUMMARY")
        assert script.prompts[-2][-1] == UserMessage(f"question {number}")


def test_a_summary_is_known_again_in_a_list_of_dicts() -> None:
    summary = SummaryMessage(f"{SUMMARY_HEADING}\nfacts")
    (wire,) = to_wire([summary])
    assert wire == {"role": "user", "content": f"{SUMMARY_HEADING}\nfacts"}
    assert from_wire([wire]) == [summary]
    script = Script([[text("answer")], [text("facts")], [text("on")]])
    with script.open() as session:
        session.conversation = WireConversation()
        list(session.stream("one"))
        list(session.compact())
        list(session.stream("two"))
    assert script.prompts[-1][1:] == [summary, UserMessage("two")]


def test_the_record_has_code_and_shortened_outputs_and_begins_with_the_newest_summary() -> None:
    block = CodeBlock("call1", "python", "print(1)")
    messages: list[Message] = [
        UserMessage("old"),
        SummaryMessage("facts"),
        SystemMessage("be kind"),
        UserMessage("look", ("data:",)),
        AssistantMessage("", (block,)),
        ToolMessage("call1", "x" * 9000),
    ]
    record = transcript(since_summary(messages))
    assert "old" not in record
    assert "Assistant runs python:\nprint(1)" in record
    assert "Person: look\n[pictures: 1]" in record
    assert "Instructions: be kind" in record
    assert len(record) < OUTPUT_CHARS + 500


def test_compact_says_what_it_did() -> None:
    script = Script([[text("answer")], [text("facts")]])
    with script.open() as session:
        assert run(session, "compact") == "there is nothing to summarise yet"
        list(session.stream("one"))
        assert "2 messages are summarised" in run(session, "compact")


def test_compact_tells_why_it_failed() -> None:
    script = Script([[text("answer")], [ModelError("no network", "check it")]])
    with script.open() as session:
        list(session.stream("one"))
        assert "no network" in run(session, "compact")
        script.turns.append([])
        assert run(session, "compact") == "the model did not summarise"


def test_compact_that_was_stopped_says_that_nothing_changed() -> None:
    script = Script([[text("answer")]])
    with script.open() as session:
        list(session.stream("one"))
        script.turns.append([session.interrupt])
        assert "as it was" in run(session, "compact")


def test_tokens_tells_how_full_the_window_is_and_what_was_used() -> None:
    script = Script([[text("answer"), Usage(1200, 30, 1000)]], context_window=10_000)
    with script.open() as session:
        list(session.stream("one"))
        shown = run(session, "tokens")
    assert "of the window of 10,000 (window: from the server)" in shown
    assert "session  1,200 in (1,000 of them cached), 30 out; 1 reply" in shown


def test_tokens_says_which_are_its_own_count() -> None:
    script = Script([[text("answer")], [text("answer"), Usage(1200, 30)]])
    with script.open() as session:
        list(session.stream("one"))
        list(session.stream("two"))
        shown = run(session, "tokens")
    assert "turn     1,200 in, 30 out; 1 reply" in shown
    assert "session  about " in shown
    assert "2 replies, of which 1 counted here" in shown


def test_cost_tells_money_the_limit_and_the_price() -> None:
    script = Script([[text("answer"), Usage(100_000, 1000)]])
    with script.open(prices={"script/test": (1.0, 5.0)}, limits={"cost": 2.0}) as session:
        list(session.stream("one"))
        shown = run(session, "cost")
    assert "session  $0.10" in shown or "session  $0.11" in shown
    assert "limit    $2.00" in shown
    assert "1 in, 5 out, 1 cached" in shown


def test_cost_says_where_no_price_is_known() -> None:
    script = Script([[text("answer"), Usage(100_000, 1000)]])
    with script.open() as session:
        list(session.stream("one"))
        shown = run(session, "cost")
    assert "session  $0.00, and 1 without a known price" in shown
    assert "none is known for script/test" in shown


def test_a_notice_of_the_window_comes_before_the_reply_it_concerns() -> None:
    script = Script([[text("answer " * 400)] for _ in range(12)], context_window=4096)
    with script.open() as session:
        for number in range(12):
            events = list(session.stream(f"question {number}"))
            if notices(events):
                break
    assert isinstance(events[0], Notice)
    assert events[0].level is Level.INFO
    assert "outgrown" in events[0].text
