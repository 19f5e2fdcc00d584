"""Pictures of chapter 10: half-lives and ripples by layer, what can be read off a layer, many runs side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from course_utils.plots.palette import INK, ORANGE, RED
from course_utils.plots.style import axes
from course_utils.tree import Array

LAYERS = (ORANGE, RED, "#6b1d00")
"""Colours of layers 1, 2, 3: the deeper, the darker."""


def half_lives(by_layer: Sequence[Float[Array, " _"]], *, ax: Axes | None = None) -> Axes:
    """The half-life of every unit's cell (steps, log axis): a row of dots a layer, spread so that all are seen."""
    ax = axes(ax)
    for k, values in enumerate(by_layer):
        height = np.linspace(-0.3, 0.3, len(values))[np.random.default_rng(k).permutation(len(values))]
        ax.plot(values, k + 1 + height, "o", ms=4.5, color=LAYERS[k], alpha=0.75, mew=0)
        label: dict[str, Any] = {"label": "median of the layer"} if k == 0 else {}
        ax.plot([np.median(values)] * 2, [k + 0.6, k + 1.4], color=INK, lw=2, **label)
    ax.set(xscale="log", xlabel="half-life (characters)", ylim=(0.4, len(by_layer) + 0.6))
    ax.set_yticks(range(1, len(by_layer) + 1), [f"layer {k + 1}" for k in range(len(by_layer))])
    ax.grid(axis="y", visible=False)
    return ax


def ripples(by_layer: Sequence[Float[Array, " T"]], *, ax: Axes | None = None) -> Axes:
    """How far apart the states of each layer are after a change of one letter, against the letters read since."""
    ax = axes(ax)
    for k, felt in enumerate(by_layer):
        ax.plot(np.arange(len(felt)), felt, color=LAYERS[k], label=f"layer {k + 1}")
    ax.set(yscale="log", xlabel="letters read since the one that was changed", ylabel="states differ by")
    ax.legend()
    return ax


def probes(
    scores: Mapping[str, Sequence[float]], before: Mapping[str, Sequence[float]], *, ax: Axes | None = None
) -> Axes:
    """For each question a bar a layer: how well a linear probe answers it, and a line for how well before training."""
    ax = axes(ax)
    depth = len(next(iter(scores.values())))
    width = 0.8 / depth
    for k in range(depth):
        place = np.arange(len(scores)) + (k - (depth - 1) / 2) * width
        ax.bar(place, [row[k] for row in scores.values()], width * 0.9, color=LAYERS[k], label=f"layer {k + 1}")
        label: dict[str, Any] = {"label": "before training"} if k == 0 else {}
        ax.hlines([before[name][k] for name in scores], place - width / 2, place + width / 2, color=INK, lw=2, **label)
    ax.set_xticks(range(len(scores)), scores)
    ax.set(ylabel="share of right answers", ylim=(0, 1))
    ax.grid(axis="x", visible=False)
    return ax


def runs(
    groups: Mapping[str, Sequence[float]],
    *,
    colors: Sequence[str],
    on_what_was_read: Mapping[str, Sequence[float]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Bits of several runs of each kind: a dot a seed, a bar for their mean; the lower, the better.

    `groups` holds held-out bits, `on_what_was_read` (hollow dots) those on text that the networks were trained on.
    """
    ax = axes(ax)
    for place, ((name, bits), color) in enumerate(zip(groups.items(), colors, strict=True)):
        first: dict[str, Any] = {"label": "held out, one seed"} if place == 0 else {}
        ax.plot([place - 0.25, place + 0.25], [np.mean(bits)] * 2, color=color, lw=4, solid_capstyle="butt")
        ax.plot(place + np.linspace(-0.1, 0.1, len(bits)), bits, "o", color=INK, ms=5, alpha=0.8, mew=0, **first)
        if on_what_was_read is not None:
            own = on_what_was_read[name]
            first = {"label": "on the text it was trained on"} if place == 0 else {}
            ax.plot(place + np.linspace(-0.1, 0.1, len(own)), own, "o", color=INK, ms=5, mfc="white", mew=1, **first)
    ax.set_xticks(range(len(groups)), groups)
    ax.set(xlim=(-0.6, len(groups) - 0.4), ylabel="bits per character")
    ax.grid(axis="x", visible=False)
    return ax
