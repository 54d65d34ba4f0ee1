from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.tokens import message_counter
from oi_core.window import fit, shortened, split_turns

tokens = message_counter()


def turn(number: int, output: str = "done") -> list[Message]:
    call = f"call{number}"
    return [
        UserMessage(f"request {number}"),
        AssistantMessage(f"working on {number}", (CodeBlock(call, "python", f"print({number})"),)),
        ToolMessage(call, output),
        AssistantMessage(f"answer {number}"),
    ]


def cost(messages: list[Message]) -> int:
    return sum(map(tokens, messages))


conversations = st.lists(st.integers(min_value=0, max_value=6000), min_size=1, max_size=30).map(
    lambda sizes: [message for number, size in enumerate(sizes) for message in turn(number, "o" * size)]
)


def test_what_fits_is_not_touched() -> None:
    messages = turn(0) + turn(1)
    assert fit(messages, cost(messages), tokens) == messages


@given(conversations, st.integers(min_value=700, max_value=20_000))
def test_the_result_fits_the_budget(messages: list[Message], budget: int) -> None:
    assert cost(fit(messages, budget, tokens)) <= budget


@given(conversations, st.integers(min_value=700, max_value=20_000))
def test_no_call_is_kept_without_its_result_or_a_result_without_its_call(messages: list[Message], budget: int) -> None:
    kept = fit(messages, budget, tokens)
    calls = [block.call_id for m in kept if isinstance(m, AssistantMessage) for block in m.blocks]
    results = [m.call_id for m in kept if isinstance(m, ToolMessage)]
    assert calls == results


@given(conversations, st.integers(min_value=700, max_value=20_000))
def test_the_first_and_the_newest_request_stay_and_the_order_is_kept(messages: list[Message], budget: int) -> None:
    asked = [m.text for m in messages if isinstance(m, UserMessage)]
    kept = [m.text for m in fit(messages, budget, tokens) if isinstance(m, UserMessage)]
    assert kept[0] == asked[0]
    assert kept[-1] == asked[-1]
    assert kept == [text for text in asked if text in kept]


@given(conversations, st.integers(min_value=700, max_value=20_000))
def test_stored_messages_are_not_changed(messages: list[Message], budget: int) -> None:
    before = list(messages)
    fit(messages, budget, tokens)
    assert messages == before


def test_old_outputs_are_shortened_before_any_turn_is_dropped() -> None:
    messages = turn(0, "a" * 9000) + turn(1, "b" * 300)
    kept = fit(messages, 1000, tokens)
    assert len(kept) == len(messages)
    output = kept[2]
    assert isinstance(output, ToolMessage)
    assert "8,400 characters left out" in output.text
    assert kept[-4:] == messages[-4:]


def test_the_prefix_stays_the_same_for_many_turns() -> None:
    messages: list[Message] = []
    prefixes = set()
    for number in range(200):
        messages += turn(number)
        prefixes.add(tuple(fit(messages, 2000, tokens)[:3]))
    assert len(prefixes) < 25


def test_an_enormous_request_is_cut_and_says_so() -> None:
    messages: list[Message] = [UserMessage("x" * 1_000_000)]
    (kept,) = fit(messages, 2000, tokens)
    assert cost([kept]) <= 2000
    assert isinstance(kept, UserMessage)
    assert "characters left out" in kept.text


def test_what_stands_before_the_first_request_belongs_to_the_first_turn() -> None:
    messages: list[Message] = [SystemMessage("s"), UserMessage("a"), AssistantMessage("b"), UserMessage("c")]
    assert split_turns(messages) == [messages[:3], messages[3:]]


def test_a_short_text_is_not_shortened() -> None:
    message = ToolMessage("call", "short")
    assert shortened(message, 100) is message
