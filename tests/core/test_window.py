from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from oi_core.messages import (
    AssistantMessage,
    CodeBlock,
    Message,
    SummaryMessage,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from oi_core.tokens import ByteEstimate, Counting, Tokenizer, message_tokens
from oi_core.tokens.encodings import load_encoding
from oi_core.window import Window, fit

encoding = load_encoding("o200k_base")
assert encoding is not None
exact = Tokenizer(encoding)
estimate = ByteEstimate()
countings = st.sampled_from([exact, estimate])


def cost(messages: list[Message], counting: Counting = estimate) -> int:
    return sum(message_tokens(message, counting) for message in messages)


def turn(number: int, output: str = "done") -> list[Message]:
    call = f"call{number}"
    return [
        UserMessage(f"request {number}"),
        AssistantMessage(f"working on {number}", (CodeBlock(call, "python", f"print({number})"),)),
        ToolMessage(call, output),
        AssistantMessage(f"answer {number}"),
    ]


texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["a", " ", "\n", "word ", "<|endoftext|>", "\ud800", "é中😀", "0x1F "]).flatmap(
        lambda word: st.integers(0, 3000).map(lambda times: word * times)
    ),
)


@st.composite
def steps(draw: st.DrawFn) -> list[Message]:
    """A request, a reply with its results, or anything a program may have put into a conversation."""
    kind = draw(st.sampled_from(["request", "reply", "reply", "reply", "system", "stray", "summary"]))
    match kind:
        case "request":
            return [UserMessage(draw(texts), ("data:",) * draw(st.sampled_from([0, 0, 0, 1, 9])))]
        case "reply":
            names = [f"call{draw(st.integers(0, 10**9))}" for _ in range(draw(st.integers(0, 3)))]
            blocks = tuple(CodeBlock(name, "python", draw(texts)) for name in names)
            reply = AssistantMessage(draw(texts), blocks, state=("{}" * 99,) * draw(st.sampled_from([0, 0, 1])))
            shown = ("data:",) * draw(st.sampled_from([0, 0, 1, 9]))
            return [reply, *(ToolMessage(name, draw(texts), shown) for name in names)]
        case "system":
            return [SystemMessage(draw(texts))]
        case "summary":
            return [SummaryMessage(draw(texts))] if draw(st.integers(0, 9)) == 0 else []
        case _:
            return [ToolMessage("nobody", draw(texts))]


conversations = st.lists(steps(), max_size=25).map(lambda groups: [message for group in groups for message in group])
budgets = st.integers(min_value=256, max_value=6000)


def test_what_fits_is_not_touched() -> None:
    messages = turn(0) + turn(1)
    assert fit(messages, cost(messages), estimate) == messages


@given(conversations, budgets, countings)
def test_whatever_the_messages_the_result_fits_the_budget(
    messages: list[Message], budget: int, counting: Counting
) -> None:
    assert cost(fit(messages, budget, counting), counting) <= budget


@given(conversations, budgets)
def test_no_call_is_kept_without_its_result_or_a_result_without_its_call(messages: list[Message], budget: int) -> None:
    kept = fit(messages, budget, estimate)
    calls = [block.call_id for m in kept if isinstance(m, AssistantMessage) for block in m.blocks]
    results = [m.call_id for m in kept if isinstance(m, ToolMessage) and m.call_id != "nobody"]
    assert calls == results


@given(conversations, st.integers(min_value=1500, max_value=6000))
def test_the_newest_step_is_always_there_and_the_order_is_kept(messages: list[Message], budget: int) -> None:
    numbered = [replace(message, text=f"{place} {message.text}") for place, message in enumerate(messages)]
    places = [int(message.text.split()[0]) for message in fit(numbered, budget, estimate)]
    assert places == sorted(set(places))
    assert places[-1:] == [len(messages) - 1][: len(messages)]


