"""The scoreboard as pictures: bits against what a model costs, and the share of reviews that each judges right."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes

from course_utils.experiments.scoreboard import Line
from course_utils.plots import seeds
from course_utils.plots.labels import apart
from course_utils.plots.palette import MODELS, MUTED, PAPER
from course_utils.plots.style import axes

SHORT = {"LSTM, two layers": "LSTM,\n2 layers", "n-gram": "n-grams"}


def color_of(line: Line) -> str:
    """The colour of the family; what is no family of its own chapter is grey."""
    return MODELS.get(line.family, MUTED)


def bits_against(
    board: Sequence[Line], cost: Literal["parameters", "seconds"] = "parameters", *, ax: Axes | None = None
) -> Axes:
    """Held-out bits against parameters or seconds of training: a dot a seed, a large one their mean.

    Sizes of a model are joined by a line. The lower and the further to the left, the better.
    """
    ax = axes(ax)
    models: dict[str, list[Line]] = {}
    for line in sorted(board, key=lambda line: line.parameters):
        models.setdefault("n-gram" if line.family == "n-gram" else line.model, []).append(line)
    ends: list[tuple[float, float, str, str, bool]] = []
    for name, sizes in models.items():
        color = color_of(sizes[0])
        x = [max(getattr(line, cost), 0.1) for line in sizes]  # counting small texts takes no time worth drawing
        mean = [line.mean for line in sizes]
        alone = len(sizes) == 1
        ax.plot(x, mean, "-D" if alone else "-o", color=color, ms=8, mec="white", mew=0.8, lw=1.2, zorder=3)
        for at, line in zip(x, sizes, strict=True):
            ax.plot([at] * len(line.scores), line.scores, "o", color=color, ms=3.5, alpha=0.6, mew=0)
        ends.append((x[-1], mean[-1], SHORT.get(name, name), color, alone))
    ax.set(xscale="log", ylabel="bits per character, held out")
    ax.set_xlabel({"parameters": "parameters (stored numbers)", "seconds": "seconds of training, one core"}[cost])
    ax.margins(0.06, 0.1)
    left, right = ax.get_xlim()
    room = (right / left) ** 0.18  # for the names
    ax.set_xlim(left / room, right * room)
    low, high = ax.get_ylim()
    gap = 0.06 * (high - low)
    places = apart(np.array([y for _, y, *_ in ends]), gap)
    for (x_end, y_end, name, color, alone), y in zip(ends, places, strict=True):
        aside = (right / left) ** 0.025
        free = alone and cost == "parameters"  # on the right are the lines of models of the same size
        taken = any(aside < other / x_end < room and abs(y_other - y_end) < gap for other, y_other, *_ in ends)
        to_the_left: dict[str, Any] = {"xytext": (x_end / aside, y), "ha": "right"}
        side = to_the_left if free or taken else {"xytext": (x_end * aside, y)}
        paper = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
        ax.annotate(name, (x_end, y_end), color=color, size=9.5, va="center", bbox=paper, **side)
    return ax


def judged_right(board: Sequence[Line], *, ax: Axes | None = None) -> Axes:
    """A row for each model of `board`: a dot a seed, and a bar of the model's colour at their mean."""
    scores, colors = {line.model: line.scores for line in board}, {line.model: color_of(line) for line in board}
    ax = seeds.by_group(scores, colors, ax=ax)
    ax.set_xlabel("share of held-out reviews judged right")
    return ax
