"""Pictures of a training run."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from course_utils.plots.palette import BLUE, MUTED
from course_utils.plots.style import axes
from course_utils.tree import Array


def smooth(values: Sequence[float], window: int) -> Float[Array, " n"]:
    """Running mean over the last `window` values, over fewer at the start.

    Raises ValueError for a window below 1.
    """
    if window < 1:
        raise ValueError(f"smooth: wanted a window of at least 1 step, got {window}")
    sums = np.cumsum(np.concatenate([[0.0], values]))
    end = np.arange(1, len(sums))
    start = np.maximum(end - window, 0)
    return (sums[end] - sums[start]) / (end - start)


def loss_curve(
    losses: Sequence[float], *, window: int | None = None, label: str = "loss (nats)", ax: Axes | None = None
) -> Axes:
    """The loss of every step, faint, and its running mean (over a twentieth of the run unless told)."""
    ax = axes(ax)
    window = max(1, len(losses) // 20) if window is None else window
    steps = np.arange(1, len(losses) + 1)
    ax.plot(steps, losses, color=MUTED, alpha=0.35, lw=1, label="each step")
    ax.plot(steps, smooth(losses, window), color=BLUE, label=f"mean of the last {window} steps")
    ax.set_xlabel("step")
    ax.set_ylabel(label)
    ax.legend()
    return ax
