"""Pictures of a training run."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils.analysis.summaries import smooth
from course_utils.plots.palette import BLUE, MUTED
from course_utils.plots.style import axes


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
