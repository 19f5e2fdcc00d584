"""What gates do at every step: forward values from a trace, or gradients from a gradient trace, drawn the same way.

Traces come from any gated layer (``trace.z``, ``trace.f``, ...), for one sequence: axes ``(T, H)``, states ``(T+1, H)``.
A gate has one colour wherever it is drawn, `palette.GATES`.
"""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course_utils.analysis.gates import products, values
from course_utils.plots import heatmaps
from course_utils.plots.palette import GATES, INK
from course_utils.plots.style import axes
from course_utils.tree import Array

NAMES = {
    "r": "reset gate $r$",
    "z": "update gate $z$",
    "h_tilde": r"candidate $\tilde h$",
    "i": "input gate $i$",
    "f": "forget gate $f$",
    "o": "output gate $o$",
    "c_tilde": r"candidate $\tilde c$",
    "c": "memory cell $c$",
    "h": "state $h$",
}
"""What is written beside each part of a trace."""
COLORS = GATES | {"h_tilde": GATES["c_tilde"]}  # both layers' candidates are pink
SIGMOIDS = ("r", "z", "i", "f", "o")
"""Those with values in (0, 1): 0 is shut, 1 is open."""


def shades(gate: str) -> LinearSegmentedColormap:
    """White where the gate is shut, its own colour where it is open."""
    return LinearSegmentedColormap.from_list(gate, ["white", COLORS[gate]])


def heatmap(
    trace: Any,
    gate: str,
    *,
    words: Sequence[str] | None = None,
    gradient: bool = False,
    units: Int[Array, "N"] | None = None,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One part of a trace: a column per step, a row per unit.

    A gate runs from white (0) to its own colour (1). Everything else is signed and centred at 0: candidates, states,
    and with ``gradient=True`` whatever a gradient trace holds (how the loss, or the output that was looked back from,
    would change if this number grew). `units`
    picks and orders the rows, for example ``np.argsort(trace.z.mean(axis=0))``; `limit` is the largest number the
    colours of signed values reach.
    """
    shown = values(trace, gate)
    shown = shown if units is None else shown[:, units]
    label = "gradient" if gradient else "0 shut, 1 open" if gate in SIGMOIDS else "value"
    ax = heatmaps.heatmap(shown, words=words, label=label, limit=limit, ax=ax)
    ax.set_title(f"{'gradient by the ' if gradient else ''}{NAMES.get(gate, gate)}", loc="left")
    ax.set_yticks([])
    if gate in SIGMOIDS and not gradient:
        ax.images[-1].set(cmap=shades(gate), clim=(0, 1))
    if words is not None and max(map(len, words)) == 1:  # letters stand upright
        ax.set_xticks(range(len(words)), words, rotation=0, ha="center")
    return ax


def panels(
    trace: Any,
    gates: Sequence[str],
    *,
    words: Sequence[str] | None = None,
    gradient: bool = False,
    units: Int[Array, "N"] | None = None,
    figure: Figure | None = None,
) -> list[Axes]:
    """Several parts of a trace as heatmaps one above the other, over the same steps and in the same order of units."""
    figure = plt.figure(figsize=(10, 1.0 + 1.5 * len(gates))) if figure is None else figure
    rows = list(figure.subplots(len(gates), sharex=True, squeeze=False)[:, 0])
    for ax, gate in zip(rows, gates, strict=True):
        heatmap(trace, gate, words=words, gradient=gradient, units=units, ax=ax)
        if ax is not rows[-1]:
            ax.tick_params(bottom=False, labelbottom=False)
            ax.set_xlabel("")
    return rows


def retention(
    keep: Float[Array, "T H"],
    *,
    words: Sequence[str] | None = None,
    unit: int | None = None,
    label: str = "share left",
    ax: Axes | None = None,
) -> Axes:
    """How much of what was there after one step (row) the gates `keep` leave until after another (column).

    The mean over the units of their `products`, or the products of one `unit`; white below the diagonal, where it has
    not been read yet. Raises ValueError for gates of more than one sequence.
    """
    if keep.ndim != 2:
        raise ValueError(f"gates.retention: wanted keep with axes (T H), got shape {keep.shape}; pick one sequence")
    ax = axes(ax)
    T = len(keep)
    left = np.full((T, T), np.nan)
    for since in range(T):
        share = products(keep, since)
        left[since, since:] = share.mean(axis=1) if unit is None else share[:, unit]
    image = ax.imshow(left, cmap=LinearSegmentedColormap.from_list("left", ["white", INK]), vmin=0, vmax=1)
    ax.grid(visible=False)
    ax.set(xlabel="after step", ylabel="of step")
    if words is not None:
        ax.set_xticks(range(T), words, rotation=60, ha="right", rotation_mode="anchor")
        ax.set_yticks(range(T), words)
        ax.set(xlabel="still left after the word", ylabel="of the state after the word")
    ax.figure.colorbar(image, ax=ax, label=label, fraction=0.045, pad=0.02)
    return ax
