"""A recurrent network drawn step by step beside the three matrices that every step uses."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from course_utils.plots.glyphs import Letters, visible
from course_utils.plots.palette import DIVERGING, INK, MATRICES, MUTED
from course_utils.text.characters import ALPHABET
from course_utils.tree import Array

STEPS, TOP = 12, 4
"""How many steps there is room for, and how many guesses are shown at each."""
X, HIDDEN, OUT = (0.0, 1.28), (2.1, 4.66), (5.48, 7.0)
"""Lowest and highest point of the vectors x_t, h_t and o_t in the picture."""
WIDTH = 0.42
KINDS = ("up", "across", "out")
"""The arrows of W_xh, W_hh and W_hq."""
SYMBOLS = np.array(list(ALPHABET))


class Reading(NamedTuple):
    """The characters that were read, the vectors of each, the states from h_0 on, and p of every next character."""

    shown: str
    x: Float[Array, "T D"]
    h: Float[Array, "T+1 H"]
    p: Float[Array, "T V"]


def draw_matrices(figure: Figure, matrices: Sequence[Float[Array, "..."]]) -> dict[str, Any]:
    """What stays: the equations, the matrices W_xh, W_hh, W_hq and h_0. Returns what moves, by name, still empty."""
    ax = figure.subplots()
    ax.set(xlim=(-4.75, STEPS + 0.45), ylim=(-0.75, 8.0))
    ax.set_axis_off()
    colors = list(MATRICES.values())
    _coloured(ax, 0.55, ("$h_t = \\tanh($", "$x_t$", "$W_{xh}$", "$+$", "$h_{t-1}$", "$W_{hh}$", "$+\\ b_h)$"))
    _coloured(ax, 8.1, ("$o_t =$", "$h_t$", "$W_{hq}$", "$+\\ b_q$"))
    ax.text(-0.95, 7.6, "three matrices,\nthe same at every step", ha="right", va="center", color=MUTED)
    middle = {"W_xh": (X[1] + HIDDEN[0]) / 2 - 0.5, "W_hh": sum(HIDDEN) / 2, "W_hq": sum(OUT) / 2}
    for (name, color), W in zip(MATRICES.items(), matrices, strict=True):
        _matrix(ax, W, name, color, middle[name])
    for label, (low, high) in {"$x_t$": X, "$h_t$": HIDDEN, "$o_t$": OUT}.items():
        ax.text(-0.47, (low + high) / 2, label, ha="center", va="center", size=13)
    ax.text(0, HIDDEN[0] - 0.12, "$h_0$", ha="center", va="top", color=MUTED)
    between = (HIDDEN[1] + OUT[0]) / 2
    ax.text(-0.25, between, "the four likeliest\nnext letters", ha="center", va="center", color=MUTED, size=8.5)
    outline: dict[str, Any] = {"facecolor": "none", "edgecolor": MUTED, "lw": 0.8}
    ax.add_patch(Rectangle((-WIDTH / 2, HIDDEN[0]), WIDTH, HIDDEN[1] - HIDDEN[0], zorder=3, **outline))
    height = OUT[1] + 0.85
    veil = Rectangle((0, -0.72), STEPS + 1, height, facecolor="white", edgecolor="none", alpha=0.86, zorder=5)
    frame = Rectangle((0, -0.72), 0.72, height, **outline, zorder=6)
    D, H = matrices[0].shape
    return {
        "x": _vectors(ax, X, D, limit=2.0),
        "h": _vectors(ax, HIDDEN, H, limit=1.0),
        "o": _vectors(ax, OUT, TOP, limit=None),
        "letters": Letters(ax, size=13.0),
        "guesses": Letters(ax, size=9.5),
        **{kind: _arrow(ax, head, color) for kind, head, color in zip(KINDS, "^>^", colors, strict=True)},
        "veil": ax.add_patch(veil),
        "frame": ax.add_patch(frame),
        "now": ax.add_collection(LineCollection([], colors=colors, lw=4, zorder=7)),
    }


def _coloured(ax: Axes, x: float, parts: Sequence[str]) -> None:
    """An equation whose matrices have the colours of their arrows: each part starts where the one before it ends."""
    colors = {f"${name[0]}_{{{name[2:]}}}$": color for name, color in MATRICES.items()}
    text = ax.text(x, 7.6, parts[0], size=14, va="center")
    for part in parts[1:]:
        text = ax.annotate(
            part,
            (1, 7.6),
            xycoords=(text, "data"),
            xytext=(3, 0),
            textcoords="offset points",
            size=14,
            va="center",
            color=colors.get(part, INK),
        )


def _matrix(ax: Axes, W: Float[Array, "D H"], name: str, color: str, y: float) -> None:
    height, width = (0.06 * size for size in W.shape)
    right = -0.95
    low, left = y - height / 2, right - width
    limit = float(np.abs(W).max())
    edges = np.linspace(left, right, W.shape[1] + 1), np.linspace(low + height, low, W.shape[0] + 1)
    ax.pcolormesh(*edges, W, cmap=DIVERGING, vmin=-limit, vmax=limit)
    ax.add_patch(Rectangle((left, low), width, height, facecolor="none", edgecolor=color, lw=2.5, zorder=3))
    label = f"${name[0]}_{{{name[2:]}}}$  {W.shape[0]} × {W.shape[1]}"
    ax.text(right, low - 0.08, label, color=color, ha="right", va="top", size=11)


def _centres(span: tuple[float, float], size: int) -> Float[Array, "N"]:
    edges = np.linspace(*span, size + 1)
    return (edges[1:] + edges[:-1]) / 2


def _vectors(ax: Axes, span: tuple[float, float], size: int, *, limit: float | None) -> QuadMesh:
    """Cells for a vector at each of the steps 0 ... STEPS; the columns between them stay empty."""
    steps = np.arange(STEPS + 1)
    edges = np.stack([steps - WIDTH / 2, steps + WIDTH / 2], axis=1).ravel()
    cells = np.full((size, 2 * STEPS + 1), np.nan)
    colors: dict[str, Any] = {"cmap": "Greys", "vmin": 0, "vmax": 0.8}
    if limit:
        colors = {"cmap": DIVERGING, "vmin": -limit, "vmax": limit}
    return ax.pcolormesh(edges, np.linspace(*span, size + 1), cells, edgecolors="white", lw=0.4, **colors)


def _fill(mesh: QuadMesh, values: Float[Array, "T N"], first: int) -> None:
    """Show values[k] at step first + k, its number 0 on top."""
    cells = np.full((values.shape[1], 2 * STEPS + 1), np.nan)
    at = 2 * (first + np.arange(len(values)))
    cells[:, at] = values.T[::-1]
    mesh.set_array(cells)


def _arrow(ax: Axes, head: str, color: str) -> tuple[LineCollection, Line2D]:
    lines = LineCollection([], colors=color, lw=1.6, zorder=2)
    ax.add_collection(lines)
    return lines, ax.plot([], [], head, color=color, ms=6)[0]


def arrows(t: int) -> Float[Array, "3 2 2"]:
    """From where to where the arrows of step t run: W_xh, W_hh, W_hq."""
    middle, half = sum(HIDDEN) / 2, WIDTH / 2
    up = [(t, X[1] + 0.04), (t, HIDDEN[0] - 0.14)]
    across = [(t - 1 + half + 0.04, middle), (t - half - 0.13, middle)]
    out = [(t, HIDDEN[1] + 0.04), (t, OUT[0] - 0.14)]
    return np.array([up, across, out])


def draw_steps(artists: dict[str, Any], reading: Reading, carry: bool) -> None:
    """All steps of the text, with arrows from state to state if it is carried on; the veil then hides those to come."""
    shown, x, h, p = reading
    order = np.argsort(-p, axis=1)[:, :TOP]
    best = np.take_along_axis(p, order, 1)
    _fill(artists["x"], x, 1)
    _fill(artists["h"], h, 0)
    _fill(artists["o"], best, 1)
    steps = range(1, len(shown) + 1)
    for k, kind in enumerate(KINDS):
        lines, heads = artists[kind]
        segments = np.array([arrows(t)[k] for t in steps if carry or kind != "across"]).reshape(-1, 2, 2)
        lines.set_segments(segments)
        heads.set_data(*segments[:, 1].T)
    artists["letters"].put([visible(letter) for letter in shown], np.array([(t, -0.35) for t in steps]))
    guesses = SYMBOLS[order]
    artists["guesses"].put(
        [visible(letter) for letter in guesses.ravel()],
        np.array([(t, y) for t in steps for y in _centres(OUT, TOP)[::-1]]),
        colors=np.where(best.ravel() > 0.4, "white", INK).tolist(),
        bold=(guesses == np.array([*shown[1:], ""])[:, None]).ravel().tolist(),
    )
