"""Results of a contest between models: every run a dot, every mean a line or a mark."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from course_utils.plots.palette import INK, MUTED
from course_utils.plots.style import axes
from course_utils.tree import Array

Runs = Sequence[Mapping[str, Any]]
"""One row a trained network: its task, kind, setting (a length or a size), seed and score."""


def scores(runs: Runs, task: str, kind: str, setting: int | None = None) -> Float[Array, "N"]:
    """The scores of one kind at one task (and setting), one for each seed. Raises ValueError if there are none."""
    chosen = [
        run["score"]
        for run in runs
        if run["task"] == task and run["kind"] == kind and setting in (None, run["setting"])
    ]
    if not chosen:
        known = sorted({(run["task"], run["kind"], run["setting"]) for run in runs})
        raise ValueError(f"contest.scores: wanted one of {known}, got {(task, kind, setting)}")
    return np.array(chosen, float)


def by_setting(
    runs: Runs, task: str, colors: Mapping[str, str], *, spaced: bool = False, ax: Axes | None = None
) -> Axes:
    """Scores of the kinds in `colors` against the setting: a dot for each seed, a line through the means.

    Settings stand side by side at equal distances, or with `spaced` where they are on a logarithmic axis.
    """
    ax = axes(ax)
    here = [kind for kind in colors if any(run["task"] == task and run["kind"] == kind for run in runs)]
    settings = sorted({run["setting"] for run in runs if run["task"] == task and run["kind"] in here})
    for k, kind in enumerate(here):
        own = [s for s in settings if any((r["task"], r["kind"], r["setting"]) == (task, kind, s) for r in runs)]
        x = np.array([s if spaced else settings.index(s) for s in own], float)
        shift = 0.07 * (k - (len(here) - 1) / 2)
        values = [scores(runs, task, kind, setting) for setting in own]
        ax.plot(x, [v.mean() for v in values], color=colors[kind], label=kind, lw=1.7)
        for at, v in zip(x, values, strict=True):
            ax.plot(np.full(len(v), at if spaced else at + shift), v, "o", color=colors[kind], ms=4, alpha=0.65, mew=0)
    if spaced:
        ax.set_xscale("log")
        ax.minorticks_off()
    else:
        ax.set_xticks(range(len(settings)), [f"{setting:,}" for setting in settings])
    return ax


def side_by_side(runs: Runs, task: str, colors: Mapping[str, str], *, ax: Axes | None = None) -> Axes:
    """Scores of a task with one setting: a column of dots for each kind, its mean a bar of colour behind them."""
    ax = axes(ax)
    here = [kind for kind in colors if any(run["task"] == task and run["kind"] == kind for run in runs)]
    for k, kind in enumerate(here):
        values = scores(runs, task, kind)
        ax.plot([k - 0.3, k + 0.3], [values.mean()] * 2, color=colors[kind], lw=2.5)
        ax.plot(k + np.linspace(-0.15, 0.15, len(values)), values, "o", color=colors[kind], ms=4.5, alpha=0.7, mew=0)
    ax.set_xticks(range(len(here)), here)
    ax.set_xlim(-0.6, len(here) - 0.4)
    ax.grid(axis="x", visible=False)
    return ax


def rows(groups: Mapping[str, Sequence[float]], colors: Mapping[str, str], *, ax: Axes | None = None) -> Axes:
    """A row for each group of runs, the first on top: a dot a seed, and a bar of the group's colour at their mean."""
    ax = axes(ax)
    for row, (name, values) in enumerate(groups.items()):
        ax.plot([np.mean(values)] * 2, [row - 0.32, row + 0.32], color=colors[name], lw=3, solid_capstyle="butt")
        ax.plot(values, row + np.linspace(-0.15, 0.15, len(values)), "o", color=INK, ms=4, alpha=0.7, mew=0)
    ax.set_yticks(range(len(groups)), groups)
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    return ax


def chance(value: float, text: str, *, ax: Axes) -> Axes:
    """A dashed line at what a model reaches that knows nothing."""
    ax.axhline(value, color=MUTED, ls="--", lw=1)
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    ax.annotate(text, (0, value), (4, 3), color=MUTED, size=8.5, **place)
    return ax
