"""A matrix as colours, with its rows and columns named."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from course_utils.plots.palette import DIVERGING
from course_utils.plots.style import axes
from course_utils.tree import Array


def heatmap(
    values: Float[Array, "T H"],
    *,
    words: Sequence[str] | None = None,
    label: str = "",
    rows: str = "unit",
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Signed numbers over time: a column per step, a row per feature, blue above 0, red below, white at 0.

    `words` names the steps, `label` says what the colour means, `limit` is the largest number the colours reach
    (by default the largest in `values`). Raises ValueError for other axes or another number of words.
    """
    if values.ndim != 2:
        raise ValueError(f"heatmap: wanted values with axes (T H), got shape {values.shape}; pick one sequence first")
    if words is not None and len(words) != len(values):
        raise ValueError(f"heatmap: wanted a word for each of the {len(values)} steps, got {len(words)}")
    ax = axes(ax)
    limit = float(np.abs(values).max(initial=1e-12)) if limit is None else limit
    image = ax.imshow(values.T, aspect="auto", cmap=DIVERGING, vmin=-limit, vmax=limit)
    ax.grid(visible=False)
    ax.set_ylabel(rows)
    if words is None:
        ax.set_xlabel("time step t")
    else:
        ax.set_xticks(range(len(words)), words, rotation=45, ha="right", rotation_mode="anchor")
    ax.figure.colorbar(image, ax=ax, label=label, pad=0.015, fraction=0.05)
    return ax
