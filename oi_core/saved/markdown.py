"""A saved session as Markdown: what was said as it stands, code and output in fences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, assert_never

from oi_core.messages import AssistantMessage, SystemMessage, UserMessage
from oi_core.results import ExecutionResult, Outcome
from oi_core.saved.archive import LONG_AGO, Run
from oi_core.saved.order import Call, in_order
from oi_core.saved.pictures import picture_in, picture_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from oi_core.saved.archive import About, Bundle, SavedSession
    from oi_core.saved.order import Step

    AddFigure: TypeAlias = Callable[[str, bytes], str]
    """Takes a picture's MIME type and bytes and returns its address."""

FENCE_LANGUAGES = {"shell": "bash"}
"""What Markdown calls a language, where that is another name."""
TEXT_KINDS = ("text/markdown", "text/latex", "text/plain")


def as_markdown(saved: SavedSession, add_figure: AddFigure | None = None) -> str:
    """Return a session as Markdown; without ``add_figure`` pictures are named, not shown."""
    writer = _Writer(add_figure)
    parts = [*_head(saved.about), *(part for step in in_order(saved) for part in writer.parts(step))]
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _head(about: About) -> list[str]:
    started = f"{about.started.astimezone():%Y-%m-%d %H:%M}" if about.started != LONG_AGO else ""
    facts = [f"`{fact}`" if fact is not started else fact for fact in (about.folder, about.model, started) if fact]
    return [f"# {_one_line(about.title) or 'A session'}", " · ".join(facts)]


class _Writer:
    def __init__(self, add_figure: AddFigure | None) -> None:
        self._add_figure = add_figure

    def parts(self, step: Step) -> list[str]:
        match step:
            case SystemMessage(text=text):
                return [f"*Instructions:* {text}"]
            case UserMessage(text=text, images=images):
                return [quoted(text), *self._figures(images)]
            case AssistantMessage(text=text):
                return [text]
            case Call():
                return self._run(step.run) if step.run is not None else self._call(step)
            case Run():
                return self._run(step)
            case _:
                assert_never(step)

    def _call(self, call: Call) -> list[str]:
        """Return what is known of a call from the messages alone."""
        code = fenced(call.block.code, fence_language(call.block.language))
        return [code] if call.told is None else [code, fenced(call.told.text), *self._figures(call.told.images)]

    def _run(self, run: Run) -> list[str]:
        result = run.result
        output = fenced(result.output.rstrip("\n")) if result.output.strip() else ""
        status = status_of(result)
        shown = [self._bundle(bundle) for bundle in run.shown]
        code = fenced(result.block.code, fence_language(result.block.language))
        return [code, output, *shown, f"*{_one_line(status)}*" if status else ""]

    def _figures(self, urls: Iterable[str]) -> list[str]:
        return [self._figure(*picture) if (picture := picture_of(url)) else f"![a picture]({url})" for url in urls]

    def _figure(self, kind: str, content: bytes) -> str:
        if self._add_figure is None:
            return f"*a picture: {kind}, {len(content):,} bytes*"
        return f"![a picture]({self._add_figure(kind, content)})"

    def _bundle(self, bundle: Bundle) -> str:
        picture = picture_in(bundle)
        if picture is not None:
            return self._figure(*picture)
        texts = [value for kind in TEXT_KINDS if isinstance(value := bundle.get(kind), str)]
        return fenced(texts[0]) if texts else ""


def status_of(result: ExecutionResult) -> str:
    """Return how a block ended, in words; nothing where there is nothing to say."""
    return result.status() or ("failed" if result.outcome is Outcome.FAILED else "")


def quoted(text: str) -> str:
    """Return a text as a quotation, which is how what the person said is told from the answers."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines() or [""])


def fenced(text: str, language: str = "text") -> str:
    """Return a text in a fence that is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.removesuffix(chr(10))}\n{fence}"


def fence_language(language: str) -> str:
    """Return a language's name as the info string of a fence."""
    return re.sub(r"[^\w+#.-]", "", FENCE_LANGUAGES.get(language, language))


def _one_line(text: str) -> str:
    return " ".join(text.split())
