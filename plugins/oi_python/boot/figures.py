"""Boot text, loaded when matplotlib draws: figures as pictures, without a display."""

from __future__ import annotations

import io
import os
import sys

from oi_python.boot.cells import AFTER, ME, load
from oi_python.boot.display import emit_display

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives


def fill_backend(module: Any) -> None:
    """Give the module what matplotlib of any version expects of a backend; it draws as Agg does."""
    from matplotlib.backend_bases import FigureManagerBase, _Backend  # type: ignore[import-not-found, unused-ignore]  # the person's own, where it is
    from matplotlib.backends import backend_agg  # type: ignore[import-not-found, unused-ignore]  # the person's own, where it is
    from matplotlib.figure import Figure  # type: ignore[import-not-found, unused-ignore]  # the person's own, where it is

    class Manager(FigureManagerBase):  # type: ignore[misc, unused-ignore]  # its base may be unknown
        """Has its figure shown when the code says ``figure.show()``."""

        def show(self) -> None:
            """Show the figure; it is not closed, because the code holds on to it."""
            emit_display({"image/png": picture(self.canvas.figure)})

    class Canvas(backend_agg.FigureCanvasAgg):  # type: ignore[misc, unused-ignore]  # its base may be unknown
        """Draws in memory."""

        manager_class = Manager

    class Backend(_Backend):  # type: ignore[misc, unused-ignore]  # its base may be unknown
        """What the functions of a backend are made of."""

        FigureCanvas, FigureManager = Canvas, Manager

    for name in ("new_figure_manager", "new_figure_manager_given_figure", "draw_if_interactive"):
        setattr(module, name, getattr(Backend, name))
    module.backend_version = getattr(Backend, "backend_version", "unknown")
    module.FigureCanvas, module.FigureManager, module.show = Canvas, Manager, show_figures
    Figure._repr_png_ = picture_of_value  # type: ignore[attr-defined, unused-ignore]  # it is added here
    AFTER.append(show_open_figures)


def picture(figure: Any) -> bytes:
    """Return a figure as PNG, with its own resolution and colours."""
    buffer = io.BytesIO()
    face = figure.get_facecolor()
    figure.canvas.print_figure(buffer, format="png", dpi=figure.dpi, facecolor=face, bbox_inches="tight")
    return buffer.getvalue()


def picture_of_value(figure: Any) -> bytes:
    """Return a figure that is the value of a cell as PNG; it is not shown a second time."""
    import matplotlib.pyplot  # type: ignore[import-not-found, unused-ignore]  # the person's own, where it is

    matplotlib.pyplot.close(figure)
    return picture(figure)


def show_figures(*_: object, **__: object) -> None:
    """Show all open figures, and close them."""
    from matplotlib._pylab_helpers import Gcf  # type: ignore[import-not-found, unused-ignore]  # the person's own, where it is

    load("display")
    for manager in Gcf.get_all_fig_managers():
        try:
            emit_display({"image/png": picture(manager.canvas.figure)})
        finally:
            Gcf.destroy(manager.num)  # type: ignore[arg-type, unused-ignore]  # as its own callers do


def show_open_figures() -> None:
    """Show the figures that a cell leaves open, where they are ours to show."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is None or os.getpid() != ME:
        return
    for manager in helpers.Gcf.get_all_fig_managers():
        if type(manager.canvas).__module__ != __name__:
            return
    show_figures()
