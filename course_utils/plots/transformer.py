"""Pictures of chapter 15: what happens from branch to branch, where heads look, and what the stream carries."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.plots.attention import looks
from course_utils.plots.glyphs import visible
from course_utils.plots.palette import BLUE, INK, ORANGE, PINK, SKY
from course_utils.plots.style import axes
from course_utils.tree import Array


def by_branch(
    curves: Mapping[str, Float[Array, "L"]], colors: Mapping[str, str], *, log: bool = True, ax: Axes | None = None
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
    grid = figure.subplots(len(attentions), len(attentions[0]), squeeze=False)
    for block, (row, a) in enumerate(zip(grid, attentions, strict=True)):
        for n, ax in enumerate(row):
            looks(np.sqrt(a[n]), text, full=1.0, size=7.0, ax=ax).set_title(f"block {block + 1}, head {n + 1}", size=10)
    return list(grid.ravel())


def stream(parts: Mapping[str, Float[Array, "T"]], text: str, *, ax: Axes | None = None) -> Axes:
    """Lengths of vectors at every character of a text: the residual stream, and what each branch adds to it."""
    ax = axes(ax)
    colors = dict(zip(parts, (INK, ORANGE, PINK, SKY, BLUE), strict=False))
    for name, lengths in parts.items():
        ax.plot(range(len(text)), lengths, "o-", ms=3, lw=1.2, color=colors[name], label=name)
    ax.set_xticks(range(len(text)), [visible(letter) for letter in text], size=8)
    ax.set_xlim(-0.5, len(text) - 0.5)
    return ax
