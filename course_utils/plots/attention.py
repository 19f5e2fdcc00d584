"""Who looks where: alignments one can read, and how often an answer is right, by the length of what was read."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from course_utils.plots import bars, seeds
from course_utils.plots.glyphs import visible
from course_utils.plots.palette import BLUE, INK, MODELS, PAPER, RED
from course_utils.plots.style import axes
from course_utils.tree import Array

WEIGHTS = LinearSegmentedColormap.from_list("weights", [PAPER, BLUE])
FULL = 0.6
"""No weight is white, and 0.6 or more is blue: a look that is spread over three letters should be seen, too."""
COLORS = {"additive": MODELS["attention"], "dot": BLUE, "none": RED}
"""Of the date writers, by their kind: one colour for each way of looking back, and for none."""
LABELS = {"additive": "additive attention", "dot": "dot-product attention", "none": "one fixed vector"}
BY_LABEL = {LABELS[kind]: color for kind, color in COLORS.items()}
PAGE = 46
"""Letters in a line of `answers`, in half of a figure 9 inches wide."""


def looks(
    a: Float[Array, "T S"],
    read: Sequence[str],
    written: Sequence[str] | None = None,
    *,
    full: float = FULL,
    size: float = 9,
    ax: Axes | None = None,
) -> Axes:
    """The weights of every look: a row for each step that looks, a column for each that is looked at, dark is a large one.

    read: the words or letters that are looked at; written: those that look, the same in self-attention. full: the
    smallest weight with the full colour, size: that of the labels. Raises ValueError for another number of either.
    """
    rows = read if written is None else written
    if a.shape != (len(rows), len(read)):
        raise ValueError(f"looks: wanted weights of shape {(len(rows), len(read))}, got {a.shape}")
    ax = axes(ax)
    ax.imshow(a, aspect="equal" if written is None else "auto", cmap=WEIGHTS, vmin=0, vmax=full)
    upright = 90 if max(map(len, read)) > 1 else 0
    ax.set_xticks(range(len(read)), [visible(word) for word in read], rotation=upright, size=size)
    ax.set_yticks(range(len(rows)), [visible(word) for word in rows], size=size)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    return ax


def right_by_size(
    sizes: Sequence[int] | Int[Array, "sizes"],
    right: Mapping[str, Float[Array, "seeds sizes"]],
    *,
    xlabel: str,
    ax: Axes | None = None,
) -> Axes:
    """Share of right answers (%) of every seed against a size."""
    curves = {LABELS[kind]: dict(zip(sizes, 100 * shares.T, strict=True)) for kind, shares in right.items()}
    ax = seeds.by_size(curves, BY_LABEL, scale="linear", ax=ax)
    ax.set(xlabel=xlabel, ylabel="right answers, held out (%)", ylim=(0, 104))
    ax.legend()
    return ax


def bars_by_length(
    edges: Sequence[int], right: Mapping[str, Float[Array, "groups"]], *, ax: Axes | None = None
) -> Axes:
    """Share of right answers (%) in each group of lengths, a bar for each kind."""
    lengths = [f"{low}–{high - 1}" for low, high in pairwise(edges)]
    ax = bars.grouped({LABELS[kind]: 100 * shares for kind, shares in right.items()}, lengths, BY_LABEL, ax=ax)
    ax.set(xlabel="letters of the date", ylabel="right answers, held out (%)", ylim=(0, 104))
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