@given(conversations, budgets)
def test_stored_messages_are_not_changed(messages: list[Message], budget: int) -> None:
    before = list(messages)
    fit(messages, budget, estimate)
    assert messages == before


@given(st.lists(steps(), max_size=25), budgets, countings, st.data())
def test_a_window_that_grows_with_its_conversation_gives_what_a_fresh_one_gives(
    groups: list[list[Message]], budget: int, counting: Counting, data: st.DataObject
) -> None:
    window = Window(counting)
    messages: list[Message] = []
    for group in groups:
        messages += group
        if data.draw(st.booleans()):
            fresh = Window(counting)
            assert window.fit(messages, budget) == fresh.fit(messages, budget)
            assert (window.total, window.is_whole) == (fresh.total, fresh.is_whole)


@given(conversations, conversations, budgets, budgets)
def test_a_window_that_is_given_another_conversation_or_budget_begins_anew(
    one: list[Message], other: list[Message], budget: int, other_budget: int
) -> None:
    window = Window(estimate)
    window.fit(one, budget)
    assert window.fit(other, other_budget) == fit(other, other_budget, estimate)
    assert window.fit(one[:-1], budget) == fit(one[:-1], budget, estimate)


@given(conversations, budgets)
def test_the_total_is_what_is_sent_and_whole_means_that_nothing_is_missing(
    messages: list[Message], budget: int
) -> None:
    window = Window(estimate)
    sent = window.fit(messages, budget)
    assert cost(sent) <= window.total <= budget
    if window.is_whole and not any(isinstance(message, SummaryMessage) for message in messages):
        assert sent == messages


def test_old_outputs_are_shortened_before_anything_is_dropped() -> None:
    messages = turn(0, "a" * 9000) + turn(1, "b" * 300)
    kept = fit(messages, 1000, estimate)
    assert len(kept) == len(messages)
    assert isinstance(kept[2], ToolMessage)
    assert "characters left out" in kept[2].text
    assert kept[-4:] == messages[-4:]


def test_the_newest_outputs_stay_whole_while_older_turns_can_go() -> None:
    messages = [message for number in range(40) for message in turn(number, "o" * 900)]
    kept = fit(messages, 4000, estimate)
    whole = [m for m in kept if isinstance(m, ToolMessage) and len(m.text) == 900]
    assert len(whole) >= 3
    assert kept[-4:] == messages[-4:]


def test_the_first_request_and_system_messages_before_it_stay() -> None:
    start: list[Message] = [SystemMessage("be brief"), UserMessage("the task")]
    messages = start + [message for number in range(100) for message in turn(number)]
    kept = fit(messages, 1000, estimate)
    assert kept[:2] == start
    assert kept[-4:] == turn(99)


def test_in_a_long_turn_the_oldest_steps_go_and_its_request_stays() -> None:
    messages = turn(0) + turn(1)[:1]
    for number in range(100, 200):
        messages += turn(number)[1:3]
    kept = fit(messages, 1000, estimate)
    assert kept[:2] == [UserMessage("request 0"), UserMessage("request 1")]
    assert kept[-2:] == turn(199)[1:3]


def test_what_is_sent_begins_the_same_way_for_many_turns() -> None:
    window = Window(estimate)
    messages: list[Message] = []
    before: list[Message] = []
    changes = 0
    for number in range(300):
        messages += turn(number, "o" * 200)
        kept = window.fit(messages, 4000)
        changes += kept[: len(before)] != before
        before = kept
    assert 5 < changes < 30


def test_an_enormous_request_is_cut_and_says_so() -> None:
    for counting in (exact, estimate):
        (kept,) = fit([UserMessage("word " * 200_000)], 2000, counting)
        assert 1200 <= cost([kept], counting) <= 2000
        assert isinstance(kept, UserMessage)
        assert "characters left out to fit the model's window" in kept.text


