"""The commands that take the last exchange back, ask it again, change it, or copy from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core.commands import Answer, Command, Copy, Draft, Send
from oi_core.errors import InterpreterError
from oi_core.messages import AssistantMessage, UserMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oi_core.messages import CodeBlock, Message
    from oi_core.session import Session

MOST_COPIED: Final = 10_000_000
"""Characters of an output; no clipboard is the place for more."""


def _undo(session: Session, _arguments: str) -> str:
    _, taken = _taken_back(session)
    followed = len(taken) - 1
    answers = f" and the {followed} that followed it" if followed > 1 else " and its answer" if followed else ""
    return f"Your last message{answers} taken out of the conversation{_what_stays(taken)}."


def _retry(session: Session, _arguments: str) -> Answer:
    from oi_core.cli.file_mentions import without_attachments

    request, taken = _taken_back(session)
    text = without_attachments(request.text)
    return Send(text, f"Asked again{_what_stays(taken)}:\n> {_first_line(text)}", request.images)


def _edit(session: Session, _arguments: str) -> Answer:
    from oi_core.cli.file_mentions import mentioned_again, without_attachments

    request, taken = _taken_back(session)
    text, found = without_attachments(request.text), 0
    if request.images:
        text, found = mentioned_again(text, session.config.folder)
    lost = "; name its pictures again with @" if found < len(request.images) else ""
    return Draft(text, f"Taken out of the conversation, to be changed and sent{lost}{_what_stays(taken)}.")


def _taken_back(session: Session) -> tuple[UserMessage, Sequence[Message]]:
    """Take the last exchange out of the conversation; return the person's message, and all that was taken.

    Raises:
        InterpreterError: there is none.
    """
    taken = session.conversation.take_back()
    if not taken or not isinstance(taken[0], UserMessage):
        raise InterpreterError(
            "there is no message to take back or ask again", "nothing was said since the start or the summary"
        )
    return taken[0], taken


def _what_stays(taken: Sequence[Message]) -> str:
    """Say what cannot be taken back, where code ran."""
    languages = dict.fromkeys(block.language for block in _blocks(taken))
    return f"; what {' and '.join(languages)} code did stays done" if languages else ""


def _blocks(messages: Iterable[Message]) -> list[CodeBlock]:
    return [block for message in messages if isinstance(message, AssistantMessage) for block in message.blocks]


def _first_line(text: str) -> str:
    first, newline, _ = text.partition("\n")
    return f"{first} …" if newline else first


def _copy(session: Session, arguments: str) -> Answer:
    wanted = arguments or "answer"
    copies = {"answer": _last_answer, "code": _last_code, "output": _last_output}
    if wanted not in copies:
        raise InterpreterError(f"/copy does not know {wanted!r}", "it takes answer, code or output")
    text = copies[wanted](session)
    if not text:
        raise InterpreterError(f"there is no {wanted} to copy yet")
    return Copy(text, f"the {wanted}")


def _last_answer(session: Session) -> str:
    said = (
        message.text for message in reversed(session.conversation.messages) if isinstance(message, AssistantMessage)
    )
    return next((text for text in said if text.strip()), "")


def _last_code(session: Session) -> str:
    blocks = _blocks(session.conversation.messages)
    return blocks[-1].code if blocks else ""


def _last_output(session: Session) -> str:
    if not session.results:
        return ""
    result = session.results[-1]
    try:
        with Path(result.spool or "").open(encoding="utf-8", errors="replace") as file:
            return file.read(MOST_COPIED)
    except OSError:  # the output was short, and has no file, or the file is gone
        return result.output


def _copyable(_session: Session, _arguments: str) -> Iterable[str]:
    return ("answer", "code", "output")


COMMANDS: Final = (
    Command("undo", "take back your last message and its answer", _undo, alone=True),
    Command("retry", "ask your last message again", _retry, alone=True),
    Command("edit", "change your last message and ask again", _edit, alone=True),
    Command("copy", "copy the last answer, or code, or output", _copy, _copyable),
)
