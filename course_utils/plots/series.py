"""Pictures of sequences of numbers: the values, what they remember of themselves, and how far forecasts miss."""

from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from course_utils.data.series import Series
from course_utils.plots.bands import row
from course_utils.plots.palette import BLUE, GRID, INK, MUTED, ORANGE, RED, SKY
from course_utils.plots.style import axes
from course_utils.series.autocorrelation import white_noise_band
from course_utils.tree import Array

FORECASTS = {"persistence": ORANGE, "mean": MUTED}
"""Colours of the two baselines; autoregressions are blue."""


def line(series: Series, *, ax: Axes | None = None) -> Axes:
    """The values over time, both in their units."""
    ax = axes(ax)
    ax.plot(series.times, series.values, color=INK, lw=1.1)
    ax.set(title=series.name, xlabel=f"time ({series.step_unit})", ylabel=series.unit)
    return ax


def correlogram(
    r: Float[Array, "K"], T: int, *, label: str = "", color: str = BLUE, offset: float = 0.0, ax: Axes | None = None
) -> Axes:
    """A stem for each lag from 1 on (`r[0]`, always 1, is left out) and the 95 % band of T independent values.

    Draw a second set of autocorrelations on the same axes with a small `offset` so that the stems stand side by side.
    """
    ax = axes(ax)
    if not ax.lines:
        band = white_noise_band(T)
        row(ax, -band, band, color=GRID, lw=0, label="95 % of independent values", zorder=0)
        ax.axhline(0, color=MUTED, lw=0.8)
    lags = np.arange(1, len(r)) + offset
    ax.vlines(lags, 0, r[1:], color=color, lw=1.4)
    ax.plot(lags, r[1:], "o", color=color, ms=3.6, label=label or None)
    ax.set(xlabel="lag k (steps)", ylabel="autocorrelation $r_k$", ylim=(-1.05, 1.05))
    return ax


def errors_by_horizon(
    curves: Mapping[str, Float[Array, "H"]], *, unit: str, step: str = "steps", ax: Axes | None = None
) -> Axes:
    """RMSE of each forecast against how many steps ahead it looks; baselines dashed, the first other one dark blue."""
    ax = axes(ax)
    blues = chain([BLUE], repeat(SKY))
    for name, curve in curves.items():
        look: dict[str, Any] = {"color": FORECASTS.get(name) or next(blues)}
        look |= {"ls": "--"} if name in FORECASTS else {"marker": "o"}
        ax.plot(np.arange(1, len(curve) + 1), curve, label=name, ms=3.5, **look)
    ax.set(xlabel=f"horizon ({step} ahead)", ylabel=f"RMSE ({unit})", ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right")
    return ax


def against_shuffles(
    names: Sequence[str], observed: Float[Array, "N"], shuffled: Float[Array, "N S"], *, ax: Axes | None = None
) -> Axes:
    """One row per series: its statistic as a dot (red if outside all S shuffles), what shuffles of it give in grey."""
    ax = axes(ax)
    rows = np.arange(len(names))
    low, high = shuffled.min(axis=1), shuffled.max(axis=1)
    ax.hlines(rows, low, high, color=MUTED, lw=6, alpha=0.45, label=f"range of {shuffled.shape[1]} shuffles")
    outside = (observed < low) | (observed > high)
    for inside, color, label in ((~outside, INK, "as measured, inside"), (outside, RED, "as measured, outside")):
        ax.plot(observed[inside], rows[inside], "o", color=color, ms=6, label=label)
    ax.axvline(0, color=MUTED, lw=0.8)
    ax.set_yticks(rows, names)
    ax.set(ylim=(len(names) - 0.4, -0.6), xlabel="autocorrelation at lag 1, $r_1$")
    ax.grid(axis="y", visible=False)
    return ax
