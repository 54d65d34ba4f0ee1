"""The keys of the prompt, besides those that every line editor has."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.filters import Condition, has_completions, is_searching
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys

from oi_core.cli.editor import EditorError, edit_in, editor_command, editor_found
from oi_core.cli.signals import termination_calls
from oi_core.review import Approval

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.key_binding import KeyPressEvent

    from oi_core.cli.pastes import Pastes
    from oi_core.cli.prompt_bar import PromptBar, PromptHost

NEXT_APPROVAL: Final = {Approval.ASK: Approval.RISKY, Approval.RISKY: Approval.AUTO}
"""What Shift-Tab changes to; from all others back to asking."""


def prompt_bindings(pastes: Pastes, bar: PromptBar, host: PromptHost) -> KeyBindings:
    """Return the bindings of one prompt."""
    bindings = KeyBindings()
    _bind_writing(bindings)
    _bind_pastes(bindings, pastes)
    _bind_completion(bindings, host)
    _bind_leaving_for(bindings, pastes, bar, host)
    _bind_approval(bindings, bar, host)
    return bindings


def _bind_writing(bindings: KeyBindings) -> None:
    @bindings.add(Keys.Enter, filter=~is_searching)
    def send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        state = buffer.complete_state
        if state is not None and state.current_completion is not None and not buffer.text.startswith(("/", "%")):
            buffer.complete_state = None
        elif buffer.document.text_before_cursor.endswith("\\") and buffer.document.is_cursor_at_the_end:
            buffer.delete_before_cursor()
            buffer.newline(copy_margin=False)
        elif buffer.text.strip():
            buffer.validate_and_handle()

    @bindings.add(Keys.Escape, Keys.Enter)
    @bindings.add(Keys.ControlJ, filter=~is_searching)
    def begin_line(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @bindings.add(Keys.ControlC, filter=~is_searching)
    @bindings.add(Keys.SIGINT)
    def clear_or_leave(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt)


def _bind_pastes(bindings: KeyBindings, pastes: Pastes) -> None:
    def token_before(buffer: Buffer) -> str:
        return pastes.token_before(buffer.document.text_before_cursor)

    @bindings.add(Keys.BracketedPaste, filter=~is_searching)
    def paste(event: KeyPressEvent) -> None:
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        event.current_buffer.insert_text(pastes.fold(text))

    @Condition
    def is_behind_token() -> bool:
        from prompt_toolkit.application.current import get_app

        return bool(token_before(get_app().current_buffer))

    @bindings.add(Keys.Backspace, filter=is_behind_token)
    def drop_paste(event: KeyPressEvent) -> None:
        event.current_buffer.delete_before_cursor(len(token_before(event.current_buffer)))


def _bind_completion(bindings: KeyBindings, host: PromptHost) -> None:
    @bindings.add(Keys.Tab, filter=~is_searching)
    def complete(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.complete_index is not None:
            buffer.complete_next()
            return
        # At once rather than by prompt_toolkit: it drops a Tab that comes while it is still making its list.
        found = list(host.candidates(buffer.document.text_before_cursor))
        common = os.path.commonprefix([each.text for each in found])  # noqa: RUF071  (characters are what is wanted)
        grows = bool(found) and (len(found) == 1 or len(common) > found[0].length)
        if grows:
            buffer.delete_before_cursor(found[0].length)
            buffer.insert_text(common, fire_event=False)
        if len(found) == 1 and not common.endswith("/"):
            buffer.complete_state = None
        elif not grows and buffer.complete_state is not None:
            buffer.complete_next()
        else:
            buffer.start_completion()


def _bind_leaving_for(bindings: KeyBindings, pastes: Pastes, bar: PromptBar, host: PromptHost) -> None:
    """Bind the keys that leave the terminal to another program for a while."""

    @bindings.add(Keys.ControlX, Keys.ControlE)
    @bindings.add(Keys.ControlG, filter=~is_searching)
    def edit(event: KeyPressEvent) -> None:
        buffer = event.current_buffer

        def in_editor() -> None:
            try:
                command = editor_command(os.environ) or editor_found(os.environ)
                with termination_calls():
                    edited = edit_in(command, pastes.unfold(buffer.text), "", sys.stdout)
                buffer.text = pastes.refold(edited, buffer.text)
                buffer.cursor_position = len(buffer.text)
            except EditorError as error:
                bar.remark = str(error)

        run_in_terminal(in_editor)

    @bindings.add(Keys.ControlO, filter=~is_searching)
    def show_output(_event: KeyPressEvent) -> None:
        def in_pager() -> None:
            with termination_calls():
                bar.remark = host.show_output()

        run_in_terminal(in_pager)


def _bind_approval(bindings: KeyBindings, bar: PromptBar, host: PromptHost) -> None:
    @Condition
    def asks_auto() -> bool:
        return bar.asks_auto

    @bindings.add(Keys.BackTab, filter=~has_completions & ~is_searching)
    def next_approval(_event: KeyPressEvent) -> None:
        wanted = NEXT_APPROVAL.get(host.approval(), Approval.ASK)
        if wanted is Approval.AUTO:
            bar.asks_auto = True
        else:
            host.set_approval(wanted)

    @bindings.add(Keys.Any, filter=asks_auto, eager=True)
    def keep_asking(_event: KeyPressEvent) -> None:
        bar.asks_auto = False

    @bindings.add(Keys.BackTab, filter=asks_auto, eager=True)
    def back_to_asking(_event: KeyPressEvent) -> None:
        bar.asks_auto = False
        host.set_approval(Approval.ASK)

    @bindings.add("y", filter=asks_auto, eager=True)
    def run_unasked(_event: KeyPressEvent) -> None:
        bar.asks_auto = False
        host.set_approval(Approval.AUTO)
