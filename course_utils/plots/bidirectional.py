"""Pictures of chapter 11: who reads what, and in which order."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from course_utils.plots.palette import BLUE, GREEN, INK, MUTED, ORANGE, RED
from course_utils.plots.style import axes
from course_utils.tree import Array

DIRECTIONS = {"from the left": BLUE, "from the right": ORANGE, "both": GREEN}
"""One colour per direction, in every picture of the chapter."""


def tint(direction: str, share: float = 0.3) -> tuple[float, ...]:
    """A direction's colour mixed with white, so that ink stays readable on it."""
    return tuple(share * np.array(to_rgb(DIRECTIONS[direction])) + 1 - share)


def reading_order(
    words: Sequence[str],
    mask: Bool[Array, "T"],
    rows: Mapping[str, Bool[Array, "T"] | None],
    *,
    ax: Axes | None = None,
) -> Axes:
    """What a pass from the right meets, in its order, for each way of telling it what is padding.

    words: the T tokens of the sequence, of which `mask` says which are real; rows: name -> which of the steps, in the
    order of reading, the pass takes for real (None: all). What it skips is hatched; where it is wrong, the cell is red.
    """
    ax = axes(ax)
    real = mask[::-1]
    for y, believed in enumerate(rows.values()):
        read = np.ones_like(real) if believed is None else believed
        for x, word in enumerate(reversed(words)):
            wrong = read[x] != real[x]
            face = (*to_rgb(RED), 0.5) if wrong else tint("from the right") if read[x] else "white"
            hatch = None if read[x] else "////"
            ax.add_patch(
                Rectangle((x - 0.47, y - 0.4), 0.94, 0.8, facecolor=face, edgecolor=MUTED, lw=0.6, hatch=hatch)
            )
            ax.text(x, y, word if real[x] else "–", ha="center", va="center", size=9, color=INK)
    ax.set(xlim=(-0.6, len(words) - 0.4), ylim=(len(rows) - 0.4, -0.6), xlabel="order of reading, from the right")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_xticks(range(len(words)), [str(t + 1) for t in range(len(words))])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax
