"""What a process printed, as text: decoded, without markers and echoes, with the streams kept apart."""

from __future__ import annotations

import codecs
import re
from typing import Literal, TypeAlias

from oi_core.events import OutputDelta
from oi_core.repl.markers import Marker, MarkerParser

Item: TypeAlias = OutputDelta | Marker

LONGEST_PROMPT = 400
_LINE_START = re.compile(r"[\r\n]|\x1b\[(?:1?G|[\d;]*[Hf])")
_CONTROL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\a\x1b]*\a?|[()].?|.?)|[\0-\x08\x0b-\x1f]")
_ALTERNATE = ("?1049", "?1047", "?47")
_MODES = (*_ALTERNATE, "?2004", "?1000", "?1002", "?1003", "?1006", "?1")


class Transcript:
    """Turn the bytes of one process into output and markers; any split of the same bytes gives the same text.

    Where code starts and ends, nothing is carried over: neither half a character, nor a stream, nor an expected echo.
    """

    def __init__(self, nonce: str) -> None:
        self._parser = MarkerParser(nonce)
        self._undecoded = b""
        self._stream: Literal["stdout", "stderr"] = "stdout"
        self._echo = b""
        self._echoed = b""
        self._tail = ""

    def feed(self, data: bytes) -> list[Item]:
        """Return what ``data`` completes: output in pieces as long as possible, markers in between."""
        items: list[Item] = []
        texts: list[str] = []
        for piece in self._parser.feed(data):
            if isinstance(piece, bytes):
                texts.append(self._text(piece))
            elif piece.kind not in _STREAMS:
                if piece.kind in ("s", "z"):
                    texts.append(self._remainder())
                self._append(items, texts)
                items.append(piece)
                if piece.kind in ("s", "z"):
                    self._stream = "stdout"
                    self._tail = ""
            elif (stream := _STREAMS[piece.kind]) != self._stream:
                self._append(items, texts)
                self._stream = stream
        self._append(items, texts)
        return items

    def finish(self) -> list[Item]:
        """Return what was held back, at the end of the stream."""
        items: list[Item] = []
        self._append(items, [self._text(self._parser.flush()), self._remainder()])
        return items

    def _remainder(self) -> str:
        """Return what was held back of the text: half a character, or what might have become an echo."""
        echoed, self._echo, self._echoed = self._echoed, b"", b""
        return self._decode(echoed, final=True)

    def expect_echo(self, typed: bytes) -> None:
        """Leave out ``typed`` when the terminal echoes it next: the person has seen it already.

        A terminal elsewhere may end the line in its own way.
        """
        self._echo, self._echoed = typed, b""

    def end_line(self) -> None:
        """Take note that a line was typed: the cursor stands on the next one, though no newline was printed."""
        self._tail = ""

    @property
    def last_line(self) -> str:
        """The unfinished line that the output ends in: what a program that waits for input asks."""
        return _CONTROL.sub("", _LINE_START.split(self._tail)[-1])

    def _append(self, items: list[Item], texts: list[str]) -> None:
        text = "".join(texts)
        texts.clear()
        if not text:
            return
        self._tail = text[-LONGEST_PROMPT:] if len(text) >= LONGEST_PROMPT else (self._tail + text)[-LONGEST_PROMPT:]
        last = items[-1] if items else None
        if isinstance(last, OutputDelta) and last.stream == self._stream:
            items[-1] = OutputDelta(last.text + text, self._stream)
        else:
            items.append(OutputDelta(text, self._stream))

    def _text(self, data: bytes) -> str:
        return self._decode(self._without_echo(data) if self._echo else data)

    def _decode(self, data: bytes, *, final: bool = False) -> str:
        """Return the characters that are complete with ``data``; ``final`` is whether no more will come."""
        data = self._undecoded + data
        text, used = codecs.utf_8_decode(data, "replace", final)
        self._undecoded = data[used:]
        return text

    def _without_echo(self, data: bytes) -> bytes:
        """Drop the echo that was announced, or give back what looked like its beginning."""
        seen = rest = self._echoed + data
        for echo in (self._echo, re.sub(rb"(?<!\r)\n\Z", b"\r\n", self._echo)):
            if seen.startswith(echo):
                rest = seen[len(echo) :]
                break
            if echo.startswith(seen):
                self._echoed = seen
                return b""
        self._echo = self._echoed = b""
        return rest


_STREAMS: dict[str, Literal["stdout", "stderr"]] = {"o": "stdout", "e": "stderr"}


class ScreenState:
    """Whether the text so far left the terminal in a colour or a mode, and what leaves it again."""

    def __init__(self) -> None:
        self._coloured = False
        self._modes: dict[str, bool] = {}
        self._cursor_hidden = False

    def feed(self, text: str) -> None:
        """Take note of the last colour and mode changes of ``text``; a sequence cut in two goes unseen."""
        if "\x1b[" not in text:
            return
        self._coloured = _last_colour(text, self._coloured)
        if "\x1b[?" in text:
            for mode in _MODES:
                self._modes[mode] = _last_mode(text, mode, self._modes.get(mode, False))
            self._cursor_hidden = not _last_mode(text, "?25", not self._cursor_hidden)

    @property
    def is_alternate(self) -> bool:
        """Whether the terminal shows its alternate screen."""
        return any(self._modes.get(mode) for mode in _ALTERNATE)

    def restore(self) -> str:
        """Return the escape sequences that put the terminal back, empty when nothing is left; forget everything."""
        if not (self._modes or self._cursor_hidden or self._coloured):
            return ""
        left = [f"\x1b[{mode}l" for mode, is_set in self._modes.items() if is_set]
        if self._cursor_hidden:
            left.append("\x1b[?25h")
        if self._coloured:
            left.append("\x1b[0m")
        self.__init__()  # type: ignore[misc]  # back to the state of a fresh terminal
        return "".join(left)


def _last_mode(text: str, mode: str, before: bool) -> bool:
    is_set, is_reset = text.rfind(f"\x1b[{mode}h"), text.rfind(f"\x1b[{mode}l")
    return before if is_set == is_reset else is_set > is_reset


def _last_colour(text: str, before: bool) -> bool:
    """Say whether the last SGR sequence in ``text`` sets something: anything but ``ESC [ m`` and ``ESC [ 0 m``."""
    end = len(text)
    while (at := text.rfind("\x1b[", 0, end)) >= 0:
        parameters, final = _parameters(text, at + 2)
        if final == "m":
            return parameters.rpartition(";")[2].strip("0") != ""
        end = at
    return before


def _parameters(text: str, start: int) -> tuple[str, str]:
    at = start
    while at < len(text) and at - start < 32 and (text[at].isdigit() or text[at] in ";?:"):
        at += 1
    return text[start:at], text[at : at + 1]
