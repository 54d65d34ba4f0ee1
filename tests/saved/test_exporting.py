"""Sessions as notebooks, Markdown, scripts and JSON."""

from __future__ import annotations

import ast
import base64
import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given

from oi_core.errors import ConfigError
from oi_core.messages import AssistantMessage, CodeBlock, Message, ToolMessage, UserMessage
from oi_core.results import ExecutionResult, Outcome
from oi_core.saved.archive import Bundle, Run, SavedSession
from oi_core.saved.exporting import ExportFormat, export, exported, format_for
from oi_core.saved.markdown import as_markdown, fenced
from oi_core.saved.notebook import as_notebook
from oi_core.saved.order import code_to_replay
from oi_core.saved.reading import read_saved
from oi_core.saved.script import as_script

from .test_files import ABOUT, PIXEL, sessions

PNG = base64.b64decode(PIXEL)
TRACEBACK = 'Traceback (most recent call last):\n  File "<cell 1>", line 2, in <module>\nValueError: no\n'


def ran(
    code: str,
    output: str = "",
    outcome: Outcome = Outcome.FINISHED,
    *,
    language: str = "python",
    shown: tuple[Bundle, ...] = (),
    position: int = 0,
    call_id: str = "",
    note: str = "",
) -> Run:
    return Run(ExecutionResult(CodeBlock(call_id, language, code), output, outcome, None, note), position, shown)


def notebook_of(saved: SavedSession) -> Any:  # Any: an attribute for each of its keys
    notebook = nbformat.reads(as_notebook(saved), as_version=4)  # type: ignore[no-untyped-call]  # it has no types
    nbformat.validate(notebook)
    return notebook


def a_session() -> SavedSession:
    blocks = [
        CodeBlock("1", "python", "plot()"),
        CodeBlock("2", "shell", "ls\necho"),
        CodeBlock("3", "python", "raise"),
        CodeBlock("4", "python", "rm()"),
    ]
    messages: tuple[Message, ...] = (
        UserMessage("Plot <it>\nplease", (f"data:image/png;base64,{PIXEL}",)),
        AssistantMessage("I'll **plot**.", tuple(blocks)),
        *(ToolMessage(block.call_id, "told") for block in blocks),
        AssistantMessage("Done."),
    )
    runs = (
        ran(
            "plot(1)  # edited",
            "drawn\n",
            shown=({"image/png": PNG, "text/plain": "<Figure>"},),
            position=3,
            call_id="1",
        ),
        ran("ls\necho", "a.txt\n", language="shell", position=4, call_id="2"),
        ran("raise", f"before\n{TRACEBACK}", Outcome.FAILED, position=5, call_id="3"),
        ran("rm()", "", Outcome.BLOCKED, position=6, call_id="4", note="forbidden: it deletes"),
    )
    return SavedSession(ABOUT, messages, runs)


def test_a_notebook_has_a_cell_for_each_block_that_ran_and_its_outputs() -> None:
    notebook = notebook_of(a_session())
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds == ["markdown", "markdown", "code", "code", "code", "markdown", "markdown"]
    asked, said, plot, shell, failed, blocked, done = notebook.cells
    assert asked.source.startswith("> Plot <it>\n> please")
    assert asked.attachments["picture-1.png"]["image/png"] == PIXEL
    assert (said.source, done.source) == ("I'll **plot**.", "Done.")
    assert (plot.source, plot.execution_count) == ("plot(1)  # edited", 1)
    assert [output.output_type for output in plot.outputs] == ["stream", "display_data"]
    assert base64.b64decode(plot.outputs[1].data["image/png"]) == PNG
    assert shell.source == "%%bash\nls\necho"
    assert [output.output_type for output in failed.outputs] == ["stream", "error"]
    assert failed.outputs[0].text == "before\n"
    assert (failed.outputs[1].ename, failed.outputs[1].evalue) == ("ValueError", "no")
    assert "\n".join(failed.outputs[1].traceback) == TRACEBACK.rstrip()
    assert "rm()" in blocked.source
    assert "forbidden: it deletes" in blocked.source


@given(sessions())
def test_whatever_is_saved_makes_a_valid_notebook_a_script_and_markdown(saved: SavedSession) -> None:
    notebook_of(saved)
    script = exported(saved, ExportFormat.SCRIPT)
    ast.parse(script)
    exported(saved, ExportFormat.MARKDOWN).encode()


