"""Pictures of chapter 10: half-lives and ripples by layer, what can be read off a layer, many runs side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from course_utils.plots import bars, seeds
from course_utils.plots.palette import INK, ORANGE, PAPER, RED
from course_utils.plots.style import axes
from course_utils.tree import Array

LAYERS = (ORANGE, RED, "#6b1d00")
"""Colours of layers 1, 2, 3: the deeper, the darker."""


def half_lives(by_layer: Sequence[Float[Array, "_"]], *, ax: Axes | None = None) -> Axes:
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


def ripples(by_layer: Sequence[Float[Array, "T"]], *, ax: Axes | None = None) -> Axes:
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
    names = [f"layer {k + 1}" for k in range(len(next(iter(scores.values()))))]
    by_layer = dict(zip(names, zip(*scores.values(), strict=True), strict=True))
    ax = bars.grouped(by_layer, list(scores), dict(zip(names, LAYERS, strict=False)), ax=ax)
    for k, layer in enumerate(ax.containers):
        label: dict[str, Any] = {"label": "before training"} if k == 0 else {}
        left, width = np.array([bar.get_x() for bar in layer]), layer[0].get_width()
        ax.hlines([before[name][k] for name in scores], left, left + width, color=INK, lw=2, **label)
    ax.set(ylabel="share of right answers", ylim=(0, 1))
    return ax


def runs(
    held_out: Mapping[str, Sequence[float]],
    training: Mapping[str, Sequence[float]],
    colors: Mapping[str, str],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Bits of several runs of each kind on held-out text, and (hollow dots) on the text that they were trained on."""
    ax = seeds.by_group(held_out, colors, upright=True, ax=ax)
    hollow: dict[str, Any] = {"marker": "o", "ls": "none", "mfc": PAPER}
    for place, (name, values) in enumerate(training.items()):
        ax.plot(place + seeds.aside(len(values)), values, color=colors[name], **hollow)
    ax.plot([], color=INK, label="held out, one seed", **seeds.DOT)
    ax.plot([], color=INK, label="on the text it was trained on", **hollow)
    ax.set_ylabel("bits per character")
    return ax
