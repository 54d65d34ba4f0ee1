"""A saved session as a Jupyter notebook (nbformat 4.5): a cell for each block, its outputs, and what was said between.

The format: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from oi_core.messages import AssistantMessage, SystemMessage, UserMessage
from oi_core.results import ExecutionResult, Outcome
from oi_core.saved.archive import Run
from oi_core.saved.markdown import fence_language, fenced, quoted, status_of
from oi_core.saved.order import Call, in_order
from oi_core.saved.pictures import SVG, picture_of
from oi_core.surrogates import mend

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from oi_core.saved.archive import About, Bundle, SavedSession
    from oi_core.saved.order import Step

Cell: TypeAlias = dict[str, Any]  # Any: whatever the format has
MAGICS: Final = {"python": "", "shell": "%%bash\n", "javascript": "%%script node\n", "sql": "%%script sqlite3\n"}
"""The first line of a cell of each language; others are run by a program of their name."""
_KIND: Final = re.compile(r"[a-zA-Z0-9]+/[a-zA-Z0-9+.-]+")
_TRACEBACK: Final = re.compile(
    r'^(?:Traceback \(most recent call last\):|  File "<cell \d+>", line \d+)$', re.MULTILINE
)
_LAST_LINE: Final = re.compile(r"([A-Za-z_][\w.]*)(?:: (.*))?")


def as_notebook(saved: SavedSession) -> str:
    """Return a session as the text of an ``.ipynb`` file."""
    writer = _Writer()
    cells = [cell for step in in_order(saved) for cell in writer.cells(step)]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": _metadata(saved.about),
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells, 1)],
    }
    return mend(json.dumps(notebook, ensure_ascii=False, indent=1)) + "\n"


def _metadata(about: About) -> dict[str, object]:
    return {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "title": about.title,
    }


class _Writer:
    """Makes the cells, and counts those that ran."""

    def __init__(self) -> None:
        self._count = 0

    def cells(self, step: Step) -> Iterator[Cell]:
        match step:
            case SystemMessage(text=text) | AssistantMessage(text=text):
                if text.strip():
                    yield _prose(text)
            case UserMessage(text=text, images=images):
                yield _prose(quoted(text), images)
            case Call():
                yield self._ran(step.run) if step.run is not None else self._told(step)
            case Run():
                yield self._ran(step)
            case _:
                assert_never(step)

    def _ran(self, run: Run) -> Cell:
        result = run.result
        if not result.outcome.ran:
            return _not_run(result.block.language, result.block.code, status_of(result))
        return self._code(result.block.language, result.block.code, _outputs(run))

    def _told(self, call: Call) -> Cell:
        """Return the cell of a call of which nothing but the messages is known."""
        if call.told is None or call.ran() is None:
            return _not_run(call.block.language, call.block.code, call.told.text if call.told else "")
        outputs = [*_stream(call.told.text), *_pictures(call.told.images)]
        return self._code(call.block.language, call.block.code, outputs)

    def _code(self, language: str, code: str, outputs: Iterable[Cell]) -> Cell:
        self._count += 1
        source = MAGICS.get(language, f"%%script {fence_language(language)}\n") + code
        cell = {"cell_type": "code", "metadata": {}, "execution_count": self._count}
        return {**cell, "source": source, "outputs": list(outputs)}


def _prose(text: str, images: Iterable[str] = ()) -> Cell:
    attachments = {}
    for number, url in enumerate(images, 1):
        picture = picture_of(url)
        if picture is None:
            text += f"\n\n![a picture]({url})"
            continue
        kind, content = picture
        name = f"picture-{number}.{kind.partition('/')[2]}"
        attachments[name] = {kind: base64.b64encode(content).decode()}
        text += f"\n\n![a picture](attachment:{name})"
    cell: Cell = {"cell_type": "markdown", "metadata": {}, "source": text}
    return {**cell, "attachments": attachments} if attachments else cell


def _not_run(language: str, code: str, reason: str) -> Cell:
    said = f"\n\n*{' '.join(reason.split())}*" if reason.strip() else ""
    return _prose(fenced(code, fence_language(language)) + said)


def _outputs(run: Run) -> Iterator[Cell]:
    printed, error = _error_apart(run.result)
    yield from _stream(printed)
    for bundle in run.shown:
        data = _data(bundle)
        if data:
            yield {"output_type": "display_data", "metadata": {}, "data": data}
    if error is not None:
        yield error


def _error_apart(result: ExecutionResult) -> tuple[str, Cell | None]:
    """Return what a block printed, and the error it ended in, which Python printed last."""
    if result.outcome is Outcome.FINISHED:
        return result.output, None
    traceback = _TRACEBACK.search(result.output) if result.block.language == "python" else None
    if traceback is not None:
        printed, said = result.output[: traceback.start()], result.output[traceback.start() :].rstrip("\n")
        last = _LAST_LINE.fullmatch(said.rpartition("\n")[2])
        if last is not None:
            return printed, _error(last[1], last[2] or "", said.split("\n"))
    status = status_of(result)
    return result.output, _error(result.outcome.value.replace("_", " ").capitalize(), status, [status])


def _error(name: str, value: str, traceback: list[str]) -> Cell:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}


def _stream(text: str) -> Iterator[Cell]:
    if text.strip():
        yield {"output_type": "stream", "name": "stdout", "text": text}


def _pictures(urls: Iterable[str]) -> Iterator[Cell]:
    for kind, content in filter(None, map(picture_of, urls)):
        yield {"output_type": "display_data", "metadata": {}, "data": _data({kind: content})}


def _data(bundle: Bundle) -> dict[str, object]:
    """Return a displayed value as the format wants it: JSON as it is, pictures as base64, other text as text."""
    data: dict[str, object] = {}
    for kind, value in bundle.items():
        if not _KIND.fullmatch(kind):
            continue
        if isinstance(value, bytes):
            data[kind] = value.decode("utf-8", "replace") if kind == SVG else base64.b64encode(value).decode()
        elif kind.endswith("json"):
            try:
                data[kind] = json.loads(value)
            except (ValueError, RecursionError):
                continue
        else:
            data[kind] = value
    return data
