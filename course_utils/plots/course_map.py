"""The map of the course: which failure leads to which idea."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course_utils.plots.palette import BLUE, GREEN, INK, MUTED, ORANGE, PINK

# (number, idea, the failure that leads to it, colour of its part of the course)
STOPS = (
    ("01", "Preprocessing", "a computer cannot\nmultiply words", GREEN),
    ("02", "Sequence data", "a bag of words does not\nknow their order", GREEN),
    ("03", "n-grams", "the average of two\nwords is no word", GREEN),
    ("05", "Recurrent network", "counts forget all but\nthe last few words", BLUE),
    ("06", "Backpropagation\nthrough time", "how does an error reach\na word 50 steps back?", BLUE),
    ("07", "Gradient clipping", "sometimes the gradient\nexplodes on its way", BLUE),
    ("08", "GRU", "more often it vanishes,\nand clipping hardly helps", ORANGE),
    ("09", "LSTM", "one state has to remember\nand to speak at once", ORANGE),
    ("10", "Stacking", "a single layer does\nall work in one state", ORANGE),
    ("11", "Both directions", "the last word can\nexplain the first", ORANGE),
    ("12", "Pretraining", "labels are few,\nparameters are many", PINK),
    ("13", "Attention", "one vector carries\nonly part of a text", PINK),
    ("14", "Self-attention", "recurrence must wait\nfor every step", PINK),
    ("15", "Transformer", "attention alone is shallow\nand hard to train deep", PINK),
)
COLUMNS, WIDTH, HEIGHT = 5, 2.6, 1.55


def course_map(*, ax: Axes | None = None) -> Axes:
    """One box a chapter, in reading order; in each, a failure and, in bold, the idea that answers it."""
    if ax is None:
        _, ax = plt.subplots(figsize=(10, 4.3))
    for k, (number, idea, failure, color) in enumerate(STOPS):
        x, y = _centre(k)
        box = (x - WIDTH / 2 + 0.12, y - HEIGHT / 2 + 0.14)
        ax.add_patch(
            FancyBboxPatch(
                box,
                WIDTH - 0.24,
                HEIGHT - 0.28,
                boxstyle="round,pad=0,rounding_size=0.12",
                facecolor="white",
                edgecolor=color,
                lw=1.8,
            )
        )
        ax.text(x, y - 0.3, f"{number}  {idea}", ha="center", va="center", weight="bold", size=9, color=INK)
        ax.text(x, y + 0.27, failure, ha="center", va="center", size=7.6, color="#5b616b", style="italic")
        if k:
            ax.add_patch(_arrow(k))
    ax.set(xlim=(-WIDTH / 2, (COLUMNS - 0.5) * WIDTH), ylim=(-2.5 * HEIGHT, HEIGHT / 2))
    ax.set_axis_off()
    return ax


def _centre(k: int) -> tuple[float, float]:
    row, column = divmod(k, COLUMNS)
    return (column if row % 2 == 0 else COLUMNS - 1 - column) * WIDTH, -row * HEIGHT


def _arrow(k: int) -> FancyArrowPatch:
    (x0, y0), (x1, y1) = _centre(k - 1), _centre(k)
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    half = (WIDTH / 2 - 0.12) * abs(dx) + (HEIGHT / 2 - 0.14) * abs(dy)
    start, end = (x0 + dx * half, y0 + dy * half), (x1 - dx * half, y1 - dy * half)
    return FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color=MUTED, lw=1.2, shrinkA=0, shrinkB=0)
