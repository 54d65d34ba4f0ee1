"""The prompt: one message, of any number of lines, with history and completion."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.data_structures import Size
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyPressEvent


def output_for(out: TextIO) -> Vt100_Output:
    """Return prompt_toolkit's way to a terminal, without its question for the cursor's position.

    Terminals that answer late leave the answer in what the person types.
    """

    def size() -> Size:
        try:
            columns, rows = os.get_terminal_size(out.fileno())
        except OSError:
            columns, rows = 80, 24
        return Size(rows=rows or 24, columns=columns or 80)

    return Vt100_Output(out, size, term=os.environ.get("TERM"), enable_cpr=False)


class MessagePrompt:
    """Reads messages: Enter sends, Alt-Enter, Ctrl-J or a backslash before Enter begin another line."""

    def __init__(
        self, out: TextIO, history: History, commands: Callable[[], Mapping[str, str]], *, colour: bool
    ) -> None:
        self._session: PromptSession[str] = PromptSession(
            [("bold", "> ")],
            multiline=True,
            prompt_continuation="  ",
            history=history,
            key_bindings=_bindings(),
            enable_open_in_editor=True,
            completer=_CommandCompleter(commands),
            complete_while_typing=False,
            color_depth=None if colour else ColorDepth.DEPTH_1_BIT,
            output=output_for(out),
        )

    def read(self, draft: str = "") -> str:
        """Return the next message; ``draft`` stands in the prompt to begin with.

        Raises:
            EOFError: Ctrl-D at an empty prompt.
            KeyboardInterrupt: Ctrl-C at an empty prompt.
        """
        return self._session.prompt(default=draft)


def read_line(out: TextIO, message: str, *, default: str = "", secret: bool = False, multiline: bool = False) -> str:
    """Ask for a line, or with ``multiline`` for a text that Alt-Enter ends, and take the question off the screen.

    Raises:
        EOFError: Ctrl-D on an empty line.
        KeyboardInterrupt: Ctrl-C.
    """
    session: PromptSession[str] = PromptSession(output=output_for(out), erase_when_done=True)
    return session.prompt(message, default=default, is_password=secret, multiline=multiline)


def _bindings() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add(Keys.Enter)
    def send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.document.text_before_cursor.endswith("\\") and buffer.document.is_cursor_at_the_end:
            buffer.delete_before_cursor()
            buffer.newline(copy_margin=False)
        else:
            buffer.validate_and_handle()

    @bindings.add(Keys.Escape, Keys.Enter)
    @bindings.add(Keys.ControlJ)
    def begin_line(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @bindings.add(Keys.ControlC)
    @bindings.add(Keys.SIGINT)
    def clear_or_leave(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt)

    return bindings


class _CommandCompleter(Completer):
    """Completes the name of a slash command."""

    def __init__(self, commands: Callable[[], Mapping[str, str]]) -> None:
        self._commands = commands

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        text = document.text_before_cursor
        if not text.startswith("/") or " " in text:
            return
        for name, help_line in sorted(self._commands().items()):
            if name.startswith(text[1:]):
                yield Completion(f"/{name}", start_position=-len(text), display_meta=help_line)
