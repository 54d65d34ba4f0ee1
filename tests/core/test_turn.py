from __future__ import annotations

from dataclasses import replace

import pytest

from oi_core.approval import Decision, Decline, Run, RunEdited, Unanswered
from oi_core.errors import ConfigError, ModelError
from oi_core.events import (
    CodeDelta,
    CodeReady,
    CodeStarted,
    Event,
    Executed,
    ExecutionStarted,
    Notice,
    OutputDelta,
    Reviewed,
    TextDelta,
    TurnEnded,
    TurnOutcome,
)
from oi_core.messages import AssistantMessage, CodeBlock, SystemMessage, ToolMessage, UserMessage
from oi_core.results import Outcome
from oi_core.review import NO_OPINION, Policy, Review, Verdict

from .scripted_session import Script, call, text, unanswered_calls


def results(events: list[Event]) -> list[Outcome]:
    return [event.result.outcome for event in events if isinstance(event, Executed)]


def ended(events: list[Event]) -> TurnOutcome:
    last = events[-1]
    assert isinstance(last, TurnEnded)
    assert sum(isinstance(event, TurnEnded) for event in events) == 1
    return last.outcome


def tool_texts(script: Script) -> list[str]:
    return [message.text for message in script.prompts[-1] if isinstance(message, ToolMessage)]


def test_a_message_goes_all_the_way_and_back() -> None:
    script = Script([[text("I'll "), text("look."), call("x")], [text("Done.")]])
    with script.open() as session:
        events = list(session.stream("please"))
        block = CodeBlock("call00000", "echo", "x")
        assert [event for event in events if not isinstance(event, Executed)] == [
            TextDelta("I'll "),
            TextDelta("look."),
            CodeStarted("call00000", "echo"),
            CodeDelta("call00000", "x"),
            CodeReady(block),
            Reviewed(block, NO_OPINION),
            ExecutionStarted(block),
            OutputDelta("ran x\n"),
            TextDelta("Done."),
            TurnEnded(TurnOutcome.DONE),
        ]
        assert session.conversation.messages == (
            UserMessage("please"),
            AssistantMessage("I'll look.", (block,)),
            ToolMessage("call00000", "ran x"),
            AssistantMessage("Done."),
        )


def test_the_model_is_told_the_system_message_first_and_the_result_last() -> None:
    script = Script([[call("x")], [text("Done.")]])
    with script.open(instructions="Speak Latin.") as session:
        session.system_message += " Be brief."
        list(session.stream("please"))
    system = script.prompts[-1][0]
    assert isinstance(system, SystemMessage)
    assert "Be brief." in system.text
    assert "Speak Latin." in system.text
    assert script.prompts[-1][-1] == ToolMessage("call00000", "ran x")


def test_observers_are_told_everything() -> None:
    script = Script([[text("hi")]])
    with script.open() as session:
        assert script.observed == list(session.stream("hello"))


def test_several_calls_in_a_message_run_in_order_and_each_has_its_result() -> None:
    script = Script([[call("a"), call("b", index=1)], [text("Done.")]])
    with script.open() as session:
        list(session.stream("go"))
        assert tool_texts(script) == ["ran a", "ran b"]
        assert unanswered_calls(session.conversation.messages) == []


def test_a_blocked_call_is_told_to_the_model_and_the_turn_goes_on() -> None:
    script = Script([[call("x")], [text("I see.")]], reviewer=lambda _b, _p: Review(Verdict.BLOCK, "it is Friday"))
    with script.open() as session:
        events = list(session.stream("go"))
    assert results(events) == [Outcome.BLOCKED]
    assert tool_texts(script) == ["[not run: script: it is Friday]"]
    assert ended(events) is TurnOutcome.DONE


def test_without_anyone_to_ask_code_that_needs_asking_is_declined_and_the_turn_ends() -> None:
    script = Script([[call("x"), call("y", index=1)]])
    with script.open(auto_run=False) as session:
        events = list(session.stream("go"))
        assert unanswered_calls(session.conversation.messages) == []
    assert results(events) == [Outcome.DECLINED, Outcome.DECLINED]
    assert ended(events) is TurnOutcome.DECLINED


def test_a_reviewer_asks_even_under_auto_run() -> None:
    script = Script([[call("x")], [text("ok")]], reviewer=lambda _b, _p: Review(Verdict.ASK, "it looks odd"))
    asked: list[Review] = []

    def ask(block: CodeBlock, review: Review) -> Decision:
        asked.append(review)
        return Run()

    with script.open(ask=ask) as session:
        assert results(list(session.stream("go"))) == [Outcome.FINISHED]
    assert asked == [Review(Verdict.ASK, "it looks odd", "script")]


