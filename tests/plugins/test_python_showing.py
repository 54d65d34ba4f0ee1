"""What a cell of Python shows of its values, and what is kept of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import oi_python
import pytest

from oi_core.events import DisplayData
from oi_core.plugin_api import Config, Executor, Outcome, Workspace
from oi_core.settings import PluginsSettings
from oi_core.testing.running import Ran, run_sample

PLOTTING_PYTHON = os.environ.get("PLOTTING_PYTHON", sys.executable)


def displayed(ran: Ran) -> list[dict[str, str | bytes]]:
    return [dict(event.data) for event in ran.events if isinstance(event, DisplayData)]


def pictures(ran: Ran) -> int:
    shown = [data["image/png"] for data in displayed(ran) if list(data) == ["image/png"]]
    assert all(isinstance(picture, bytes) and picture.startswith(b"\x89PNG\r\n") for picture in shown)
    return len(shown)


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Executor]:
    executor = oi_python.start(Workspace(folder=tmp_path))
    yield executor
    executor.close()


@pytest.fixture
def plotting(tmp_path: Path) -> Iterator[Executor]:
    """A Python with matplotlib, pandas and Pillow: PLOTTING_PYTHON, or the one that runs the tests."""
    check = subprocess.run([PLOTTING_PYTHON, "-c", "import matplotlib, pandas, PIL"], capture_output=True, check=False)
    if check.returncode:
        pytest.skip(f"{PLOTTING_PYTHON} has no matplotlib, pandas and pillow; name one that has in PLOTTING_PYTHON")
    variables = {name: value for name, value in os.environ.items() if name not in ("MPLBACKEND", "DISPLAY")}
    executor = oi_python.start(Workspace(folder=tmp_path, command=(PLOTTING_PYTHON,), environment=variables))
    yield executor
    executor.close()


def test_earlier_results_are_found_by_their_cell(python: Executor) -> None:
    run_sample(python, "[1, 2]")
    run_sample(python, "x = 5")
    run_sample(python, "'text'")
    assert run_sample(python, "_out[1] + [_out[3]]").output == "[1, 2, 'text']\n"
    assert run_sample(python, "_out").output == (
        "_out[1]: list  [1, 2]\n_out[3]: str  'text'\n_out[4]: list  [1, 2, 'text']\n"
    )
    assert run_sample(python, "'_out' in globals(), '_' in globals()").output == "(False, False)\n"


def test_only_the_last_hundred_results_are_kept_alive(python: Executor) -> None:
    run_sample(python, "import weakref\nclass Big: pass\nbig = Big(); alive = weakref.ref(big)")
    run_sample(python, "big")
    run_sample(python, "del big")
    assert run_sample(python, "alive() is None").output == "False\n"
    for number in range(100):
        run_sample(python, str(number))
    assert run_sample(python, "alive() is None, len(_out) <= 100").output == "(True, True)\n"


def test_the_setting_shows_what_a_last_assignment_sets(tmp_path: Path) -> None:
    executor = oi_python.start(Workspace(folder=tmp_path), oi_python.Display.LAST_EXPR_OR_ASSIGN)
    try:
        assert run_sample(executor, "x = 1 + 1").output == "2\n"
        assert run_sample(executor, "x += 1").output == "3\n"
        assert run_sample(executor, "y: int = 4").output == "4\n"
        assert run_sample(executor, "a, b = 1, 2").output == "(1, 2)\n"
        assert run_sample(executor, "x = 5;").output == ""
        assert run_sample(executor, "z: int").output == ""
        assert run_sample(executor, "d = {}\nd['key'] = 1").output == ""
        assert run_sample(executor, "x").output == "5\n"
    finally:
        executor.close()


def test_the_setting_reaches_the_language(tmp_path: Path) -> None:
    settings = oi_python.PythonSettings(display=oi_python.Display.LAST_EXPR_OR_ASSIGN)
    assert oi_python.provide_settings() is oi_python.PythonSettings
    (language,) = oi_python.provide_languages(Config(plugins=PluginsSettings(tables={"python": settings})))
    executor = language.start(Workspace(folder=tmp_path))
    try:
        assert run_sample(executor, "x = 7").output == "7\n"
    finally:
        executor.close()


def test_a_bundle_of_forms_is_displayed_beside_the_text(python: Executor) -> None:
    run_sample(
        python,
        "class Both:\n    def _repr_mimebundle_(self, include, exclude):\n"
        "        return {'text/plain': 'no', 'text/html': '<i>', 'application/json': {'a': 1}}\n"
        "    def _repr_svg_(self): return '<svg/>'\n    def __repr__(self): return 'both'",
    )
    ran = run_sample(python, "Both()")
    assert ran.output == "both\n"
    assert displayed(ran) == [{"text/html": "<i>", "application/json": '{"a": 1}', "image/svg+xml": "<svg/>"}]


def test_a_repr_that_raises_is_a_traceback_without_our_frames(python: Executor) -> None:
    run_sample(python, "class Bad:\n    def __repr__(self): raise ValueError('no repr')")
    ran = run_sample(python, "Bad()")
    assert ran.output.endswith("ValueError: no repr\n")
    assert "<interpreter>" not in ran.output
    assert ran.ending.outcome is Outcome.FAILED
    assert run_sample(python, "1").output == "1\n"


def test_a_number_too_long_to_print_is_an_error_and_not_the_end(python: Executor) -> None:
    ran = run_sample(python, "10 ** 10_000")
    assert ran.output.endswith("\n")
    assert run_sample(python, "1").output == "1\n"


def test_a_display_hook_of_the_codes_own_shows_values(python: Executor) -> None:
    run_sample(python, "import sys\nsys.displayhook = lambda value: print('hook', value)")
    assert run_sample(python, "3").output == "hook 3\n"
    run_sample(python, "sys.displayhook = None")
    assert run_sample(python, "4").output == "4\n"


def test_figures_are_shown_where_the_code_says_so_and_then_closed(plotting: Executor) -> None:
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint('after')\nplt.get_fignums()"
    ran = run_sample(plotting, code)
    kinds = [type(event).__name__ for event in ran.events]
    assert pictures(ran) == 1
    assert kinds.index("DisplayData") < kinds.index("OutputDelta")
    assert ran.output == "after\n[]\n"


def test_figures_that_a_cell_leaves_open_are_shown_at_its_end(plotting: Executor) -> None:
    run_sample(plotting, "import matplotlib.pyplot as plt")
    ran = run_sample(plotting, "for i in range(3):\n    plt.figure()\n    plt.plot([i])")
    assert pictures(ran) == 3
    assert pictures(run_sample(plotting, "1")) == 0
    failing = run_sample(plotting, "plt.plot([1])\n1 / 0")
    assert pictures(failing) == 1
    assert "ZeroDivisionError" in failing.output


def test_a_figure_that_is_the_value_is_shown_once(plotting: Executor) -> None:
    ran = run_sample(plotting, "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nfig")
    assert pictures(ran) == 1
    assert pictures(run_sample(plotting, "fig")) == 1


def test_a_figure_shows_itself(plotting: Executor) -> None:
    code = "import matplotlib.pyplot as plt\nfig = plt.figure()\nfig.show()\nplt.close(fig)"
    assert pictures(run_sample(plotting, code)) == 1


def test_a_backend_that_the_code_chose_is_kept_and_still_shows(plotting: Executor) -> None:
    run_sample(plotting, "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt")
    assert pictures(run_sample(plotting, "plt.plot([1]);")) == 0
    assert pictures(run_sample(plotting, "plt.show()")) == 1
    assert run_sample(plotting, "matplotlib.get_backend().lower()").output == "'agg'\n"


def test_the_words_of_notebooks_leave_figures_as_they_are(plotting: Executor, tmp_path: Path) -> None:
    code = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.savefig('figure.pdf')"
    assert pictures(run_sample(plotting, code)) == 1
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
    assert pictures(run_sample(plotting, "%matplotlib qt\nplt.plot([1]);")) == 1


def test_programs_that_plot_are_not_told_of_our_backend(plotting: Executor) -> None:
    code = "!{sys.executable} -c 'import matplotlib.pyplot as plt; plt.plot([1]); print(plt.get_backend())'"
    assert run_sample(plotting, f"import sys\n{code}").output.lower() == "agg\n"


def test_tables_read_as_text_and_are_displayed_as_html(plotting: Executor) -> None:
    ran = run_sample(plotting, "import pandas\npandas.DataFrame({'a': [1, 2]})")
    assert ran.output == "   a\n0  1\n1  2\n"
    assert "<table" in str(displayed(ran)[0]["text/html"])


def test_a_picture_is_displayed_as_one(plotting: Executor) -> None:
    assert pictures(run_sample(plotting, "from PIL import Image\nImage.new('RGB', (4, 4))")) == 1


def test_pandas_plots_too(plotting: Executor) -> None:
    assert pictures(run_sample(plotting, "import pandas\npandas.Series([1, 2]).plot()")) == 1
