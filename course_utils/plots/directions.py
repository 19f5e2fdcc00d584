"""Pictures of chapter 10: who reads what, in which order, and how well readers of one and of two directions do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from course_utils.plots.palette import BLUE, GREEN, INK, MUTED, ORANGE
from course_utils.plots.style import axes
from course_utils.tree import Array

DIRECTIONS = {"from the left": BLUE, "from the right": ORANGE, "both": GREEN}
"""One colour per direction, in every picture of the chapter."""


def tint(direction: str, share: float = 0.3) -> tuple[float, ...]:
    """A direction's colour mixed with white, so that ink stays readable on it."""
    return tuple(share * np.array(to_rgb(DIRECTIONS[direction])) + 1 - share)


def reading_order(
    words: Sequence[str], rows: Mapping[str, Sequence[int]], *, mask: Bool[Array, " T"], ax: Axes | None = None
) -> Axes:
    """For each named row a line of cells: the words in the order in which a pass meets them, padding hatched.

    words: the T tokens of the sequence; rows: name -> the steps in the order of reading.
    """
    ax = axes(ax)
    for y, order in enumerate(rows.values()):
        for x, t in enumerate(order):
            face = tint("from the right") if mask[t] else "white"
            ax.add_patch(_cell(x, y, face, None if mask[t] else "////"))
            ax.text(x, y, words[t] if mask[t] else "", ha="center", va="center", size=9, color=INK)
    ax.set(xlim=(-0.6, len(words) - 0.4), ylim=(len(rows) - 0.4, -0.6), xlabel="what the pass meets first, second, ...")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_xticks(range(len(words)), [str(t + 1) for t in range(len(words))])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def _cell(x: int, y: int, face: Any, hatch: str | None) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.47, y - 0.4), 0.94, 0.8, facecolor=face, edgecolor=MUTED, lw=0.6, hatch=hatch)


def compared(
    scores: Mapping[str, Sequence[float]], *, colors: Mapping[str, str] | None = None, ax: Axes | None = None
) -> Axes:
    """Every seed as a dot and their mean as a bar, for each named reader."""
    ax = axes(ax)
    for y, (name, values) in enumerate(scores.items()):
        color = (colors or DIRECTIONS).get(name, MUTED)
        ax.plot([np.mean(values)] * 2, [y - 0.3, y + 0.3], color=color, lw=3, solid_capstyle="butt")
        spread = np.linspace(-0.18, 0.18, len(values)) if len(values) > 1 else [0]
        ax.plot(values, y + np.array(spread), "o", color=color, ms=5, alpha=0.75)
    ax.set_yticks(range(len(scores)), list(scores))
    ax.set_ylim(len(scores) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    return ax


def pull(words: Sequence[str], norms: Mapping[str, Float[Array, " T"]], *, ylabel: str, ax: Axes | None = None) -> Axes:
    """For every word, how strongly each direction's gradient pulls at its vector: a bar for each direction."""
    ax = axes(ax)
    places = np.arange(len(words))
    width = 0.8 / len(norms)
    for k, (name, values) in enumerate(norms.items()):
        x = places + (k - (len(norms) - 1) / 2) * width
        ax.bar(x, values, width=width * 0.92, color=DIRECTIONS[name], label=name)
    ax.set_xticks(places, words)
    ax.grid(visible=False, axis="x")
    ax.set_ylabel(ylabel)
    ax.legend()
    return ax