@pytest.mark.parametrize(
    ("language", "first"),
    [("javascript", "%%script node"), ("sql", "%%script sqlite3"), ("r lang;x", "%%script rlangx")],
)
def test_other_languages_are_run_by_their_programs(language: str, first: str) -> None:
    notebook = json.loads(as_notebook(SavedSession(ABOUT, (), (ran("1", language=language),))))
    assert notebook["cells"][0]["source"] == f"{first}\n1"


@pytest.mark.parametrize(
    ("output", "outcome", "name"),
    [
        (
            "  File \"<cell 1>\", line 1\n    x = (\n        ^\nSyntaxError: '(' was never closed\n",
            Outcome.FAILED,
            "SyntaxError",
        ),
        ("Traceback (most recent call last):\nKeyboardInterrupt\n", Outcome.INTERRUPTED, "KeyboardInterrupt"),
        ("err\n", Outcome.FAILED, "Failed"),
        ("half a li", Outcome.TIMED_OUT, "Timed out"),
        ("", Outcome.CRASHED, "Crashed"),
    ],
)
def test_every_way_to_fail_is_an_error_in_the_notebook(output: str, outcome: Outcome, name: str) -> None:
    notebook = notebook_of(SavedSession(ABOUT, (), (ran("x", output, outcome),)))
    assert notebook.cells[0].outputs[-1].ename == name


def test_markdown_reads_as_it_went_and_its_pictures_lie_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "my report.md"
    export(a_session(), path, format_for(path))
    text = path.read_text()
    parts = [
        "# A title\n",
        "> Plot <it>\n> please",
        "![a picture](<my report_figures/1.png>)",
        "I'll **plot**.",
        "```python\nplot(1)  # edited\n```\n\n```text\ndrawn\n```",
        "```bash\nls\necho\n```",
        "*failed*",
        "*not run: forbidden: it deletes*",
        "Done.",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert [each.name for each in (tmp_path / "my report_figures").iterdir()] == ["1.png"]
    assert (tmp_path / "my report_figures" / "1.png").read_bytes() == PNG
    assert "a picture: image/png" in as_markdown(a_session())


def test_a_fence_is_longer_than_any_in_what_it_holds() -> None:
    assert fenced("a\n````\nb\n") == "`````text\na\n````\nb\n`````"


def test_a_script_is_the_code_that_ran() -> None:
    runs = (ran("!pip install x\nimport x"), ran("a b c"), ran("y = '''\n%d'''"))
    script = as_script(SavedSession(a_session().about, a_session().messages, a_session().runs + runs))
    ast.parse(script)
    assert "\n# %%\nplot(1)  # edited\n" in script
    assert "\n# %% [bash]\n# ls\n# echo\n" in script
    assert "# !pip install x\nimport x" in script
    assert "# a b c" in script
    assert "y = '''\n%d'''" in script
    assert "rm()" not in script
    assert "# Plot <it>\n# please" in script


def test_what_is_replayed_is_what_ran_to_its_end() -> None:
    lost = ran("while True: pass", outcome=Outcome.TIMED_OUT)
    saved = SavedSession(ABOUT, a_session().messages, (*a_session().runs, lost))
    assert [(block.code, finished) for block, finished in code_to_replay(saved)] == [
        ("plot(1)  # edited", True),
        ("ls\necho", True),
        ("raise", False),
    ]
    from_messages = code_to_replay(SavedSession(ABOUT, a_session().messages))
    assert [block.code for block, _ in from_messages] == ["plot()", "ls\necho", "raise", "rm()"]


@pytest.mark.parametrize("suffix", [".ipynb", ".md", ".py", ".json", ".JSON"])
def test_no_export_replaces_a_file_unless_that_is_said(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"-odd ☂ na'me{suffix}"
    export(a_session(), path, format_for(path))
    path.write_text("mine")
    with pytest.raises(ConfigError, match="exists"):
        export(a_session(), path, format_for(path))
    assert path.read_text() == "mine"
    export(a_session(), path, format_for(path), overwrite=True)
    assert path.read_text() != "mine"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [path.name]


def test_an_export_as_json_is_the_session(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    export(a_session(), path, ExportFormat.JSON)
    assert read_saved(path) == a_session()


def test_what_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "where.py", Path("/dev/full"), tmp_path, tmp_path / ("x" * 300), tmp_path / "a\0b"):
        with pytest.raises(ConfigError) as caught:
            export(a_session(), path, ExportFormat.SCRIPT, overwrite=True)
        assert "name" in caught.value.next_step
    with pytest.raises(ConfigError, match=r"\.ipynb, \.md, \.py, \.json"):
        format_for(Path("report.docx"))
    export(a_session(), Path(os.devnull), ExportFormat.SCRIPT, overwrite=True)
    assert not Path(os.devnull).is_file()
