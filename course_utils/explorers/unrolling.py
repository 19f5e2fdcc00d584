"""A recurrent network unrolled over typed text: the same three matrices at every step, and the state they hand on."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from ipywidgets import Checkbox, IntSlider, Layout, Text
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from course_utils.data.reviews import ALPHABET, fold
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.math import softmax
from course_utils.models import RecurrentLanguageModel
from course_utils.plots.glyphs import Letters, visible
from course_utils.plots.palette import DIVERGING, INK, MATRICES, MUTED
from course_utils.pretrained import first_rnn
from course_utils.tree import Array

STEPS, TOP, WORD = 12, 4, "the film was"
X, HIDDEN, OUT = (0.0, 1.28), (2.1, 4.66), (5.48, 7.0)
"""Lowest and highest point of the vectors x_t, h_t and o_t in the picture."""
WIDTH = 0.42
KINDS = ("up", "across", "out")
"""The arrows of W_xh, W_hh and W_hq."""
SYMBOLS = np.array(list(ALPHABET))
Reading = tuple[str, Float[Array, "T D"], Float[Array, "T+1 H"], Float[Array, "T V"]]


def unrolling_explorer(text: str = WORD, *, model: RecurrentLanguageModel | None = None) -> Explorer:
    """Controls: the text (its first 12 characters), how many steps to unroll, and whether the state is carried on.

    `model` is a character model over `ALPHABET` with an `RNN` inside; without it, the small trained one of the course.
    """
    model = first_rnn() if model is None else model

    @lru_cache(maxsize=8)
    def read(sentence: str, carry: bool) -> Reading:
        shown = fold(sentence)[:STEPS]
        if not shown:
            raise ValueError("Type a few letters above and press Enter.")
        tokens = np.array([ALPHABET.index(letter) for letter in shown])
        # Without memory, every step is a sequence of its own, of length 1: the steps become a batch.
        logits, trace = model.forward(tokens if carry else tokens[None])
        if carry:
            return shown, trace.recurrent.x, trace.recurrent.h, softmax(logits)
        h = np.concatenate([np.zeros_like(trace.recurrent.h[:1, 0]), trace.recurrent.h[1]])
        return shown, trace.recurrent.x[0], h, softmax(logits[0])

    word = Text(text, description="text (12 characters)", continuous_update=False)
    t = IntSlider(0, 0, STEPS, description="t  steps unrolled")
    carry = Checkbox(True, description="carry the state h on", indent=False)

    def fit_slider(_: Any = None) -> None:
        t.max = t.value = max(1, len(fold(word.value)[:STEPS]))

    fit_slider()
    word.observe(fit_slider, "value")

    drawn: list[Reading | None] = [None]

    def setup(figure: Figure, **_: Any) -> Artists:
        return _setup(figure, model)

    def update(artists: Artists, text: str, t: int, carry: bool) -> None:
        reading = read(text, carry)
        if drawn[0] is not reading:
            _draw(artists, reading, carry)
            drawn[0] = reading
        artists["veil"].set_x(t + 0.5)
        artists["frame"].set_x(t - 0.36)
        now = _arrows(t)
        if not carry:
            now[1] = np.nan
        artists["now"].set_segments(now if t else [])

    def describe(text: str, t: int, carry: bool) -> str:
        shown, _, _, p = read(text, carry)
        if t == 0:
            return "Nothing is read yet: the state h_0 is zero. The three matrices wait on the left."
        best = np.argsort(-p[t - 1])[:TOP]
        guesses = ", ".join(f"“{visible(ALPHABET[k])}” {p[t - 1][k]:.0%}" for k in best)
        memory = f"of all of “{shown[:t]}”" if carry else f"of “{shown[t - 1]}” alone, for the state is cut"
        return f"Step {t} reads “{shown[t - 1]}”; h_{t} is made {memory}. The network expects next: {guesses}."

    controls = {"text": word, "t": t, "carry": carry}
    word.layout = Layout(width="22em")
    return Explorer(
        "UnrollingExplorer", setup, update, controls, describe=describe, figsize=(11.5, 5.6),
        still=("x", "letters", "up", "out"), slow=("text",),
    )  # fmt: skip


def _setup(figure: Figure, model: RecurrentLanguageModel) -> Artists:
    ax = figure.subplots()
    ax.set(xlim=(-4.75, STEPS + 0.45), ylim=(-0.75, 8.0))
    ax.set_axis_off()
    rnn, colors = model.recurrent, list(MATRICES.values())
    _coloured(ax, 0.55, ("$h_t = \\tanh($", "$x_t$", "$W_{xh}$", "$+$", "$h_{t-1}$", "$W_{hh}$", "$+\\ b_h)$"))
    _coloured(ax, 8.1, ("$o_t =$", "$h_t$", "$W_{hq}$", "$+\\ b_q$"))
    ax.text(-0.95, 7.6, "three matrices,\nthe same at every step", ha="right", va="center", color=MUTED)
    middle = {"W_xh": (X[1] + HIDDEN[0]) / 2 - 0.5, "W_hh": sum(HIDDEN) / 2, "W_hq": sum(OUT) / 2}
    for (name, color), W in zip(MATRICES.items(), (rnn.W_xh, rnn.W_hh, model.readout.W), strict=True):
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
    D, H = rnn.W_xh.shape
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
            part, (1, 7.6), xycoords=(text, "data"), xytext=(3, 0), textcoords="offset points",
            size=14, va="center", color=colors.get(part, INK),
        )  # fmt: skip


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


def _centres(span: tuple[float, float], size: int) -> Float[Array, " N"]:
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


def _arrows(t: int) -> Float[Array, "3 2 2"]:
    """From where to where the arrows of step t run: W_xh, W_hh, W_hq."""
    middle, half = sum(HIDDEN) / 2, WIDTH / 2
    up = [(t, X[1] + 0.04), (t, HIDDEN[0] - 0.14)]
    across = [(t - 1 + half + 0.04, middle), (t - half - 0.13, middle)]
    out = [(t, HIDDEN[1] + 0.04), (t, OUT[0] - 0.14)]
    return np.array([up, across, out])


def _draw(artists: Artists, reading: Reading, carry: bool) -> None:
    """All steps of the text; the veil then hides those to come."""
    shown, x, h, p = reading
    order = np.argsort(-p, axis=1)[:, :TOP]
    best = np.take_along_axis(p, order, 1)
    _fill(artists["x"], x, 1)
    _fill(artists["h"], h, 0)
    _fill(artists["o"], best, 1)
    steps = range(1, len(shown) + 1)
    for k, kind in enumerate(KINDS):
        lines, heads = artists[kind]
        segments = np.array([_arrows(t)[k] for t in steps if carry or kind != "across"]).reshape(-1, 2, 2)
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