def test_an_output_of_300_000_tokens_in_the_middle_is_no_problem() -> None:
    giant = " ".join(map(str, range(160_000)))
    messages = turn(0) + turn(1, giant) + turn(2)
    assert exact.count(giant) > 300_000
    kept = fit(messages, 8000, exact)
    assert len(kept) == len(messages)
    assert cost(kept, exact) <= 8000
    assert kept[-4:] == turn(2)


def test_a_reply_with_two_megabytes_of_code_is_cut_while_it_is_the_newest() -> None:
    block = CodeBlock("call1", "python", "x = 1\n" * 350_000)
    messages: list[Message] = [UserMessage("go"), AssistantMessage("", (block,)), ToolMessage("call1", "done")]
    kept = fit(messages, 4000, exact)
    assert cost(kept, exact) <= 4000
    assert isinstance(kept[1], AssistantMessage)
    assert "left out" in kept[1].blocks[0].code
    assert kept[2] == messages[2]


def test_older_pictures_go_with_older_outputs_and_a_line_says_so() -> None:
    for output in ("a plot", "point " * 900):
        messages = turn(0)
        messages[2] = ToolMessage("call0", output, ("data:1", "data:2"))
        kept = fit(messages + turn(1, "o" * 2000), 2450, exact)
        assert isinstance(kept[2], ToolMessage)
        assert kept[2].images == ()
        assert "pictures left out to fit the model's window: 2" in kept[2].text
        assert kept[-4:] == turn(1, "o" * 2000)


def test_outputs_that_were_shortened_are_dropped_in_the_end() -> None:
    messages = [message for number in range(60) for message in turn(number, "o" * 3000)]
    window = Window(estimate)
    sizes = []
    for end in range(4, len(messages) + 1, 4):
        kept = window.fit(messages[:end], 4000)
        sizes.append(len(kept))
        assert kept[-4:] == messages[end - 4 : end]
    assert max(sizes) > 16
    assert sizes[-1] < max(sizes) * 2


def test_a_servers_state_does_not_outlive_the_cut_of_its_reply() -> None:
    block = CodeBlock("call1", "python", "x = 1\n" * 9000)
    reply = AssistantMessage("", (block,), state=("encrypted",))
    kept = fit([UserMessage("go"), reply, ToolMessage("call1", "done")], 4000, estimate)
    assert isinstance(kept[1], AssistantMessage)
    assert kept[1].state == ()
    assert fit([UserMessage("go"), reply], 90_000, estimate)[1] == reply


def test_of_too_many_calls_the_newest_stay_with_their_results() -> None:
    blocks = tuple(CodeBlock(f"call{number}", "python", "1") for number in range(500))
    results = [ToolMessage(block.call_id, "1") for block in blocks]
    kept = fit([UserMessage("go"), AssistantMessage("", blocks), *results], 2000, estimate)
    assert isinstance(kept[1], AssistantMessage)
    assert 10 < len(kept[1].blocks) < 500
    assert [block.call_id for block in kept[1].blocks] == [m.call_id for m in kept if isinstance(m, ToolMessage)]
    assert kept[-1] == results[-1]


def test_pictures_that_do_not_fit_are_counted_in_a_line() -> None:
    (kept,) = fit([UserMessage("look", tuple(f"data:{number}" for number in range(10)))], 8000, estimate)
    assert isinstance(kept, UserMessage)
    assert kept.images == ("data:8", "data:9")
    assert "pictures left out to fit the model's window: 8" in kept.text


def test_a_summary_stands_for_everything_before_it() -> None:
    summary = SummaryMessage("they counted files")
    messages = [SystemMessage("be brief"), *turn(0), summary, *turn(1)]
    assert fit(messages, 10_000, estimate) == [SystemMessage("be brief"), summary, *turn(1)]


def test_the_summary_stays_like_a_first_request() -> None:
    summary = SummaryMessage("they counted files")
    messages = [*turn(0), summary, *(message for number in range(100) for message in turn(number))]
    assert fit(messages, 1000, estimate)[0] == summary
