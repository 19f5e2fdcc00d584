"""Pictures of chapter 15: what happens from branch to branch, where heads look, and rates with and without a warm-up."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.plots.attention import WEIGHTS
from course_utils.plots.glyphs import visible
from course_utils.plots.palette import BLUE, INK, ORANGE, PINK, SKY
from course_utils.plots.style import axes
from course_utils.tree import Array


def by_branch(
    curves: Mapping[str, Float[Array, " L"]], colors: Mapping[str, str], *, log: bool = True, ax: Axes | None = None
) -> Axes:
    """One line a name, over the branches of a deep network counted from below."""
    ax = axes(ax)
    for name, values in curves.items():
        ax.plot(np.arange(1, len(values) + 1), values, "o-", ms=3.5, color=colors[name], label=name)
    if log:
        ax.set_yscale("log")
    ax.set_xlabel("branch, counted from below")
    return ax


def heads(attentions: Sequence[Float[Array, "N T T"]], text: str, *, figure: Figure) -> list[Axes]:
    """The weights of every head of every block, a row of pictures a block: which character (row) looks at which (column).

    Colours are those of the square root, so that small weights can be seen. Raises ValueError for weights of another text.
    """
    T = len(text)
    if any(a.shape[-2:] != (T, T) for a in attentions):
        shapes = [a.shape for a in attentions]
        raise ValueError(f"heads: wanted weights (N, {T}, {T}) for a text of {T} characters, got {shapes}")
    grid = figure.subplots(len(attentions), len(attentions[0]), squeeze=False)
    names = [visible(letter) for letter in text]
    for block, (row, a) in enumerate(zip(grid, attentions, strict=True)):
        for n, ax in enumerate(row):
            ax.imshow(np.sqrt(a[n]), cmap=WEIGHTS, vmin=0, vmax=1)
            ax.set_title(f"block {block + 1}, head {n + 1}", size=10)
            ax.set_xticks(range(T), names, size=7)
            ax.set_yticks(range(T), names, size=7)
            ax.tick_params(length=0, pad=1)
            ax.grid(visible=False)
    return list(grid.ravel())


def warm_up(runs: Sequence[Mapping[str, Any]], what: str, *, ax: Axes | None = None) -> Axes:
    """Held-out bits against the learning rate, with and without a warm-up, of runs that have their norm in one place."""
    ax = axes(ax)
    chosen = [run for run in runs if run["task"] == "warm-up" and run["what"] == what]
    rates = sorted({run["rate"] for run in chosen})
    styles = ((False, ORANGE, "full rate from the first step"), (True, PINK, "rising during the first 100 steps"))
    for warm, color, label in styles:
        own = [[run["bits"] for run in chosen if run["rate"] == rate and bool(run["warmup"]) == warm] for rate in rates]
        ax.plot(rates, [np.mean(bits) for bits in own], color=color, label=label)
        for rate, bits in zip(rates, own, strict=True):
            ax.plot([rate] * len(bits), bits, "o", color=color, ms=4.5, alpha=0.7, mew=0)
    ax.set(xscale="log", xlabel="largest learning rate")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    return ax


def stream(parts: Mapping[str, Float[Array, " T"]], text: str, *, ax: Axes | None = None) -> Axes:
    """Lengths of vectors at every character of a text: the residual stream, and what each branch adds to it."""
    ax = axes(ax)
    colors = dict(zip(parts, (INK, ORANGE, PINK, SKY, BLUE), strict=False))
    for name, lengths in parts.items():
        ax.plot(range(len(text)), lengths, "o-", ms=3, lw=1.2, color=colors[name], label=name)
    ax.set_xticks(range(len(text)), [visible(letter) for letter in text], size=8)
    ax.set_xlim(-0.5, len(text) - 0.5)
    return ax
