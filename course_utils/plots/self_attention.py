"""A picture of chapter 14: what attention costs."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils.plots.palette import INK, MODELS, MUTED
from course_utils.plots.style import axes


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
