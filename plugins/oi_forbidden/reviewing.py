"""The opinion on one block of code: what it would do, by the rules, in sentences a person can decide by."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from oi_core.plugin_api import Effect, Review, Verdict
from oi_forbidden.acts import Act, TooMuch
from oi_forbidden.effects import effects_of, may_matter, not_told_yet
from oi_forbidden.entries import LONGEST, PYTHON_LANGUAGES, SHELL_LANGUAGES, WINDOWS_LANGUAGES
from oi_forbidden.hidden import hidden_parts
from oi_forbidden.reading import Reading
from oi_forbidden.rule import Rule
from oi_forbidden.rules import rulebook
from oi_forbidden.windows_acts import read_windows

if TYPE_CHECKING:
    from pathlib import Path

    from oi_core.plugin_api import CodeBlock

_OTHERS: Final = {
    **dict.fromkeys(
        ("javascript", "js", "node", "nodejs", "typescript", "ts", "deno", "bun", "jsx", "tsx"), "javascript"
    ),
    **dict.fromkeys(("sql", "sqlite", "postgres", "postgresql", "mysql"), "sql"),
    **dict.fromkeys(("applescript", "osascript"), "applescript"),
    **{name: name for name in ("ruby", "perl", "php", "lua", "r", "awk", "tcl", "julia")},
}
_DANGEROUS: Final = re.compile(
    r"\b(?:rm|rmtree|unlink|shutil|system|popen|subprocess|exec|eval|socket|dd|mkfs\w*|shutdown|reboot|kill\w*|chmod|"
    r"chown|curl|wget"
    r"|nc|sudo|base64|b64decode|__import__|getattr|ctypes|pickle|crontab|passwd|shadow|ssh|iptables|sh|bash|DROP|"
    r"Remove-Item|iex)\b"
)
_SENTENCES: Final = 5


class Finding(NamedTuple):
    """What a line would do, by which rule."""

    line: int
    sentence: str
    verdict: Verdict
    order: int
    rule: str = ""
    category: str = ""


def opinion_on(block: CodeBlock, folder: Path, entries: Collection[str]) -> Review | None:
    """Return the opinion on a block; None when its language cannot be read here.

    ``entries`` are the forbidden commands in force: a blocking rule whose own entry was taken out of them asks.
    """
    language = block.language.casefold()
    reading = Reading(folder.as_posix())
    complete = understood = True
    try:
        understood = _read(language, block.code[:LONGEST], reading)
        complete = len(block.code) <= LONGEST
    except (TooMuch, RecursionError):
        complete = False
    findings = sorted({*_judged(reading.acts.found, entries), *_hidden(block.code, language)})
    if not complete:
        findings.append(Finding(0, "the code is too long or nests too deeply to be read to its end", Verdict.ASK, 99))
    elif not findings and _half_read(reading, block.code, understood=understood):
        findings.append(
            Finding(0, "the code cannot be understood in full, and names dangerous commands", Verdict.ASK, 99)
        )
    effects = effects_of(act for act in reading.acts.found if may_matter(act) and rulebook().judge(act) is None)
    if findings:
        review = _review(findings)
        return replace(review, effects=(*review.effects, *not_told_yet(effects, review.effects)))
    readable = language in SHELL_LANGUAGES or language in PYTHON_LANGUAGES
    return Review(Verdict.ALLOW, effects=effects) if readable and understood else None


def _read(language: str, code: str, reading: Reading) -> bool:
    """Read the code; whether all of it could be understood."""
    if language in SHELL_LANGUAGES:
        reading.shell(code, 1, 0)
    elif language in PYTHON_LANGUAGES:
        reading.python(code, 1, 0)
    elif language in WINDOWS_LANGUAGES:
        read_windows(code, 1, reading)
    elif language in _OTHERS:
        reading.other(_OTHERS[language], code, 1, 0)
    return not reading.acts.unread


def _half_read(reading: Reading, code: str, *, understood: bool) -> bool:
    unread = "\n".join(reading.acts.unread) if not understood else ""
    return bool(unread) and _DANGEROUS.search(unread) is not None and bool(code)


def _judged(acts: list[Act], entries: Collection[str]) -> Iterator[Finding]:
    book = rulebook()
    for act in acts:
        rule = book.judge(act)
        if rule is not None:
            yield Finding(act.line, rule.sentence(act), _verdict(rule, entries), 0, rule.name, rule.category)


def _verdict(rule: Rule, entries: Collection[str]) -> Verdict:
    return Verdict.ASK if rule.entry and rule.entry not in entries else rule.verdict


def _hidden(code: str, language: str) -> Iterator[Finding]:
    for line, name in hidden_parts(code, is_python=language in PYTHON_LANGUAGES):
        yield Finding(line, f"hides {name}", Verdict.ASK, 1)


def _review(findings: list[Finding]) -> Review:
    verdict = max(finding.verdict for finding in findings)
    first = sorted(findings, key=lambda f: (-f.verdict, f.order, f.line))
    sentences = list(dict.fromkeys(f"line {f.line} {f.sentence}" if f.line else f.sentence for f in first))
    shown = sentences[:_SENTENCES]
    if len(sentences) > _SENTENCES:
        shown.append(f"and {len(sentences) - _SENTENCES} more")
    effects = dict.fromkeys(Effect(f.sentence, f.line, f.rule, f.category) for f in first)
    return Review(verdict, "; ".join(shown), effects=tuple(effects))
