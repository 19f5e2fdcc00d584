"""Pictures of clipping: the cliff and the ways down, gradients before and after, and norms to choose a threshold by."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from course_utils.plots.palette import BLUE, GREEN, INK, MUTED, ORANGE, RED
from course_utils.plots.style import axes
from course_utils.tree import Array

CLIPPING = {"no clipping": RED, "by norm": BLUE, "by value": ORANGE, "smaller start weights": GREEN}
"""One colour for each way to treat a gradient, in all pictures of the chapter."""

FLOOR = 1e-4
"""Losses below this are drawn as this: 0 has no logarithm, and nobody trains that far."""


def landscape(loss: Float[Array, "N W"], w: Float[Array, "W"], b: Float[Array, "N"], *, ax: Axes | None = None) -> Axes:
    """The loss over the two weights from above: level lines a third of a decade apart, darker where it is higher."""
    ax = axes(ax)
    levels = np.logspace(np.log10(FLOOR), np.log10(4), 15)
    shown = np.clip(loss, FLOOR, None)
    filled = ax.contourf(w, b, shown, levels=levels, cmap="Greys", norm=LogNorm(FLOOR, 60))
    ax.grid(visible=False)
    ax.set(xlabel="weight w", ylabel="bias b", xlim=(w[0], w[-1]), ylim=(b[0], b[-1]))
    ticks = [1e-4, 1e-3, 1e-2, 1e-1, 1]
    bar = ax.figure.colorbar(filled, ax=ax, ticks=ticks, pad=0.015, fraction=0.05)
    bar.ax.set_title("loss L", loc="left", fontsize="medium", fontweight="normal")
    bar.ax.set_yticklabels(["≤ 0.0001", "0.001", "0.01", "0.1", "1"])
    return ax


def way_down(w: Float[Array, "N"], b: Float[Array, "N"], name: str, *, ax: Axes) -> Axes:
    """One descent, a dot for each step, over a `landscape`; steps that leave the picture are cut at its edge."""
    color = CLIPPING.get(name, INK)
    ax.plot(w, b, "o-", color=color, ms=3.5, lw=1.2, label=name)
    ax.plot(w[0], b[0], "o", color=INK, ms=7, mfc="white", mew=1.6, zorder=4)
    return ax


def arrows(
    gradients: Float[Array, "N 2"], clipped: Float[Array, "N 2"], c: float, *, name: str = "", ax: Axes | None = None
) -> Axes:
    """Gradients of two numbers as arrows, grey before and coloured after, in the plane of their two components."""
    ax = axes(ax)
    look: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.008}
    color = CLIPPING.get(name, INK)
    origin = np.zeros(len(gradients))
    ax.quiver(origin, origin, *gradients.T, color=MUTED, alpha=0.45, **look)
    ax.quiver(origin, origin, *clipped.T, color=color, **look)
    if name == "by value":
        ax.plot([-c, c, c, -c, -c], [-c, -c, c, c, -c], color=color, lw=1, ls="--")
    else:
        angle = np.linspace(0, 2 * np.pi, 200)
        ax.plot(c * np.cos(angle), c * np.sin(angle), color=color, lw=1, ls="--")
    reach = 1.08 * max(np.abs(gradients).max(), c)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=name)
    ax.set(xlabel="gradient by the first weight", ylabel="gradient by the second weight")
    return ax


def norm_histogram(
    norms: Float[Array, "N"], marks: Mapping[str, float] | None = None, *, ax: Axes | None = None
) -> Axes:
    """How often each gradient norm occurred (both axes logarithmic, so that one step shows), with named thresholds as lines."""
    ax = axes(ax)
    values = norms[norms > 0]
    bins = np.geomspace(values.min(), values.max() * 1.0001, 40).tolist()
    ax.hist(values, bins=bins, color=MUTED, alpha=0.7)
    for k, (name, c) in enumerate((marks or {}).items()):
        ax.axvline(c, color=(BLUE, GREEN, ORANGE, RED)[k % 4], label=f"{name}: {c:.2g}")
    ax.set(xscale="log", yscale="log", ylim=(0.7, None), xlabel="norm of the gradient", ylabel="steps")
    if marks:
        ax.legend()
    return ax


def survival(
    rates: Sequence[float],
    losses: Mapping[str, Float[Array, "K S"]],
    *,
    ceiling: float,
    ax: Axes | None = None,
) -> Axes:
    """The last loss of S runs at each of K learning rates; nan means that the run had to stop, drawn as × on top.

    A loss above `ceiling`, that of guessing, is drawn among the stopped ones: the run is lost as well.
    """
    ax = axes(ax)
    low = min(np.nanmin(values) for values in losses.values())
    top = ceiling + 0.12 * (ceiling - low)
    for k, (name, values) in enumerate(losses.items()):
        x = np.asarray(rates)[:, None] * 1.12 ** (k - (len(losses) - 1) / 2) * np.ones(values.shape[1])
        lost = ~(values < ceiling)
        color = CLIPPING.get(name, INK)
        ax.plot(x[~lost], values[~lost], "o", color=color, ms=4.5, alpha=0.75, label=name)
        # Runs that were lost stand side by side, so that each can be counted.
        rank = np.cumsum(lost, axis=1) - 1
        ax.plot(x[lost], top + 0.045 * (ceiling - low) * rank[lost], "x", color=color, ms=5.5, mew=1.5)
    ax.axhline(ceiling, color=MUTED, lw=1, ls=":")
    ax.text(rates[0], ceiling, "guessing", va="bottom", ha="left", color=MUTED, size=8.5)
    ax.set(xscale="log", xlabel="learning rate", ylabel="loss at the end (nats)")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    if len(losses) > 1:
        ax.legend(loc="center left")
    return ax
