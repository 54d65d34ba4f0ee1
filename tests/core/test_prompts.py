from __future__ import annotations

from collections.abc import Sequence

from oi_core.errors import ContextOverflow
from oi_core.events import Level, Usage
from oi_core.messages import AssistantMessage, Message, SystemMessage, UserMessage
from oi_core.model_facts.context_sizes import ContextSize, SizeSource
from oi_core.prompts import Prompts
from oi_core.tokens import ByteEstimate, Tokenizer
from oi_core.tool_schema import Tool

SYSTEM = SystemMessage("be brief")
TOOL = Tool("run_code", "Run code. " * 100, {"type": "object"})


def conversation(turns: int, words: int = 100) -> list[Message]:
    return [
        message
        for number in range(turns)
        for message in (UserMessage(f"question {number} " + "word " * words), AssistantMessage(f"answer {number}"))
    ]


def prompts(
    tokens: int = 8192, source: SizeSource = SizeSource.SERVER, tools: Sequence[Tool] = (), model: str = "some-model"
) -> Prompts:
    made = Prompts()
    made.begin_turn(model, ContextSize(tokens, source), SYSTEM, tools)
    return made


def is_counted(made: Prompts) -> bool:
    """Whether tokens are counted with an encoding, no longer by bytes."""
    return isinstance(made._counting, Tokenizer)


def test_a_prompt_begins_with_the_system_message() -> None:
    messages = conversation(2)
    assert prompts().build(messages) == [SYSTEM, *messages]


def test_a_short_prompt_is_not_tokenised_and_one_that_might_not_fit_is() -> None:
    made = prompts(8192)
    made.build(conversation(5))
    assert not is_counted(made)
    made.build(conversation(13))
    assert is_counted(made)
    assert made.is_whole


def test_a_prompt_that_is_not_tokenised_fits_even_if_every_byte_is_a_token() -> None:
    for turns in range(1, 20):
        made = prompts(8192)
        sent = made.build(conversation(turns))
        if not is_counted(made):
            assert sum(len(message.text) for message in sent) <= 8192 * 0.75


def test_tools_and_the_system_message_take_their_part_of_the_window() -> None:
    bare, full = prompts(4096), prompts(4096, tools=[TOOL] * 8)
    messages = conversation(60)
    assert len(full.build(messages)) < len(bare.build(messages))
    assert full.tokens <= 4096 * 0.75


def test_what_is_left_out_is_said_once() -> None:
    made = prompts(4096)
    made.build(conversation(2))
    assert made.take_notices() == []
    made.build(conversation(60))
    (notice,) = made.take_notices()
    assert "outgrown the window of 4,096 tokens" in notice.text
    assert "/compact" in notice.text
    made.build(conversation(61))
    assert made.take_notices() == []


def test_that_a_window_is_assumed_is_said_only_when_it_matters() -> None:
    made = prompts(8192, SizeSource.ASSUMED)
    made.build(conversation(2))
    assert made.take_notices() == []
    made.build(conversation(200))
    (notice,) = made.take_notices()
    assert notice.level is Level.WARNING
    assert "nobody says how much some-model takes" in notice.text
    assert "context-window" in notice.text


def test_a_server_that_counts_more_gets_less() -> None:
    made = prompts(4096)
    before = made.build(conversation(60))
    made.reported(Usage(int(made.tokens * 1.5), 10))
    after = made.build(conversation(60))
    assert len(after) < len(before)
    assert made.tokens <= 4096 * 0.75


def test_a_server_that_counts_less_gets_more_but_not_for_a_small_difference() -> None:
    made = prompts(4096)
    before = made.build(conversation(60))
    made.reported(Usage(int(made.tokens * 0.9), 10))
    assert made.build(conversation(60)) == before
    made.reported(Usage(int(made.tokens * 0.7), 10))
    assert len(made.build(conversation(60))) > len(before)


def test_a_server_that_leaves_out_what_it_had_cached_teaches_nothing() -> None:
    made = prompts(4096)
    before = made.build(conversation(60))
    made.reported(Usage(int(made.tokens * 0.1), 10))
    assert made.build(conversation(60)) == before
    assert all("reads only" not in notice.text for notice in made.take_notices())


def test_short_prompts_and_pictures_teach_nothing() -> None:
    made = prompts(8192)
    for messages in (conversation(1), [UserMessage("look", ("data:",)), *conversation(40)]):
        made.build(messages)
        tokens = made.tokens
        made.reported(Usage(tokens * 3, 10))
        assert made.tokens == tokens


def test_a_server_that_cuts_silently_is_noticed_the_second_time_and_gets_less() -> None:
    made = prompts(32_000)
    for _ in range(2):
        made.build(conversation(100))
        assert made.take_notices() == []
        made.reported(Usage(2048, 10))
    (notice,) = made.take_notices()
    assert "reads only about 2,048 of the" in notice.text
    assert made.size == ContextSize(2048, SizeSource.LEARNED)
    made.build(conversation(100))
    assert made.tokens <= 2048


def test_after_an_overflow_the_servers_own_window_counts() -> None:
    made = prompts(32_000)
    made.build(conversation(100))
    told = made.tighten(ContextOverflow("too long", window=4096))
    assert "sent again" in told
    made.build(conversation(100))
    assert made.tokens <= 4096 * 0.75


def test_after_an_overflow_the_servers_own_count_counts() -> None:
    made = prompts(16_000)
    before = made.build(conversation(200))
    made.tighten(ContextOverflow("too long", prompt_tokens=made.tokens * 2))
    assert len(made.build(conversation(200))) < len(before) * 0.7


def test_after_an_overflow_without_figures_a_much_shorter_prompt_is_tried() -> None:
    made = prompts(32_000)
    made.build(conversation(100))
    before = made.tokens
    assert made.tighten(ContextOverflow("too long"))
    made.build(conversation(100))
    assert made.tokens <= before * 0.6


def test_a_window_that_is_too_small_for_the_instructions_is_said() -> None:
    made = prompts(32_000, tools=[TOOL] * 3)
    made.build(conversation(1))
    assert made.tighten(ContextOverflow("too long", window=512)) == ""
    (notice,) = made.take_notices()
    assert "of the 512 tokens of its window, the instructions alone take about" in notice.text


def test_another_model_is_counted_anew() -> None:
    made = prompts(4096)
    made.build(conversation(60))
    made.reported(Usage(made.tokens * 2, 10))
    made.tighten(ContextOverflow("too long", window=1024))
    made.begin_turn("another", ContextSize(4096, SizeSource.SERVER), SYSTEM, [])
    assert made.size.tokens == 4096
    assert made.build(conversation(60)) == prompts(4096, model="another").build(conversation(60))


def test_what_a_server_was_seen_to_take_counts_until_its_window_is_another() -> None:
    made = prompts(32_000)
    made.build(conversation(100))
    made.tighten(ContextOverflow("too long", window=4096))
    for tokens, taken in ((32_000, 4096), (64_000, 64_000), (64_000, 64_000)):
        made.begin_turn("some-model", ContextSize(tokens, SizeSource.SERVER), SYSTEM, [])
        assert made.size.tokens == taken


def test_a_text_alone_can_be_counted() -> None:
    made = prompts()
    assert made.count("word " * 300) == ByteEstimate().count("word " * 300)
