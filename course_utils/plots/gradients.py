"""How a gradient changes on its way back through time, and which characters or words it reaches.

Gradients of states come as ``dtrace.h`` of a recurrent layer: axes ``(T+1, *B, H)``, one row per state. If only the
loss of the last step counts, row T - k says how much the state k steps before it matters.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.patches import PathPatch

from course_utils.analysis.gradients import norms
from course_utils.plots.page import lay_out
from course_utils.plots.palette import BLUE, GREEN, INK, MODELS, MUTED, ORANGE, PINK, RED, SKY, YELLOW
from course_utils.plots.style import axes
from course_utils.tree import Array

HIGHLIGHTER = LinearSegmentedColormap.from_list("highlighter", ["white", YELLOW, ORANGE])
DECADES = LogNorm(1e-3, 1)
"""How strengths become colours: relative to the strongest, over three powers of ten."""


def norm_by_distance(
    dh: Mapping[str, Float[Array, "S *B H"]], *, relative: bool = True, steps: int | None = None, ax: Axes | None = None
) -> Axes:
    """Length of the gradient against the distance from the loss, on a log axis: one labelled curve per entry of `dh`.

    With batch axes the line is the geometric mean over the batch and the band holds its middle 80 %. `relative` divides
    by the length at distance 0; `steps` is the largest distance shown. Models are drawn in their own colours.
    """
    ax = axes(ax)
    colors = cycle([BLUE, RED, GREEN, PINK, SKY, ORANGE])
    for label, gradient in dh.items():
        curve = norms(gradient)[: None if steps is None else steps + 1].astype(np.float64)
        curve = np.where(curve > 0, curve, np.nan).reshape(len(curve), -1)
        logs = np.log(curve / curve[0] if relative else curve)
        color = MODELS.get(label) or next(colors)
        k = np.arange(len(logs))
        ax.plot(k, np.exp(logs.mean(axis=1)), color=color, label=label)
        if logs.shape[1] > 1:
            low, high = np.exp(np.quantile(logs, [0.1, 0.9], axis=1))
            ax.fill_between(k, low, high, color=color, alpha=0.18, lw=0)
    ax.set(yscale="log", xlabel="distance from the loss (steps back)")
    ax.set_ylabel(r"$\|dh\|$" + (", relative to distance 0" if relative else ""))
    ax.legend()
    return ax


def reference_rates(rates: Mapping[str, float], *, steps: int, ax: Axes | None = None) -> Axes:
    """Lines factor**k for named factors per step: bounds and guesses to hold curves of norms against."""
    ax = axes(ax)
    k = np.arange(steps + 1)
    for (label, factor), (ls, color) in zip(
        rates.items(), cycle([("--", INK), (":", INK), ("-.", MUTED)]), strict=False
    ):
        ax.plot(k, float(factor) ** k, ls=ls, color=color, lw=1.4, label=label)
    ax.set(yscale="log", xlabel="distance from the loss (steps back)")
    ax.legend()
    return ax


def text_dependence(
    pieces: Sequence[str],
    strength: Float[Array, "T"],
    *,
    at: int,
    columns: int = 72,
    gap: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """A text whose pieces are coloured by how much a prediction depends on them, relative to the strongest, log scale.

    `strength` is a gradient norm for each piece, as by `norms` of ``dtrace.embedding.e``; the predicted piece, number
    `at`, has a frame, what comes after it is grey. Pieces are characters, or words with ``gap=1``. Raises ValueError unless
    every piece has a strength and `at` is one of them, but not the first.
    """
    if len(strength) != len(pieces) or not 0 < at < len(pieces):
        raise ValueError(
            f"text_dependence: wanted one strength for each of {len(pieces)} pieces and 0 < at < {len(pieces)}, "
            f"got {len(strength)} strengths and at={at}"
        )
    ax = axes(ax)
    page = lay_out(pieces, columns=columns, gap=gap)
    page.frame(ax, columns=columns, lines=int(page.line[-1]) + 1)
    boxes = page.boxes()
    colors = PolyCollection(list(boxes[:at]), cmap=HIGHLIGHTER, norm=DECADES, array=relative_strength(strength[:at]))
    ax.add_collection(colors)
    ax.add_collection(PolyCollection(list(boxes[at : at + 1]), facecolors="none", edgecolors=RED, lw=1.6))
    ax.add_patch(PathPatch(page.letters(pieces, slice(at + 1)), color=INK, lw=0))
    ax.add_patch(PathPatch(page.letters(pieces, slice(at + 1, None)), color=MUTED, lw=0, alpha=0.7))
    ax.figure.colorbar(colors, ax=ax, label="gradient norm, relative", fraction=0.03, pad=0.01)
    return ax


def relative_strength(strength: Float[Array, "T"]) -> Float[Array, "T"]:
    """Strengths divided by the largest and kept inside `DECADES`."""
    return np.clip(strength / max(float(strength.max(initial=0.0)), 1e-300), DECADES.vmin, 1)
