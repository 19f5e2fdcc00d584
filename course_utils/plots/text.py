"""Pictures of texts as numbers: how often words occur, what a vocabulary keeps, what a classifier weighs."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes

from course_utils.analysis.summaries import power_law
from course_utils.plots.palette import BLUE, INK, LABELS, MUTED, RED
from course_utils.plots.style import axes
from course_utils.tree import Array


def zipf(counts: Int[Array, "V"], names: Sequence[str] = (), *, ax: Axes | None = None) -> Axes:
    """How often a word occurs against its rank, both logarithmic, with the line fitted to ranks 10 to 10,000.

    counts: falling, one number a word; names: the words, of which those at ranks 1, 10, 100, ... are written in.
    Raises ValueError for fewer than 20 counts, or if they rise.
    """
    if len(counts) < 20 or (np.diff(counts) > 0).any():
        raise ValueError(
            f"zipf: wanted at least 20 falling counts, got {len(counts)}, sorted: use sorted(..., reverse)"
        )
    ax = axes(ax)
    rank = np.arange(1, len(counts) + 1)
    ax.loglog(rank, counts, color=BLUE, label="words of the reviews")
    fitted = slice(9, min(10_000, len(counts)))
    slope, factor = power_law(rank[fitted], counts[fitted])
    ax.loglog(rank, factor * rank**slope, color=RED, ls="--", lw=1.4, label=f"count ∝ rank$^{{{slope:.2f}}}$")
    for k in (10**power - 1 for power in range(len(str(len(names))) if names else 0)):
        ax.plot(rank[k], counts[k], "o", color=INK)
        side = "right" if k else "left"  # under the curve; the first would run into the axis
        ax.annotate(names[k], (rank[k], counts[k]), (-5, -5), textcoords="offset points", ha=side, va="top", color=INK)
    ax.set(xlabel="rank of the word", ylabel="times it occurs")
    ax.legend(loc="lower left")
    return ax


def word_weights(weights: Mapping[str, float], *, most: int = 14, ax: Axes | None = None) -> Axes:
    """The words with the lowest and the highest weight as bars, negative red, positive blue."""
    ax = axes(ax)
    ranked = sorted(weights.items(), key=lambda item: item[1])
    shown = ranked[:most] + ranked[-most:] if len(ranked) > 2 * most else ranked
    names, values = zip(*shown, strict=True)
    ax.barh(range(len(shown)), values, color=[LABELS[int(value > 0)] for value in values])
    ax.set_yticks(range(len(shown)), names, fontsize=8.5)
    ax.grid(visible=False, axis="y")
    ax.axvline(0, color=MUTED, lw=0.9)
    ax.set_xlabel("weight of the word (negative ← → positive)")
    return ax


def sentence_weights(words: Sequence[str], weights: Float[Array, "T"], *, ax: Axes | None = None) -> Axes:
    """The weight of each word of a text, in reading order: negative red, positive blue."""
    ax = axes(ax)
    ax.bar(range(len(words)), weights, color=[LABELS[int(value > 0)] for value in weights])
    ax.set_xticks(range(len(words)), words, rotation=60, ha="right", rotation_mode="anchor", fontsize=8.5)
    ax.grid(visible=False, axis="x")
    ax.axhline(0, color=MUTED, lw=0.9)
    ax.set(ylabel="weight of the word", xlim=(-0.7, len(words) - 0.3))
    return ax


def mask_picture(mask: Bool[Array, "T B"], *, ax: Axes | None = None) -> Axes:
    """An aligned minibatch as it lies in memory: a column per text, real tokens blue, padding white."""
    ax = axes(ax)
    ax.imshow(mask, aspect="auto", cmap="Blues", vmin=-0.2, vmax=1.4)
    ax.grid(visible=False)
    ax.set(xlabel="text b of the batch", ylabel="time step t")
    return ax
