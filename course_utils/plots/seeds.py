"""Trainings from several seeds in one picture: every seed a dot, and a bar or a line in the same colour at their mean.

The comparisons of all chapters are drawn in this one way, by group or over a size.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from course_utils.plots.palette import MUTED, PAPER
from course_utils.plots.style import axes
from course_utils.tree import Array

Values = Sequence[float] | Float[Array, "N"]
"""One number for each seed."""
DOT: dict[str, Any] = {"marker": "o", "ls": "none", "ms": 5.5, "alpha": 0.8, "mec": PAPER, "mew": 0.8, "zorder": 3}
BAR: dict[str, Any] = {"lw": 2.5, "solid_capstyle": "butt"}
REACH = 0.3
"""How far the bar of a mean reaches to either side of the middle of its group; the dots stay inside."""


def aside(N: int) -> Float[Array, "N"]:
    """Where the N dots of a group stand beside its middle, so that dots of the same value are seen."""
    return np.linspace(-REACH, REACH, N + 2)[1:-1]


def by_group(
    groups: Mapping[str, Values], colors: Mapping[str, str], *, upright: bool = False, ax: Axes | None = None
) -> Axes:
    """A row for each group, the first on top, or with `upright` a column for each."""
    ax = axes(ax)
    turn = -1 if upright else 1
    for place, (name, values) in enumerate(groups.items()):
        mean = [np.mean(values)] * 2, [place - REACH, place + REACH]
        ax.plot(*mean[::turn], color=colors[name], **BAR)
        dots = values, place + aside(len(values))
        ax.plot(*dots[::turn], color=colors[name], **DOT)
    along = ax.xaxis if upright else ax.yaxis
    along.set_ticks(range(len(groups)), list(groups))
    along.grid(visible=False)
    outer = (-0.6, len(groups) - 0.4)
    ax.set(xlim=outer) if upright else ax.set(ylim=outer[::-1])
    return ax


def by_size(
    curves: Mapping[str, Mapping[Any, Values]],
    colors: Mapping[str, str],
    *,
    scale: Literal["equal", "linear", "log"] = "equal",
    ax: Axes | None = None,
) -> Axes:
    """Each curve a line through its means, at the sizes for which it has values.

    curves: name -> {size: one number for each seed}. Sizes stand at equal distances, or on an axis that is linear or
    logarithmic. Where there is room, the dots of different curves stand side by side.
    """
    ax = axes(ax)
    sizes = sorted({size for curve in curves.values() for size in curve})
    for k, (name, by) in enumerate(curves.items()):
        curve = {size: by[size] for size in sizes if size in by}
        x = np.array([sizes.index(size) if scale == "equal" else size for size in curve], float)
        ax.plot(x, [np.mean(values) for values in curve.values()], color=colors[name], label=name)
        shift = k - (len(curves) - 1) / 2
        beside = {"equal": x + 0.07 * shift, "linear": x, "log": x * 1.025**shift}[scale]
        for at, values in zip(beside, curve.values(), strict=True):
            ax.plot(np.full(len(values), at), values, color=colors[name], **DOT)
    if scale == "log":
        ax.set_xscale("log")
        ax.minorticks_off()
    ax.set_xticks(range(len(sizes)) if scale == "equal" else sizes, [f"{size:,}" for size in sizes])
    return ax


def chance(value: float, text: str, *, ax: Axes) -> Axes:
    """A dashed line at what a model reaches that knows nothing."""
    ax.axhline(value, color=MUTED, ls="--", lw=1)
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    ax.annotate(text, (0, value), (4, 3), color=MUTED, size=8.5, **place)
    return ax
