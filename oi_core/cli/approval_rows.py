"""The rows of the question whether code may run, and of its explanation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oi_core.cli.dialogue import is_flagged
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.view.code_frame import code_lines
from oi_core.view.spans import BOLD, DIM, YELLOW, Line, Span, folded, prefixed
from oi_core.view.words import spell_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_core.messages import CodeBlock
    from oi_core.review import Effect, Review

INDENT: Final = Span("   ")
MARGIN: Final = Span("│  ", DIM)
SHOWN_EFFECTS: Final = 4
"""Effects that stand in the question; the others are counted, and explained when asked for."""
EXPLAINED_EFFECTS: Final = 40
LONGEST_LINE: Final = 400
"""Characters of a line of code that an explanation repeats; the whole line stands above."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a block would run in: ``program`` as in "python 3.12 from ./.venv", and the sandbox in force."""

    program: str = ""
    sandbox: str = ""

    def facts(self) -> list[str]:
        """Return what is known, harmless and on one line each."""
        return [neutralise_line(fact) for fact in (self.program, self.sandbox) if fact]


def question_rows(block: CodeBlock, review: Review, around: Surroundings, remark: str, width: int) -> list[Line]:
    """Return the question: what is asked, and the keys that answer it."""
    language = neutralise_line(block.language)
    if is_flagged(review):
        words = " · ".join([language, *_effects(block, review)])
        rows = _hanging(Span("╰─ ", DIM), Span("! ", YELLOW), Span(words, BOLD), width)
        rows += _hanging(INDENT, Span(""), Span(" · ".join(around.facts()), DIM), width) if around.facts() else []
        keys = "y run   e edit   x explain   n no + tell why        (enter does nothing here)"
    else:
        told = _effects(block, review) if review.effects else []
        facts = " · ".join([spell_count(len(code_lines(block.code)), "line"), *told, *around.facts()])
        rows = _asked(f"Run this {language}?", facts, width)
        keys = f"y run   e edit   a always {language} this session   x explain   n no + tell why"
    if remark:
        rows += _hanging(INDENT, Span(""), Span(neutralise_line(remark), DIM), width)
    return rows + [row for line in packed(keys, width - 3) for row in _hanging(INDENT, Span(""), Span(line), width)]


def explanation_rows(block: CodeBlock, review: Review, around: Surroundings, width: int) -> Iterator[Line]:
    """Yield why code is asked about: what each line would do, by which rule, who says so, and where it would run."""
    lines = code_lines(block.code)
    says = "asked" if is_flagged(review) else "told"
    for effect in review.effects[:EXPLAINED_EFFECTS]:
        where = f"line {effect.line}: " if effect.line else ""
        yield from _hanging(MARGIN, Span(""), Span(f"{where}{neutralise_line(effect.sentence)}", BOLD), width)
        if 0 < effect.line <= len(lines):
            code = neutralise_line(lines[effect.line - 1].strip()[:LONGEST_LINE])
            yield from prefixed(Span("│     ", DIM), [Span(code)], width)
        rule = f"rule {effect.rule}" if effect.rule else ""
        said = [effect.category, rule, f"{says} by {effect.reviewer}" if effect.reviewer else ""]
        source = " · ".join(neutralise_line(part) for part in said if part)
        yield from _hanging(Span("│     ", DIM), Span(""), Span(source, DIM), width) if source else []
    if len(review.effects) > EXPLAINED_EFFECTS:
        rest = spell_count(len(review.effects) - EXPLAINED_EFFECTS, "more effect")
        yield from _hanging(MARGIN, Span(""), Span(f"and {rest}"), width)
    if not review.effects:
        yield from _hanging(MARGIN, Span(""), Span(_opinion(review)), width)
    for fact in around.facts():
        yield from _hanging(MARGIN, Span(""), Span(fact, DIM), width)


def _opinion(review: Review) -> str:
    who = neutralise_line(review.reviewer)
    if is_flagged(review):
        return f"{who or 'a reviewer'} asks: {neutralise_line(review.reason) or 'without a reason'}"
    if who:
        return f'read by {who}: nothing found to ask about · you are asked because of the setting approval = "ask"'
    return "no reviewer can read this language: nobody but you decides"


def _effects(block: CodeBlock, review: Review) -> list[str]:
    """Return what the code would do, in few words each; of a long list the first, and how many follow."""
    several_lines = len(code_lines(block.code)) > 1
    if not review.effects:
        return [neutralise_line(review.reason) or f"{neutralise_line(review.reviewer)} asks about it"]
    said = [_said(effect, several_lines) for effect in review.effects]
    shown = said if len(said) <= SHOWN_EFFECTS + 1 else said[:SHOWN_EFFECTS]
    rest = len(said) - len(shown)
    return [*shown, *([f"and {rest} more: x lists them"] if rest else [])]


def _said(effect: Effect, several_lines: bool) -> str:
    where = f"line {effect.line} " if effect.line and several_lines else ""
    return where + neutralise_line(effect.sentence)


def _asked(question: str, facts: str, width: int) -> list[Line]:
    """Put the facts behind the question where they fit, else below it."""
    if len(question) + len(facts) + 5 <= width:
        return [[Span("╰─ ", DIM), Span(question, BOLD), Span(f"  {facts}", DIM)]]
    return [
        *_hanging(Span("╰─ ", DIM), Span(""), Span(question, BOLD), width),
        *_hanging(INDENT, Span(""), Span(facts, DIM), width),
    ]


def _hanging(prefix: Span, mark: Span, words: Span, width: int) -> list[Line]:
    """Wrap words between words behind a prefix and a mark; the margin of an explanation goes on, a corner does not."""
    indent = len(prefix.text + mark.text)
    further = prefix if prefix.text.startswith("│") else Span(" " * len(prefix.text))
    rows = folded(words.text, width - indent)
    return [
        [prefix if index == 0 else further, mark if index == 0 else Span(" " * len(mark.text)), Span(row, words.style)]
        for index, row in enumerate(rows)
    ]


def packed(keys: str, width: int) -> list[str]:
    """Return the keys, which stand three blanks apart, on as few lines as hold them without breaking one."""
    lines: list[str] = []
    for key in filter(None, map(str.strip, keys.split("   "))):
        if lines and len(lines[-1]) + 3 + len(key) <= width:
            lines[-1] += f"   {key}"
        else:
            lines.append(key)
    return lines
