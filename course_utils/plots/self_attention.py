"""Pictures of chapter 14: who looks at whom, the table of positions, and what attention costs."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from course_utils.plots.attention import FULL, WEIGHTS
from course_utils.plots.palette import DIVERGING, INK, MODELS, MUTED
from course_utils.plots.style import axes
from course_utils.tree import Array


def looks(
    a: Float[Array, "T S"], words: Sequence[str] | None = None, *, labels: bool = True, ax: Axes | None = None
) -> Axes:
    """Who looks where: row t is the word that looks, column s the word that is looked at, dark is a large weight.

    `words` are both (self-attention). Without `labels` only the pattern is shown. Raises ValueError for another number of
    words than steps.
    """
    if a.ndim != 2 or (words is not None and (len(words),) * 2 != a.shape):
        raise ValueError(f"looks: wanted weights (T, T) and T words, got {a.shape} and {words and len(words)} words")
    ax = axes(ax)
    ax.imshow(a, cmap=WEIGHTS, vmin=0, vmax=FULL, aspect="equal", interpolation="nearest")
    ax.grid(visible=False)
    if words is not None and labels:
        ax.set_xticks(range(len(words)), words, rotation=90, size=9)
        ax.set_yticks(range(len(words)), words, size=9)
    else:
        ax.set_xticks([])
        ax.set_yticks([])
    ax.tick_params(length=0)
    return ax


def position_table(P: Float[Array, "T D"], *, ax: Axes | None = None) -> Axes:
    """A vector for each position: a column per position, a row per feature; blue above 0, red below."""
    ax = axes(ax)
    limit = float(np.abs(P).max(initial=1e-12))
    image = ax.imshow(P.T, cmap=DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    ax.grid(visible=False)
    ax.set(xlabel="position t", ylabel="feature")
    ax.figure.colorbar(image, ax=ax, label="$P_{t}$", pad=0.015, fraction=0.05)
    return ax


def by_length(
    seconds: Mapping[str, Sequence[float]],
    lengths: Sequence[int],
    *,
    slopes: Mapping[str, int],
    ax: Axes | None = None,
) -> Axes:
    """Time against the length T on log axes, a curve for each kind of layer, with dotted lines T^slope through its end."""
    ax = axes(ax)
    T = np.array(lengths, float)
    for name, values in seconds.items():
        color = MODELS.get(name, MUTED)
        ax.plot(T, 1e3 * np.array(values), "o-", color=color, label=name)
    for (name, slope), ls in zip(slopes.items(), (":", "--"), strict=False):
        last = 1e3 * seconds[name][-1]
        power = f"$T^{slope}$" if slope != 1 else "$T$"
        ax.plot(T, last * (T / T[-1]) ** slope, ls=ls, lw=1.2, color=INK, label=f"as {power}")
    ax.set(xscale="log", yscale="log", xlabel="length T (steps)", ylabel="forward and backward (ms)")
    ax.set_xticks(T, [f"{t:g}" for t in T])
    ax.minorticks_off()
    ax.legend()
    return ax
