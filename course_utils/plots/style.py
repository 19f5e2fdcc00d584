"""The one call that gives every picture the look of the course, and the same for a single picture."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
from matplotlib import rc_context, rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.style import use

COURSE = ["default", "course_utils.plots.course"]
"""matplotlib's own defaults come first: what a matplotlibrc or another style says does not shine through."""


@cache
def _settings() -> dict[Any, Any]:
    with rc_context():
        use(COURSE)
        return {key: rcParams[key] for key in rcParamsDefault if key != "backend"}  # to read that one is to choose it


@contextmanager
def course_look() -> Iterator[None]:
    """What is drawn inside looks as after `use_style`, whatever is set outside; costs nothing where that is the same."""
    different = {key: value for key, value in _settings().items() if rcParams[key] != value}
    with rc_context(different) if different else nullcontext():
        yield


def use_style() -> None:
    """Apply ``course.mplstyle``, and matplotlib's defaults for the rest, to all figures that follow.

    Called in the first cell of every notebook. What is set afterwards holds.

    In a notebook it also makes the pictures' bytes depend on nothing but the picture: the whole figure at a fixed
    resolution, without the version of matplotlib written into the file.
    """
    use(COURSE)
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
