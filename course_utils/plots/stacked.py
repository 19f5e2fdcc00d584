"""Pictures of chapter 09: what a stack is made of, and results of many runs side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from course_utils.plots.palette import INK, ORANGE, RED
from course_utils.plots.style import axes
from course_utils.tree import Array

LAYERS = (ORANGE, RED, "#6b1d00")
"""Colours of layers 1, 2, 3: the deeper, the darker."""
WIDEST = 130
"""Units that fill the width of `towers`."""


def towers(
    stacks: Mapping[str, Sequence[int]], parameters: Mapping[str, Sequence[int]], *, ax: Axes | None = None
) -> Axes:
    """Stacks side by side: a box for each layer, lowest at the bottom, as wide as it has units.

    `stacks` gives the units of each layer, `parameters` as many numbers: how many parameters that layer has.
    """
    ax = axes(ax)
    for place, (name, widths) in enumerate(stacks.items()):
        for k, (H, size) in enumerate(zip(widths, parameters[name], strict=True)):
            box = FancyBboxPatch(
                (place - 0.45 * H / WIDEST, k + 0.12), 0.9 * H / WIDEST, 0.72, boxstyle="round,pad=0,rounding_size=0.05",
                facecolor=LAYERS[k], edgecolor="none", mutation_aspect=2,
            )  # fmt: skip
            ax.add_patch(box)
            ax.text(place, k + 0.48, f"{size:,}", ha="center", va="center", color="white", size=9)
        ax.text(place, len(widths) + 0.12, f"{sum(parameters[name]):,}", ha="center", va="bottom", color=INK)
    ax.set_xticks(range(len(stacks)), stacks)
    ax.set(xlim=(-0.6, len(stacks) - 0.4), ylim=(0, max(map(len, stacks.values())) + 0.6))
    ax.set_yticks(
        np.arange(max(map(len, stacks.values()))) + 0.48, [f"layer {k + 1}" for k in range(3)][: int(ax.get_ylim()[1])]
    )
    ax.grid(visible=False)
    ax.tick_params(length=0)
    return ax


def half_lives(by_layer: Sequence[Float[Array, " H"]], *, ax: Axes | None = None) -> Axes:
    """The half-life of every unit (steps, log axis), a row of dots a layer, the median as a bar."""
    ax = axes(ax)
    for k, values in enumerate(by_layer):
        spread = np.linspace(-0.28, 0.28, len(values))[np.argsort(np.argsort(values * 7919 % 1, kind="stable"))]
        ax.plot(values, k + 1 + spread, "o", ms=4, color=LAYERS[k], alpha=0.75, mew=0)
        ax.plot([np.median(values)] * 2, [k + 0.62, k + 1.38], color=INK, lw=2)
    ax.set(
        xscale="log", xlabel="half-life of the unit's cell (characters); bar: median", ylim=(0.4, len(by_layer) + 0.6)
    )
    ax.set_yticks(range(1, len(by_layer) + 1), [f"layer {k + 1}" for k in range(len(by_layer))])
    ax.grid(axis="y", visible=False)
    return ax


def runs(groups: Mapping[str, Sequence[float]], *, colors: Sequence[str], ax: Axes | None = None) -> Axes:
    """Held-out bits of several runs of each kind: a dot a seed, a bar for their mean; the lower, the better."""
    ax = axes(ax)
    for place, ((_, bits), color) in enumerate(zip(groups.items(), colors, strict=True)):
        ax.plot([place - 0.25, place + 0.25], [np.mean(bits)] * 2, color=color, lw=3)
        ax.plot(place + np.linspace(-0.1, 0.1, len(bits)), bits, "o", color=INK, ms=4.5, alpha=0.7, mew=0)
    ax.set_xticks(range(len(groups)), groups)
    ax.set(xlim=(-0.6, len(groups) - 0.4), ylabel="held-out bits per character")
    ax.grid(axis="x", visible=False)
    return ax


def probe_bars(
    scores: Mapping[str, Sequence[float]],
    *,
    untrained: Mapping[str, Sequence[float]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """For each question a group of bars, one a layer: how well a linear probe answers it; untrained as a line."""
    ax = axes(ax)
    depth = len(next(iter(scores.values())))
    width = 0.8 / depth
    for row, name in enumerate(scores):
        for k, score in enumerate(scores[name]):
            place = row + (k - (depth - 1) / 2) * width
            look: dict[str, Any] = {"label": f"layer {k + 1}"} if row == 0 else {}
            ax.bar(place, score, width * 0.9, color=LAYERS[k], **look)
            if untrained:
                look = {"label": "before training"} if row == k == 0 else {}
                ax.plot(
                    [place - width * 0.45, place + width * 0.45], [untrained[name][k]] * 2, color=INK, lw=1.6, **look
                )
    ax.set_xticks(range(len(scores)), scores)
    ax.grid(axis="x", visible=False)
    return ax
