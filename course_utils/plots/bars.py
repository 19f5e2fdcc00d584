"""Bars side by side; and for explorers, the corners of horizontal bars, and a share as a label."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from course_utils.plots.style import axes
from course_utils.tree import Array


def grouped(
    heights: Mapping[str, Sequence[float] | Float[Array, "N"]],
    places: Sequence[str],
    colors: Mapping[str, str],
    *,
    ax: Axes | None = None,
) -> Axes:
    """At each of the named places a bar for each name, side by side."""
    ax = axes(ax)
    width = 0.8 / len(heights)
    for k, (name, values) in enumerate(heights.items()):
        x = np.arange(len(places)) + (k - (len(heights) - 1) / 2) * width
        ax.bar(x, values, 0.92 * width, color=colors[name], label=name)
    ax.set_xticks(range(len(places)), places)
    ax.grid(visible=False, axis="x")
    return ax


def corners(lengths: Sequence[float] | Float[Array, "N"]) -> Float[Array, "N 4 2"]:
    """The corners of a bar in each row, from 0 to its length, for a `PolyCollection`."""
    rows, ends = np.arange(len(lengths)), np.asarray(lengths)
    x = np.stack([0 * ends, ends, ends, 0 * ends], axis=1)
    return np.stack([x, rows[:, None] + 0.36 * np.array([-1, -1, 1, 1])], axis=2)


def percent(p: float) -> str:
    """A share with the digits worth reading: "12 %", "0.34 %"."""
    return f"{100 * p:.0f} %" if p >= 0.095 else f"{100 * p:.2g} %" if p >= 1e-5 else "0 %"
