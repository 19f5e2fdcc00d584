"""The one call that gives every picture the look of the course."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.style import use


def use_style() -> None:
    """Apply ``course.mplstyle`` to all figures that follow. Called in the first cell of every notebook.

    In a notebook it also makes the pictures' bytes depend on nothing but the picture: the whole figure at a fixed
    resolution, without the version of matplotlib written into the file.
    """
    use("course_utils.plots.course")
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return
    if (shell := get_ipython()) is not None and hasattr(shell, "kernel"):
        from matplotlib_inline.config import InlineBackend

        backend: Any = InlineBackend.instance(parent=shell)
        backend.print_figure_kwargs = {"bbox_inches": None, "metadata": {"Software": None}}


def axes(ax: Axes | None) -> Axes:
    """The axes to draw on: the given ones, or those of a new figure."""
    return plt.subplots()[1] if ax is None else ax
