"""Boot text, loaded when certain modules are imported: what is added to them."""

# ruff: noqa: BLE001, SIM105  (no import fails on account of an addition; contextlib is slow to import)
from __future__ import annotations

import importlib.machinery
import sys

from oi_python.boot.cells import load
from oi_python.boot.children import add_main_file
from oi_python.boot.display import display_values
from oi_python.boot.figures import fill_backend, show_figures
from oi_python.boot.showing import WATCHED, Watch, find_source_of_classes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

BACKEND = "interpreter_figures"


class BackendLoader:
    """Makes the module with which matplotlib draws."""

    def create_module(self, _: object) -> None:
        """Leave it to Python."""
        return

    def exec_module(self, module: Any) -> None:
        """Fill the module."""
        if load("figures"):
            fill_backend(module)


def watched_spec(name: str, path: Any, target: Any) -> Any:
    """Return the spec of a module, with our addition to be made once it has been executed."""
    if name == BACKEND:
        return importlib.machinery.ModuleSpec(name, BackendLoader())  # type: ignore[arg-type]  # a loader by its methods
    finders = (finder for finder in sys.meta_path if not isinstance(finder, Watch) and hasattr(finder, "find_spec"))
    spec: Any = next(filter(None, (finder.find_spec(name, path, target) for finder in finders)), None)
    execute = getattr(getattr(spec, "loader", None), "exec_module", None)
    if execute is not None:

        def execute_and_add(module: Any) -> None:
            execute(module)
            add_to(name, module)

        try:
            spec.loader.exec_module = execute_and_add
        except AttributeError:  # a loader that is a class, or has slots
            return None
    return spec


def add_to(name: str, module: Any) -> None:
    """Make our addition to a module."""
    try:
        ADDITIONS[name](module)
    except Exception:  # noqa: S110  (the code can do without)
        pass


def choose_backend_for(matplotlib: Any) -> None:
    """Have figures drawn by our backend, unless the person chose another."""
    chosen = dict.__getitem__(matplotlib.rcParams, "backend")
    if not isinstance(chosen, str) or "inline" in chosen:
        matplotlib.rcParams["backend"] = f"module://{BACKEND}"


def show_figures_of(backend: Any) -> None:
    """Have figures that are drawn without a display shown all the same when the code asks for it."""
    if load("figures"):
        backend.show = show_figures


def display_here(module: Any) -> None:
    """Have IPython's own function show values here."""
    if load("display"):
        module.display = display_values


def find_definitions(spawn: Any) -> None:
    """Have processes that are started afresh find what cells defined."""
    if load("magics") and load("children"):
        add_main_file(spawn)


def print_help_plainly(pydoc: Any) -> None:
    """Have help printed, instead of being handed to a pager with letters struck twice."""
    pydoc.pager = lambda text, *_: print(pydoc.plain(text))  # noqa: T201  (a pager's page goes to the output)


ADDITIONS: Any = {
    "matplotlib": choose_backend_for,
    "matplotlib.backends.backend_agg": show_figures_of,
    "multiprocessing.spawn": find_definitions,
    "pydoc": print_help_plainly,
    "inspect": find_source_of_classes,
    "IPython.core.display_functions": display_here,
}
WATCHED.update((*ADDITIONS, BACKEND))
