"""The table of sinusoids: what a position looks like, one pair of features as a clock, and how alike two positions are."""

import numpy as np
from ipywidgets import IntSlider
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.explorers.explorer import Artists, Explorer
from course_utils.layers.positions import sinusoids
from course_utils.plots.palette import BLUE, DIVERGING, GREEN, MUTED, ORANGE, YELLOW
from course_utils.tree import Array

T, D, FURTHEST = 64, 32, 32
"""Positions and features that are shown, and the largest offset."""
P: Float[Array, "T D"] = sinusoids(T + FURTHEST, D)
PRODUCTS: Float[Array, "T T"] = P @ P.T


def positions_explorer() -> Explorer:
    """Controls: a position t, an offset k, and the pair i of features 2i and 2i + 1.

    Shown are the table with t and t + k framed; the pair as the hand of a clock at t (blue) and at t + k (orange), turned by
    an angle that depends on k alone; and the dot product of P_t with every P_s, which depends on the distance alone.
    """
    controls = {
        "t": IntSlider(10, 0, T - 1, description="t position"),
        "k": IntSlider(7, 0, FURTHEST, description="k offset"),
        "i": IntSlider(1, 0, D // 2 - 1, description="i pair of features"),
    }
    return Explorer(
        "PositionsExplorer", controls, setup=_setup, update=_update, describe=_describe, figsize=(11.0, 3.7)
    )


def turn(i: int, k: int) -> float:
    """The angle between t and t + k in the plane of pair i."""
    return k / 10000 ** (2 * i / D)


def _update(artists: Artists, t: int, k: int, i: int) -> None:
    for name, at in (("now", t), ("then", t + k)):
        artists[f"column {name}"].set_x(at - 0.5)
        hand = P[at, 2 * i : 2 * i + 2]
        artists[f"hand {name}"].set_data([0, hand[1]], [0, hand[0]])
        artists[f"alike {name}"].set_data([at], [PRODUCTS[t, at]])
    artists["pair"].set_y(2 * i - 0.5)
    angle = np.linspace(t, t + k, 200) * turn(i, 1)
    artists["turn"].set_data(0.45 * np.cos(angle), 0.45 * np.sin(angle))
    artists["alike"].set_ydata(PRODUCTS[t])


def _describe(t: int, k: int, i: int) -> str:
    angle, length = turn(i, k), 2 * np.pi / turn(i, 1)
    turns = f"{np.degrees(angle):.1f}°" if angle < 2 * np.pi else f"{angle / (2 * np.pi):.1f} turns"
    return (
        f"Pair {i}, features {2 * i} and {2 * i + 1}: one turn takes {length:,.1f} positions. From t = {t} to "
        f"t + k = {t + k} its hand turns by {turns}, from wherever it starts. P_t · P_(t+k) = {PRODUCTS[t, t + k]:.1f}; "
        f"the largest possible is {D / 2:.0f}, at k = 0."
    )


def _setup(figure: Figure) -> Artists:
    table, clock, alike = figure.subplots(1, 3, width_ratios=(2.4, 1, 1.5))
    shown = T + FURTHEST
    table.imshow(P.T, cmap=DIVERGING, vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    table.grid(visible=False)
    table.set(xlabel="position", ylabel="feature", ylim=(D - 0.2, -0.8), title="$P$: blue 1, white 0, red −1")
    artists: Artists = {}
    for name, color in (("now", BLUE), ("then", ORANGE)):
        column = Rectangle((0, -0.6), 1, D + 0.2, facecolor="none", edgecolor=color, lw=2.2)
        artists[f"column {name}"] = table.add_patch(column)
    artists["pair"] = table.add_patch(Rectangle((-0.5, 0), shown, 2, facecolor="none", edgecolor=YELLOW, lw=2.2))
    circle = np.linspace(0, 2 * np.pi, 200)
    clock.plot(np.cos(circle), np.sin(circle), color=MUTED, lw=1)
    clock.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal", xlabel="feature 2i + 1 (cos)")
    clock.set(ylabel="feature 2i (sin)", xticks=(-1, 0, 1), yticks=(-1, 0, 1), title="pair i")
    (artists["turn"],) = clock.plot([], [], color=MUTED, lw=1.6)
    for name, color, label in (("now", BLUE, "t"), ("then", ORANGE, "t + k")):
        (artists[f"hand {name}"],) = clock.plot([], [], "o-", color=color, lw=2.4, ms=6, label=label)
    (artists["alike"],) = alike.plot(np.arange(shown), np.zeros(shown), color=GREEN)
    for name, color, label in (("now", BLUE, "s = t"), ("then", ORANGE, "s = t + k")):
        (artists[f"alike {name}"],) = alike.plot([], [], "o", ms=8, color=color, label=label)
    alike.set(
        xlabel="position s",
        ylabel="$P_t \\cdot P_s$",
        ylim=(0, D / 2 + 1),
        yticks=range(0, D // 2 + 1, 4),
        title="how alike are t and s?",
    )
    alike.legend(loc="upper right")
    return artists
