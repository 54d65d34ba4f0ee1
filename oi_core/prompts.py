"""The prompts of a session: what of the conversation each holds, and what servers taught about how much they take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from oi_core.events import Level, Notice
from oi_core.messages import Message, SystemMessage, ToolMessage, UserMessage
from oi_core.model_facts.context_sizes import ContextSize, SizeSource
from oi_core.tokens import BYTES_PER_TOKEN, ByteEstimate, Counting, Tokenizer, message_tokens
from oi_core.tokens.encodings import encoding_for, load_encoding
from oi_core.window import LEAST_BUDGET, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.errors import ContextOverflow
    from oi_core.events import Usage
    from oi_core.tool_schema import Tool

CALIBRATION_TOKENS = 500
"""Shorter prompts say nothing about how a server counts: what it adds around messages weighs too much."""
CALIBRATION_STEP = 0.05
CALIBRATION_SLACK = 0.2
"""A server may count this much less than we do before the factor follows; where it counts more, it follows at once."""
LEAST_FACTOR, GREATEST_FACTOR = 0.6, 4.0
TIGHTER = 0.6
"""After an overflow of which the server gives no figures, a prompt of this share of the size is tried."""
CUT_TOKENS = 1000
CUT_RATIO = 1.5
"""A server that counts at least so many tokens, and twice running the same, where there were so many times more, cuts
prompts without a word: seen with Ollama."""


class Prompts:
    """Builds the prompts for the model at hand.

    As long as a prompt is so short that it fits however it is counted, it is not tokenised, and no encoding is loaded.
    From there on tokens are counted with the model's encoding, or estimated where that is missing; the counts that
    servers report correct both, by a factor.
    """

    def __init__(self) -> None:
        self._model = ""
        self._size = ContextSize(0, SizeSource.ASSUMED)
        self._fixed: tuple[SystemMessage, str] = (SystemMessage(""), "")
        self._notices: list[Notice] = []
        self._begin_model("")

    def _begin_model(self, model: str) -> None:
        self._model = model
        self._learned: int | None = None
        self._factor = 1.0
        self._cut_at = 0
        self._said_left_out = False
        self._loading_tried = False
        self._count_with(ByteEstimate())
        self._tokens = 0
        self._has_images = False

    def _count_with(self, counting: Counting) -> None:
        self._counting = counting
        self._window = Window(counting)
        self._fixed_tokens: int | None = None

    def begin_turn(self, model: str, size: ContextSize, system: SystemMessage, tools: Sequence[Tool]) -> None:
        """Say what the prompts are built for. Another model is counted anew; another size counts until refuted."""
        if model != self._model:
            self._begin_model(model)
        elif size != self._size:
            self._learned = None
        shown = "".join(json.dumps([tool.name, tool.description, tool.parameters]) for tool in tools)
        if (system, shown) != self._fixed:
            self._fixed, self._fixed_tokens = (system, shown), None
        self._size = size

    def begin_conversation(self) -> None:
        """Say that the conversation is another one, of which no prompt has been built yet."""
        self._tokens = 0

    @property
    def size(self) -> ContextSize:
        """The window that prompts are built for."""
        if self._learned is not None and self._learned < self._size.tokens:
            return ContextSize(self._learned, SizeSource.LEARNED)
        return self._size

    @property
    def tokens(self) -> int:
        """About how many tokens the server will count in the prompt built last."""
        return int(self._tokens * self._factor)

    @property
    def is_whole(self) -> bool:
        """Whether the prompt built last has all of the conversation."""
        return self._window.is_whole

    def count(self, text: str) -> int:
        """Return about how many tokens a server will count in a text of its own model."""
        return int(self._counting.count(text) * self._factor)

    def output_counting(self) -> Counting:
        """Return the way to count the tokens of an output that may be too long: the model's encoding where it is there.

        It is loaded now if it was not. What prompts are counted with stays as it is.
        """
        if isinstance(self._counting, Tokenizer):
            return self._counting
        encoding = load_encoding(encoding_for(self._model))
        return self._counting if encoding is None else Tokenizer(encoding)

    def build(self, messages: Sequence[Message]) -> list[Message]:
        """Return the messages to send: the system message, then what fits of the conversation."""
        kept = self._fit(messages)
        if isinstance(self._counting, ByteEstimate) and not self._loading_tried and not self._fits_surely():
            self._loading_tried = True
            encoding = load_encoding(encoding_for(self._model))
            if encoding is not None:
                self._count_with(Tokenizer(encoding))
                kept = self._fit(messages)
        self._tokens = self._overhead() + self._window.total
        self._has_images = any(isinstance(m, UserMessage | ToolMessage) and m.images for m in kept)
        self._tell_what_is_left_out()
        return [self._fixed[0], *kept]

    def _fit(self, messages: Sequence[Message]) -> list[Message]:
        return self._window.fit(messages, int(self.size.prompt_tokens / self._factor) - self._overhead())

    def _fits_surely(self) -> bool:
        most = (self._overhead() + self._window.total) * BYTES_PER_TOKEN
        return self._window.is_whole and most <= self.size.prompt_tokens

    def _overhead(self) -> int:
        """Return the tokens of the system message and the tools."""
        if self._fixed_tokens is None:
            system, tools = self._fixed
            self._fixed_tokens = message_tokens(system, self._counting) + self._counting.count(tools)
        return self._fixed_tokens

    def reported(self, usage: Usage) -> None:
        """Learn from what the server counted in the prompt built last."""
        if self._tokens < CALIBRATION_TOKENS or self._has_images or not usage.input_tokens:
            return
        ratio = usage.input_tokens / self._tokens
        self._notice_cut(usage.input_tokens, ratio)
        # Less than that is no way to count: a server that leaves out what it had in its cache.
        if LEAST_FACTOR <= ratio <= GREATEST_FACTOR:
            self._calibrate(ratio)

    def _calibrate(self, ratio: float) -> None:
        if ratio > self._factor or ratio < self._factor - CALIBRATION_SLACK:
            self._factor = (int(ratio / CALIBRATION_STEP) + 1) * CALIBRATION_STEP

    def _notice_cut(self, counted: int, ratio: float) -> None:
        """Notice a server that cuts prompts silently, and send it no more than it takes."""
        if ratio * CUT_RATIO > 1 or counted < CUT_TOKENS:
            self._cut_at = 0
        elif abs(counted - self._cut_at) > self._cut_at * CALIBRATION_STEP:
            self._cut_at = counted
        else:
            self._learned = counted
            self._cut_at = 0
            text = (
                f"the server reads only about {counted:,} of the {self._tokens:,} tokens it is sent: it gets less now"
            )
            step = "start it with a larger window, or set context-window"
            self._notices.append(Notice(f"{text} · {step}", Level.WARNING))

    def tighten(self, error: ContextOverflow) -> str:
        """Make the next prompt shorter, after one that did not fit; returns words for it, none when that cannot be."""
        if error.prompt_tokens and self._tokens:
            self._calibrate(min(GREATEST_FACTOR, max(LEAST_FACTOR, error.prompt_tokens / self._tokens)))
        if error.window and error.window < self.size.tokens:
            self._learned = error.window
        if self.tokens <= self.size.prompt_tokens:
            self._learned = ContextSize.for_prompt(int(self.tokens * TIGHTER), SizeSource.LEARNED).tokens
        overhead = int(self._overhead() * self._factor)
        if self.size.prompt_tokens - overhead < LEAST_BUDGET:
            text = f"of the {self.size.tokens:,} tokens of its window, the instructions alone take about {overhead:,}"
            self._notices.append(Notice(f"{text} · a larger window or another model is needed", Level.WARNING))
            return ""
        self._said_left_out = True
        return f"the conversation is too long for {self._model}: sent again with older parts left out or shortened"

    def _tell_what_is_left_out(self) -> None:
        if self._window.is_whole or self._said_left_out:
            return
        self._said_left_out = True
        tokens = f"{self.size.tokens:,} tokens"
        if self.size.source is SizeSource.ASSUMED:
            text = (
                f"nobody says how much {self._model} takes at once: {tokens} are assumed, and older parts are left out"
            )
            self._notices.append(Notice(f"{text} · context-window sets the real size", Level.WARNING))
        else:
            text = f"the conversation has outgrown the window of {tokens}: older parts are shortened or left out"
            self._notices.append(Notice(f"{text} · /compact puts a summary in their place"))

    def take_notices(self) -> list[Notice]:
        """Return what there is to tell the person since the last call."""
        notices, self._notices = self._notices, []
        return notices
