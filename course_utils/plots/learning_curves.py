"""Language models as they read more and more: bits per character against what was read, and against what it cost."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils.experiments.learning_curves import Point
from course_utils.plots.labels import apart
from course_utils.plots.palette import MODELS, MUTED
from course_utils.plots.style import axes

SHORT = {"LSTM, two layers": "LSTM, 2 layers", "n-gram": "n-grams"}


def color_of(model: str) -> str:
    """The colour of the model's family, which its name begins with; grey if it has none."""
    return MODELS.get(model.partition(",")[0], MUTED)


def against_characters(points: Sequence[Point], *, ax: Axes | None = None) -> Axes:
    """A line for each model of `points`, which are of one size, and of the n-grams: a small dot a seed, the line their mean.

    Both axes are those of every such panel: characters read, logarithmic, and held-out bits per character.
    """
    ax = axes(ax)
    ends = []
    for model in dict.fromkeys(point.model for point in points):
        own = sorted((point for point in points if point.model == model), key=lambda point: point.budget)
        color, dashed = color_of(model), "," in model or model == "n-gram"
        read = [point.budget for point in own]
        ax.plot(read, [point.mean for point in own], "--o" if dashed else "-o", color=color, ms=6, mec="white", lw=1.6)
        for point in own:
            ax.plot([point.budget] * len(point.scores), point.scores, "o", color=color, ms=3, alpha=0.6, mew=0)
        ends.append((read[-1], own[-1].mean, SHORT.get(model, model), color))
    budgets = sorted({point.budget for point in points})
    ax.set(xscale="log", xlabel="characters read", ylabel="bits per character, held out")
    ax.set_xticks(budgets, [f"{budget / 1e6:g} M" for budget in budgets], minor=False)
    ax.xaxis.minorticks_off()
    ax.margins(0.06, 0.08)
    left, right = ax.get_xlim()
    ax.set_xlim(left, right * (right / left) ** 0.5)  # room for the names
    low, high = ax.get_ylim()
    places = apart(np.array([y for _, y, *_ in ends]), 0.065 * (high - low))
    for (x_end, y_end, name, color), y in zip(ends, places, strict=True):
        ax.annotate(name, (x_end, y_end), (x_end * (right / left) ** 0.04, y), color=color, size=9.5, va="center")
    return ax


def against_seconds(points: Sequence[Point], *, ax: Axes | None = None) -> Axes:
    """Bits per character against seconds of training; a line joins the budgets of a model of one size, the larger the wider.

    The lower and the further to the left, the better.
    """
    ax = axes(ax)
    sizes = sorted({point.parameters for point in points if point.model != "n-gram"})
    named = set[str]()
    for model, size in dict.fromkeys((point.model, point.size) for point in points):
        own = sorted((p for p in points if (p.model, p.size) == (model, size)), key=lambda point: point.budget)
        wide = 0.9 + 0.7 * sum(limit < own[0].parameters for limit in sizes) / max(
            1, len({p.model for p in points}) - 1
        )
        ax.plot(
            [max(point.seconds, 0.1) for point in own],  # counting few characters takes no time worth drawing
            [point.mean for point in own],
            "--o" if "," in model or model == "n-gram" else "-o",
            color=color_of(model),
            ms=3 + wide,
            lw=wide,
            mec="white",
            label=None if model in named else SHORT.get(model, model),
        )
        named.add(model)
    ax.set(xscale="log", xlabel="seconds of training, one core", ylabel="bits per character, held out")
    return ax