def test_a_reason_for_declining_goes_to_the_model_and_the_turn_goes_on() -> None:
    script = Script([[call("x"), call("y", index=1)], [text("Sorry.")]])
    with script.open(auto_run=False, ask=lambda _b, _r: Decline("use parrot mode")) as session:
        events = list(session.stream("go"))
    assert tool_texts(script) == [
        "[not run: the user declined: use parrot mode]",
        "[not run: a block before this one was declined]",
    ]
    assert ended(events) is TurnOutcome.DONE


def test_declining_without_a_reason_ends_the_turn() -> None:
    script = Script([[call("x")]])
    with script.open(auto_run=False, ask=lambda _b, _r: Decline()) as session:
        events = list(session.stream("go"))
        assert session.conversation.messages[-1] == ToolMessage("call00000", "[not run: the user declined]")
    assert ended(events) is TurnOutcome.DECLINED


def test_an_edit_is_reviewed_again_and_the_model_is_told_what_ran() -> None:
    def review(block: CodeBlock, policy: Policy) -> Review | None:
        return Review(Verdict.BLOCK, "no z") if "z" in block.code else None

    answers: list[Decision] = [RunEdited("y"), Run()]
    script = Script([[call("x")], [text("ok")]], reviewer=review)
    with script.open(auto_run=False, ask=lambda _b, _r: answers.pop(0)) as session:
        events = list(session.stream("go"))
    assert [event.block.code for event in events if isinstance(event, Reviewed)] == ["x", "y"]
    assert tool_texts(script) == ["[the user edited the code; this is what ran:]\ny\n[its result:]\nran y"]


def test_an_edit_cannot_get_around_a_block() -> None:
    script = Script(
        [[call("x")], [text("ok")]],
        reviewer=lambda block, _p: Review(Verdict.BLOCK, "no z") if "z" in block.code else None,
    )
    with script.open(auto_run=False, ask=lambda _b, _r: RunEdited("z")) as session:
        assert results(list(session.stream("go"))) == [Outcome.BLOCKED]


@pytest.mark.parametrize("approval", ["ask", "risky", "auto"])
def test_under_risky_code_that_nobody_read_is_asked_about(approval: str) -> None:
    asked: list[str] = []

    def ask(block: CodeBlock, review: Review) -> Decision:
        asked.append(block.code)
        return Run()

    script = Script([[call("x")], [text("ok")]])
    with script.open(auto_run=False, approval=approval, ask=ask) as session:
        list(session.stream("go"))
    assert asked == ([] if approval == "auto" else ["x"])


def test_under_risky_code_that_was_read_and_found_harmless_runs() -> None:
    script = Script([[call("x")], [text("ok")]], reviewer=lambda _b, _p: Review(Verdict.ALLOW))
    with script.open(auto_run=False, approval="risky", ask=lambda _b, _r: Unanswered()) as session:
        assert results(list(session.stream("go"))) == [Outcome.FINISHED]


def test_under_deny_nothing_runs() -> None:
    script = Script([[call("x")]])
    with script.open(auto_run=False, approval="deny", ask=lambda _b, _r: Run()) as session:
        assert results(list(session.stream("go"))) == [Outcome.DECLINED]


def test_an_unknown_language_is_told_with_the_list() -> None:
    script = Script([[call("x", language="cobol")], [text("ok")]])
    with script.open() as session:
        events = list(session.stream("go"))
    (told,) = tool_texts(script)
    assert "there is no language 'cobol'" in told
    assert "echo" in told
    assert ended(events) is TurnOutcome.DONE


def test_a_call_without_code_is_told() -> None:
    script = Script([[call("  ")], [text("ok")]])
    with script.open() as session:
        list(session.stream("go"))
    assert tool_texts(script) == ["[not run: the call had no code]"]


def test_a_call_that_cannot_be_read_is_told_and_not_run() -> None:
    broken = replace(call("x"), arguments='{"language": "echo", "code": "x')
    script = Script([[broken], [text("ok")]])
    with script.open() as session:
        events = list(session.stream("go"))
        assert unanswered_calls(session.conversation.messages) == []
    assert results(events) == [Outcome.BLOCKED]
    assert tool_texts(script)[0].startswith("[not run: ")


def test_a_reply_that_breaks_off_keeps_its_text_and_runs_nothing() -> None:
    script = Script([[text("I will "), call("x"), ModelError("the stream broke off", "send it again")]])
    with script.open() as session:
        events = list(session.stream("go"))
        assert ended(events) is TurnOutcome.FAILED
        assert results(events) == []
        assert any(isinstance(event, Notice) and "the stream broke off" in event.text for event in events)
        assert isinstance(session.conversation.messages[1], AssistantMessage)
        assert session.conversation.messages[1].text == "I will "
        assert unanswered_calls(session.conversation.messages) == []


