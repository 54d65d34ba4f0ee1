"""The prompt: one message, of any number of lines, with history and completion."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.cursor_shapes import ModalCursorShapeConfig
from prompt_toolkit.data_structures import Size
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition, to_filter
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.containers import HSplit, Window
from prompt_toolkit.layout.controls import BufferControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.processors import TabsProcessor
from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Style

from oi_core.cli.paste_parser import terminal_input
from oi_core.cli.prompt_bar import PromptBar
from oi_core.cli.prompt_completion import wants_list
from oi_core.cli.prompt_ending import ended_by_signals
from oi_core.cli.prompt_keys import prompt_bindings
from oi_core.cli.typed_ahead import type_ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyPressEvent

    from oi_core.cli.pastes import Pastes
    from oi_core.cli.prompt_bar import PromptHost
    from oi_core.cli.prompt_completion import Candidate

MENU_ROWS: Final = 8
TAB_STOP: Final = 4
"""Cells: a tab in a paste is indentation, and ``^I`` is not."""
ESCAPE_SECONDS: Final = 0.1
"""How long the rest of a key that begins with Esc may take where Esc is a key by itself."""
STYLE: Final = Style(
    [
        ("completion-menu", "noreverse bg:default fg:default"),
        ("completion-menu.completion", "bg:default fg:default"),
        ("completion-menu.completion.current", "bg:default fg:default bold reverse"),
        ("completion-menu.meta.completion", "bg:default fg:default dim"),
        ("completion-menu.meta.completion.current", "bg:default fg:default"),
        ("scrollbar.background", "bg:default"),
        ("scrollbar.button", "bg:default reverse"),
    ]
)
"""Nothing but the terminal's own colours, so that the menu can be read on any of them."""


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
    """Reads messages: Enter sends, Alt-Enter, Ctrl-J or a backslash before Enter begin another line.

    ``pastes`` are those that the history knows of too.
    """

    def __init__(
        self,
        out: TextIO,
        history: History,
        pastes: Pastes,
        host: PromptHost,
        *,
        colour: bool,
        vi: bool = False,
    ) -> None:
        self._pastes = pastes
        self._bar = PromptBar(host.status)
        self._session: PromptSession[str] = PromptSession(
            [("bold", "> ")],
            multiline=True,
            prompt_continuation="  ",
            history=history,
            key_bindings=prompt_bindings(pastes, self._bar, host),
            editing_mode=EditingMode.VI if vi else EditingMode.EMACS,
            cursor=ModalCursorShapeConfig() if vi else None,
            enable_suspend=True,
            completer=_PromptCompleter(host.candidates),
            complete_while_typing=Condition(self._wants_list),
            complete_in_thread=True,
            rprompt=self._bar.hints,
            color_depth=None if colour else ColorDepth.DEPTH_1_BIT,
            style=STYLE,
            input_processors=[TabsProcessor(TAB_STOP, " ", " ")],
            input=terminal_input(),
            output=output_for(out),
        )
        self._session.default_buffer.on_text_changed += self._forget_remark
        self._session.app.before_render += self._make_room
        if vi:
            self._session.app.ttimeoutlen = self._session.app.timeoutlen = ESCAPE_SECONDS
        self._add_bar()

    def _add_bar(self) -> None:
        """Put the status line right below what is typed, and what a menu took below both."""
        layout = self._session.layout
        layout.current_window.dont_extend_height = to_filter(True)
        if isinstance(layout.current_control, BufferControl):
            layout.current_control.menu_position = self._menu_place
        rest = Window(height=Dimension(min=0, preferred=0))
        layout.container = HSplit([layout.container, self._bar.container(), rest])

    def read(self, draft: str = "", typed: str = "") -> str:
        """Return the next message, its pastes in their places; ``draft`` stands in the prompt to begin with.

        ``typed`` are keys that were pressed before the prompt was there, as they came.

        Raises:
            EOFError: Ctrl-D at an empty prompt.
            KeyboardInterrupt: Ctrl-C at an empty prompt.
        """
        type_ahead(typed, self._session.app.input)
        with ended_by_signals(self._session.app):
            text = self._session.prompt(default=draft)
        return self._pastes.unfold(text)

    def _make_room(self, _application: object) -> None:
        """Have room below the text for as long as there is a menu to show in it."""
        buffer = self._session.default_buffer
        offered = len(buffer.complete_state.completions) if buffer.complete_state is not None else 0
        above = buffer.document.cursor_position_row + 1
        self._session.reserve_space_for_menu = above + min(offered, MENU_ROWS - 1) if offered else 0

    def _menu_place(self) -> int | None:
        """Return where in the text the menu stands: where that begins which it completes, however much is typed."""
        state = self._session.default_buffer.complete_state
        if state is None or not state.completions:
            return None
        return max(0, state.original_document.cursor_position + state.completions[0].start_position)

    def _wants_list(self) -> bool:
        return wants_list(self._session.default_buffer.document.text_before_cursor)

    def _forget_remark(self, _buffer: Buffer) -> None:
        self._bar.remark = ""


def read_line(out: TextIO, message: str, *, default: str = "", secret: bool = False, multiline: bool = False) -> str:
    """Ask for a line, or with ``multiline`` for a text that Alt-Enter ends, and take the question off the screen.

    Raises:
        EOFError: Ctrl-D on an empty line.
        KeyboardInterrupt: Ctrl-C.
    """
    session: PromptSession[str] = PromptSession(input=terminal_input(), output=output_for(out), erase_when_done=True)
    with ended_by_signals(session.app):
        return session.prompt(message, default=default, is_password=secret, multiline=multiline)


class WentBack(Exception):
    """Esc was pressed; ``text`` is what had been typed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def read_line_or_go_back(out: TextIO, message: str, default: str = "") -> str:
    """Ask for a line as :func:`read_line` does, where Esc goes back to what was asked before.

    Raises:
        WentBack: Esc.
        EOFError, KeyboardInterrupt: as there.
    """
    bindings = KeyBindings()

    @bindings.add(Keys.Escape)
    def go_back(event: KeyPressEvent) -> None:
        event.app.exit(exception=WentBack(event.current_buffer.text))

    session: PromptSession[str] = PromptSession(output=output_for(out), erase_when_done=True, key_bindings=bindings)
    session.app.ttimeoutlen = session.app.timeoutlen = ESCAPE_SECONDS
    with ended_by_signals(session.app):
        return session.prompt(message, default=default)


class _PromptCompleter(Completer):
    """Hands candidates over as prompt_toolkit wants them."""

    def __init__(self, candidates: Callable[[str], Iterable[Candidate]]) -> None:
        self._candidates = candidates

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002  (its signature)
        for candidate in self._candidates(document.text_before_cursor):
            yield Completion(candidate.text, -candidate.length, candidate.shown, candidate.remark or None)
