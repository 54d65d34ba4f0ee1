from __future__ import annotations

from oi_core.conversation import Conversation
from oi_core.messages import (
    USER_CODE_HEADING,
    AssistantMessage,
    CodeBlock,
    ToolMessage,
    UserCodeMessage,
    UserMessage,
)
from oi_core.wire.conversation import WireConversation

FIRST = CodeBlock("call00001", "python", "1")
SECOND = CodeBlock("call00002", "python", "2")


def test_a_call_is_open_until_its_result_is_there() -> None:
    conversation = Conversation([UserMessage("go"), AssistantMessage("", (FIRST, SECOND))])
    assert conversation.open_calls() == (FIRST, SECOND)
    conversation.add(ToolMessage(FIRST.call_id, "1"))
    assert conversation.open_calls() == (SECOND,)
    conversation.close_calls("interrupted")
    assert conversation.open_calls() == ()
    assert conversation.messages[-1] == ToolMessage(SECOND.call_id, "interrupted")


def test_closing_without_open_calls_adds_nothing() -> None:
    conversation = Conversation([UserMessage("go"), AssistantMessage("done")])
    conversation.close_calls("interrupted")
    assert len(conversation.messages) == 2


def test_a_request_sent_again_after_a_failure_is_stored_once() -> None:
    conversation = Conversation()
    conversation.add(UserMessage("go"))
    conversation.add(UserMessage("go"))
    assert conversation.messages == (UserMessage("go"),)


def test_a_request_made_again_after_an_answer_is_stored_again() -> None:
    conversation = Conversation([UserMessage("go"), AssistantMessage("done")])
    conversation.add(UserMessage("go"))
    assert len(conversation.messages) == 3


def test_a_wire_conversation_appends_to_the_list_it_was_given() -> None:
    dicts: list[dict[str, object]] = [{"role": "user", "content": "hello"}]
    conversation = WireConversation(dicts)
    conversation.add(AssistantMessage("hi"))
    assert dicts == [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]


def test_a_wire_conversation_sees_what_a_program_changes_in_its_list() -> None:
    dicts: list[dict[str, object]] = [{"role": "user", "content": "hello"}]
    conversation = WireConversation(dicts)
    dicts[0]["content"] = "goodbye"
    assert conversation.messages == (UserMessage("goodbye"),)


def test_a_fresh_wire_conversation_leaves_the_old_list_alone() -> None:
    conversation = WireConversation([{"role": "user", "content": "hello"}])
    fresh = conversation.fresh()
    fresh.add(UserMessage("new"))
    assert len(conversation.dicts) == 1
    assert fresh.messages == (UserMessage("new"),)


def test_the_last_exchange_is_taken_back_whole_from_a_program_s_list_too() -> None:
    dicts: list[dict[str, object]] = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "1"}]
    conversation = WireConversation(dicts)
    conversation.add(UserMessage("two"))
    conversation.add(AssistantMessage("2"))
    conversation.add(UserCodeMessage(f"{USER_CODE_HEADING}\nls"))
    assert [type(message) for message in conversation.take_back()] == [UserMessage, AssistantMessage, UserCodeMessage]
    assert [each["content"] for each in dicts] == ["one", "1"]
    assert conversation.take_back()
    assert conversation.take_back() == ()