def test_after_a_failure_the_same_message_can_be_sent_again() -> None:
    script = Script([[ModelError("no network")], [text("hello")]])
    with script.open() as session:
        assert ended(list(session.stream("go"))) is TurnOutcome.FAILED
        assert ended(list(session.stream("go"))) is TurnOutcome.DONE
        assert session.conversation.messages == (UserMessage("go"), AssistantMessage("hello"))


def test_an_interrupted_reply_keeps_its_text() -> None:
    script = Script([])
    with script.open() as session:
        script.turns.append([text("half a "), session.interrupt, text("sentence")])
        events = list(session.stream("go"))
        assert ended(events) is TurnOutcome.INTERRUPTED
        assert session.conversation.messages == (UserMessage("go"), AssistantMessage("half a "))


def test_interrupted_code_ends_the_turn_and_the_rest_is_not_run() -> None:
    script = Script([[call("stop"), call("x", index=1)]])
    with script.open() as session:
        events = list(session.stream("go"))
        assert ended(events) is TurnOutcome.INTERRUPTED
        assert results(events) == [Outcome.INTERRUPTED, Outcome.DECLINED]
        assert unanswered_calls(session.conversation.messages) == []


def test_an_interrupt_while_asking_runs_nothing() -> None:
    script = Script([[call("x")]])
    with script.open(auto_run=False) as session:

        def ask(block: CodeBlock, review: Review) -> Decision:
            session.interrupt()
            return Run()

        session.ask = ask
        events = list(session.stream("go"))
    assert ended(events) is TurnOutcome.INTERRUPTED
    assert results(events) == [Outcome.DECLINED]


@pytest.mark.parametrize("stop_at", range(10))
def test_leaving_the_turn_anywhere_leaves_a_valid_conversation(stop_at: int) -> None:
    script = Script([[text("a"), call("x"), call("y", index=1)], [text("b")]])
    with script.open() as session:
        events = session.stream("go")
        for _ in range(stop_at + 1):
            next(events)
        events.close()  # type: ignore[attr-defined]  # it is a generator
        assert unanswered_calls(session.conversation.messages) == []
        script.turns[:] = [[text("fine")]]
        assert ended(list(session.stream("again"))) is TurnOutcome.DONE


def test_an_exception_of_the_caller_leaves_a_valid_conversation() -> None:
    def ask(block: CodeBlock, review: Review) -> Decision:
        raise KeyboardInterrupt

    script = Script([[text("a"), call("x")]])
    with script.open(auto_run=False, ask=ask) as session:
        with pytest.raises(KeyboardInterrupt):
            list(session.stream("go"))
        assert session.conversation.messages[-1] == ToolMessage("call00000", "[interrupted by the user]")


def test_the_limit_of_replies_ends_the_turn() -> None:
    script = Script([[call("x")] for _ in range(5)])
    with script.open(limits={"turns": 3}) as session:
        events = list(session.stream("go"))
    assert ended(events) is TurnOutcome.LIMIT
    assert len(script.prompts) == 3
    assert any(isinstance(event, Notice) and "limits.turns" in event.text for event in events)


def test_failing_code_is_a_result_and_the_turn_goes_on() -> None:
    script = Script([[call("fail")], [text("It failed.")]])
    with script.open() as session:
        events = list(session.stream("go"))
    assert tool_texts(script) == ["ran fail\n[exit status 1]"]
    assert ended(events) is TurnOutcome.DONE


def test_a_long_conversation_is_cut_to_the_window_and_stays_stored() -> None:
    script = Script([[text(f"answer {number} " + "x" * 2000)] for number in range(30)], context_window=4000)
    with script.open() as session:
        for number in range(30):
            assert ended(list(session.stream(f"question {number}"))) is TurnOutcome.DONE
        assert len(session.conversation.messages) == 60
    assert len(script.prompts[-1]) < 30
    assert UserMessage("question 0") in script.prompts[-1]
    assert script.prompts[-1][-1] == UserMessage("question 29")


def test_what_code_printed_can_be_shown_again() -> None:
    script = Script([[call("a"), call("fail", index=1)], [text("Done.")]])
    with script.open() as session:
        show = session.commands["output"].run
        assert show(session, "") == "Nothing has run yet."
        list(session.stream("go"))
        assert show(session, "") == "output 2 of 2 · echo · failed\nran fail"
        assert show(session, " 1 ") == "output 1 of 2 · echo · finished\nran a"
        with pytest.raises(ConfigError, match="there is no output 3"):
            show(session, "3")


def test_a_long_output_that_is_shown_again_names_the_file_with_the_whole() -> None:
    script = Script([[call("x" * 5000)], [text("Done.")]])
    with script.open(limits={"output_tokens": 100}) as session:
        list(session.stream("go"))
        assert "(the whole output is in " in str(session.commands["output"].run(session, "1"))
