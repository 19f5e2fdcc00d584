"""Who looks where: alignments one can read, and how often an answer is right, by the length of what was read."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from course_utils.plots.glyphs import visible
from course_utils.plots.palette import BLUE, INK, MODELS, PAPER, RED
from course_utils.plots.style import axes
from course_utils.tree import Array

WEIGHTS = LinearSegmentedColormap.from_list("weights", [PAPER, BLUE])
FULL = 0.6
"""No weight is white, and 0.6 or more is blue: a look that is spread over three letters should be seen, too."""
KINDS = {"additive": MODELS["attention"], "dot": BLUE, "none": RED}
"""One colour for each way of looking back, and for none."""
PAGE = 46
"""Letters in a line of `answers`, in half of a figure 9 inches wide."""
LABELS = {"additive": "additive attention", "dot": "dot-product attention", "none": "one fixed vector"}


def alignment(
    a: Float[Array, "T S"], read: Sequence[str], written: Sequence[str], *, title: str = "", ax: Axes | None = None
) -> Axes:
    """The weights of every look as a grid: a row for each sign written, a column for each letter read.

    Raises ValueError for another number of letters or signs than the grid has.
    """
    if a.ndim != 2 or a.shape != (len(written), len(read)):
        raise ValueError(f"alignment: wanted weights of shape {(len(written), len(read))}, got {a.shape}")
    ax = axes(ax)
    ax.imshow(a, aspect="auto", cmap=WEIGHTS, vmin=0, vmax=FULL)
    ax.set_xticks(range(len(read)), [visible(letter) for letter in read])
    ax.set_yticks(range(len(written)), list(written))
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.set(xlabel="letter read, s", ylabel="sign written, t", title=title)
    return ax


def right_by_size(
    sizes: Float[Array, " sizes"] | Sequence[int],
    right: Mapping[str, Float[Array, "seeds sizes"]],
    *,
    xlabel: str,
    ax: Axes | None = None,
) -> Axes:
    """Share of right answers (%) against a size: a line for the mean over seeds, a dot for each seed."""
    ax = axes(ax)
    for kind, shares in right.items():
        ax.plot(sizes, 100 * shares.mean(0), color=KINDS[kind], label=LABELS[kind])
        ax.plot(sizes, 100 * shares.T, "o", ms=4, color=KINDS[kind], alpha=0.6)
    ax.set(xlabel=xlabel, ylabel="right answers, held out (%)", ylim=(0, 104))
    ax.legend()
    return ax


def in_groups(lengths: Sequence[int], edges: Sequence[int], right: Sequence[bool]) -> Float[Array, " groups"]:
    """Share of right answers in each group of lengths, from one edge up to below the next; NaN for an empty group."""
    group = np.digitize(lengths, edges) - 1
    hits = np.asarray(right)
    return np.array([hits[group == k].mean() if (group == k).any() else np.nan for k in range(len(edges) - 1)])


def bars_by_length(
    edges: Sequence[int], right: Mapping[str, Float[Array, " groups"]], *, ax: Axes | None = None
) -> Axes:
    """Share of right answers (%) in each group of lengths, a bar for each kind."""
    ax = axes(ax)
    places = np.arange(len(edges) - 1)
    width = 0.8 / len(right)
    for k, (kind, shares) in enumerate(right.items()):
        x = places + (k - (len(right) - 1) / 2) * width
        ax.bar(x, 100 * shares, width=0.92 * width, color=KINDS[kind], label=LABELS[kind])
    ax.set_xticks(places, [f"{low}–{high - 1}" for low, high in pairwise(edges)])
    ax.set(xlabel="letters of the date", ylabel="right answers, held out (%)", ylim=(0, 104))
    ax.grid(visible=False, axis="x")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def answers(
    texts: Sequence[str], written: Sequence[str], wanted: Sequence[str], *, title: str = "", ax: Axes | None = None
) -> Axes:
    """A line for each text: what was read, and what was written, with the wrong signs in red."""
    ax = axes(ax)
    longest = max(map(len, texts))
    for row, (text, answer, want) in enumerate(zip(texts, written, wanted, strict=True)):
        ax.text(0, row, text, family="monospace", va="center", parse_math=False)
        for k, (sign, right) in enumerate(zip(answer, want, strict=True)):
            color, weight = (INK, "normal") if sign == right else (RED, "bold")
            ax.text(longest + 3 + k, row, sign, family="monospace", va="center", color=color, weight=weight)
    ax.set(xlim=(0, PAGE), ylim=(len(texts) - 0.4, -0.6), title=title)
    ax.axis("off")
    return ax
