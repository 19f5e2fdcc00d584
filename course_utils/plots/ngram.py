"""Pictures of models that count: what comes next, what each word cost, and what each further word of context costs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped
from matplotlib.axes import Axes

from course_utils.analysis.summaries import power_law
from course_utils.plots.palette import BLUE, GREEN, INK, MUTED, ORANGE, PINK, RED, SKY
from course_utils.plots.style import axes
from course_utils.tree import Array

SMOOTHING = {"add-k": ORANGE, "back-off": SKY, "Kneser–Ney": BLUE, "modified Kneser–Ney": GREEN}
"""One colour per smoothing method; what is possible or unseen is red, what was really seen is ink."""

ORDERS = {1: MUTED, 2: SKY, 3: BLUE, 4: PINK, 5: GREEN, 6: ORANGE}


def next_words(p: Float[Array, "V"], names: Sequence[str], *, top: int = 8, ax: Axes | None = None) -> Axes:
    """The `top` likeliest next tokens as bars, likeliest first."""
    ax = axes(ax)
    best = np.argsort(-p, kind="stable")[:top]
    ax.barh(range(len(best)), p[best], color=BLUE, height=0.7)
    ax.set_yticks(range(len(best)), [names[k] for k in best])
    ax.invert_yaxis()
    ax.set(xlabel="probability of the next word")
    ax.grid(axis="y", visible=False)
    return ax


def surprise(bits: Mapping[str, Float[Array, "T"]], words: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Bits of each word of a text, one line of dots per model: high where the model did not see it coming."""
    ax = axes(ax)
    for k, (name, cost) in enumerate(bits.items()):
        color = (MUTED, SKY, BLUE, PINK)[k % 4]
        ax.plot(range(len(words)), cost, "o-", color=color, lw=1, ms=4, label=f"{name}: {np.mean(cost):.1f} on average")
    ax.set_xticks(range(len(words)), words, rotation=60, ha="right", rotation_mode="anchor")
    ax.set(ylabel="surprise (bits)", ylim=(0, None), xlim=(-0.5, len(words) - 0.5))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(bits))
    return ax


def possible_and_seen(V: int, T: int, seen: Sequence[int], *, what: str, ax: Axes | None = None) -> Axes:
    """How many n-grams are possible, V**n, and how many a text of T tokens shows, on a logarithmic axis."""
    ax = axes(ax)
    n = np.arange(1, len(seen) + 1)
    possible = float(V) ** n
    ax.plot(n, possible, "o--", color=RED, label=f"possible: $V^n$, V = {V:,}")
    ax.plot(n, seen, "o-", color=INK, label="seen at least once")
    ax.axhline(T, color=MUTED, lw=1, ls=":")
    ax.annotate(
        f"tokens in the text, T = {T:,}",
        (n[-1], T),
        (6, 7),
        textcoords="offset points",
        ha="right",
        color=MUTED,
        size=8.5,
    )
    ax.set(yscale="log", xlabel="order n", ylabel=f"different {what} n-grams", xticks=n)
    ax.legend(loc="upper left")
    return ax


def by_order(
    curves: Mapping[str, Float[Array, "S n"]],
    *,
    ylabel: str,
    colors: Mapping[str, str] | None = None,
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """One line per name over n = 1, 2, ...: the mean of S runs, and a band from the lowest to the highest."""
    ax = axes(ax)
    colors = SMOOTHING if colors is None else colors
    for name, values in curves.items():
        n = np.arange(1, values.shape[1] + 1)
        color = colors.get(name, INK)
        ax.fill_between(n, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2, lw=0)
        ax.plot(n, values.mean(axis=0), "o-", color=color, label=name)
    if log:
        ax.set_yscale("log")
    ax.set(xlabel="order n", ylabel=ylabel, xticks=range(1, max(v.shape[1] for v in curves.values()) + 1))
    ax.legend()
    return ax


def growth(
    sizes: Shaped[Array, "K"], seen: Shaped[Array, "K n"], *, each: float = 16.0, ax: Axes | None = None
) -> Axes:
    """n-grams seen against the length of the text, both logarithmic; slope 1 would be "every n-gram is new".

    each: bytes that one n-gram takes; the right axis counts in megabytes.
    """
    ax = axes(ax)
    for n, column in enumerate(seen.T, start=1):
        slope, _ = power_law(sizes, column)
        ax.plot(sizes, column, "o-", color=ORDERS[n], ms=4, label=f"n = {n}, slope {slope:.2f}")
    ax.plot(sizes, sizes, ":", color=INK, lw=1, label="one new n-gram per word")
    ax.set(xscale="log", yscale="log", xlabel="words in the text", ylabel="different n-grams seen")

    def megabytes(count: Any) -> Any:
        return count * each / 1e6

    def count(megabytes: Any) -> Any:
        return megabytes * 1e6 / each

    ax.secondary_yaxis("right", functions=(megabytes, count)).set_ylabel("memory (MB)")
    ax.legend(fontsize=8.5)
    return ax


def bits_against_parameters(
    curves: Mapping[str, tuple[Float[Array, "K"], Float[Array, "K"]]], *, unit: str, ax: Axes | None = None
) -> Axes:
    """Held-out bits against stored numbers (logarithmic), a point per order n, labelled with n."""
    ax = axes(ax)
    for name, (parameters, bits) in curves.items():
        color = SMOOTHING.get(name, INK)
        ax.plot(parameters, bits, "o-", color=color, label=name)
        for n, (x, y) in enumerate(zip(parameters, bits, strict=True), start=1):
            if name == list(curves)[-1]:
                ax.annotate(f"{n}", (x, y), (-2, -13), textcoords="offset points", color=color, ha="center")
    ax.set(xscale="log", xlabel="parameters (stored numbers)", ylabel=f"held-out bits per {unit}")
    ax.margins(y=0.14)  # room for the labels
    ax.legend()
    return ax
