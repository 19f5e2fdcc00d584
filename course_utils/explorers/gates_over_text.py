"""Gates over a text, word by word: what each unit's gate did, and how the opinion at one word depends on it."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import Dropdown, IntSlider, ToggleButtons
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from course_utils.analysis.gates import products, values
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import text_source
from course_utils.math import sigmoid
from course_utils.models.recurrent import RecurrentReader
from course_utils.plots.bands import column
from course_utils.plots.gates import NAMES, SIGMOIDS, shades
from course_utils.plots.glyphs import Letters
from course_utils.plots.gradients import HIGHLIGHTER
from course_utils.plots.palette import DIVERGING, INK, LABELS, MUTED, RED
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array

WORDS = 34
"""So many words of a review are shown: the first ones."""


class Reading(NamedTuple):
    """The words, what the model computed, what its gated layer computed, how probably the review is positive; and which
    gate keeps the memory, by which the units are ordered, the longest memory first."""

    words: list[str]
    whole: Any
    trace: Any
    opinion: Float[Array, "T"]
    keep: str
    units: Int[Array, "H"]


def gates_over_text_explorer(
    model: RecurrentReader,
    vocabulary: Vocabulary,
    *,
    parts: Sequence[str] = ("r", "z", "h_tilde", "h"),
    keep: str = "z",
    ours: Review = EXAMPLES[2],
    reviews: Sequence[Review] | None = None,
) -> Explorer:
    """Controls: a review instead of `ours`, words read, which part, whether its gradient.

    `model` has a gated layer and one output: after every word, how positive the review is (log odds). `parts` of the
    layer's trace can be looked at; `keep` is the gate that multiplies the old state: z of a GRU, f of an LSTM. Gradients
    are those of the log odds after the word t.
    """
    corpus = load_reviews() if reviews is None else reviews
    controls = {
        **text_source(corpus),
        "t": IntSlider(WORDS, 1, WORDS, description="t words read"),
        "gate": Dropdown(options=[(_plain(part), part) for part in parts], value=keep, description="part"),
        "show": ToggleButtons(options=["values", "gradients"], description="show its"),
    }
    return Explorer(
        "GatesOverTextExplorer",
        controls,
        compute={
            "reading": partial(read, model, vocabulary, keep, corpus, ours),
            "gradient": partial(gradient, model),
            "cells": cells_of,
            "left": left,
        },
        setup=_setup,
        update=_update,
        describe=_describe,
        limits={"t": lambda reading: len(reading.words)},
        figsize=(10.5, 5.8),
    )


def read(
    model: RecurrentReader, vocabulary: Vocabulary, keep: str, corpus: Sequence[Review], ours: Review, review: int
) -> Reading:
    """What the model does with the first words of the review."""
    found = words((corpus[review - 1] if review else ours).text)[:WORDS]
    logits, trace = model.forward(vocabulary.encode(found))
    units = np.argsort(-values(trace.recurrent, keep).mean(axis=0))
    return Reading(found, trace, trace.recurrent, sigmoid(logits[:, 0]), keep, units)


def gradient(model: RecurrentReader, reading: Reading, t: int, show: str) -> Any:
    """Of the log odds after word t, by everything in the trace of the gated layer; None where nobody looks at it."""
    if show == "values":
        return None
    dlogits = np.zeros_like(reading.opinion)[:, None]
    dlogits[t - 1] = 1
    return model.backward(dlogits, reading.whole)[2].recurrent


def cells_of(reading: Reading, gradient: Any, t: int, gate: str) -> Float[Array, "H T"]:
    """What the heatmap shows of the words read, a row per unit."""
    return values(reading.trace if gradient is None else gradient, gate)[:t, reading.units].T


def left(reading: Reading, t: int) -> Float[Array, "T"]:
    """Share of the memory after each word that the products of `keep` leave until after word t."""
    kept = values(reading.trace, reading.keep)[:t]
    return np.array([products(kept, s)[-1].mean() for s in range(t)])


def _update(
    artists: Artists,
    reading: Reading,
    cells: Float[Array, "H T"],
    left: Float[Array, "T"],
    t: int,
    gate: str,
    show: str,
) -> None:
    shut = gate in SIGMOIDS and show == "values"
    limit = 1.0 if show == "values" and gate != "c" else float(np.abs(cells).max()) or 1.0
    artists["units"].set(cmap=shades(gate) if shut else DIVERGING, clim=(0 if shut else -limit, limit))
    artists["units"].set_array(_padded(cells))
    artists["left"].set_array(_padded(left[None]))
    opinion = reading.opinion[:t]
    artists["opinion"].set_data(np.arange(t), opinion)
    artists["now"].set_data([t - 1], [opinion[-1]])
    artists["now"].set_color(LABELS[int(opinion[-1] > 0.5)])
    for frame in artists["frames"]:
        frame.set_x(t - 1.5)
    places = np.stack([np.arange(WORDS) + 0.15, np.full(WORDS, -0.06)], axis=1)
    steps = range(len(reading.words))
    colors, bold = [INK if k < t else MUTED for k in steps], [k == t - 1 for k in steps]
    artists["words"].put(reading.words, places, colors=colors, bold=bold)
    scale = "white: 0, shut; full colour: 1, open" if shut else f"red: -{limit:.2g}, white: 0, blue: {limit:.2g}"
    whose = "log odds by the " if show == "gradients" else ""
    title = f"{'Gradient of the ' if whose else ''}{whose}{_plain(gate)} at every word, a row per unit ({scale})"
    artists["title"].put([title], np.array([[0.0, 1.07]]))


def _describe(
    reading: Reading, cells: Float[Array, "H T"], left: Float[Array, "T"], t: int, gate: str, show: str
) -> str:
    far = int(np.flatnonzero(left >= 0.1)[0])
    strongest = reading.words[int(np.abs(cells).mean(axis=0).argmax())]
    most = "moves it most" if show == "gradients" else "is largest" if gate not in SIGMOIDS else "is most open"
    return (
        f"After “{reading.words[t - 1]}” (word {t}) the review is positive, the model thinks, with a probability "
        f"of {reading.opinion[t - 1]:.0%}. On average over its units, a tenth or more is left of the {_memory(reading)} "
        f"after each word from “{reading.words[far]}” on. The {_plain(gate)} {most} at “{strongest}”."
    )


def _memory(reading: Reading) -> str:
    return "cell" if reading.keep == "f" else "state"


def _plain(part: str) -> str:
    """ "update gate z" instead of "update gate $z$", and just "candidate" for one with a tilde."""
    name, _, symbol = NAMES.get(part, part).replace("$", "").rpartition(" ")
    return name.removesuffix(r" \tilde") if "tilde" in name else f"{name} {symbol}".strip()


def _padded(cells: Float[Array, "N T"]) -> Float[Array, "N W"]:
    return np.pad(cells.astype(float), ((0, 0), (0, WORDS - cells.shape[1])), constant_values=np.nan)


def _mesh(ax: Axes, rows: int, **look: Any) -> QuadMesh:
    """Empty cells, the first row on top; unlike an image, it colours cells and not all the pixels that they cover."""
    mesh = ax.pcolormesh(np.arange(WORDS + 1) - 0.5, np.arange(rows + 1), np.full((rows, WORDS), np.nan), **look)
    ax.invert_yaxis()
    return mesh


def _setup(figure: Figure, reading: Reading) -> Artists:
    rows: list[Axes] = list(figure.subplots(3, sharex=True, height_ratios=(1.0, 0.22, 2.0)))
    opinion, strip, units = rows
    opinion.set(ylim=(-0.04, 1.04), yticks=(0, 0.5, 1), xlim=(-0.5, WORDS - 0.5))
    opinion.set_yticklabels(["negative", "undecided", "positive"])
    opinion.set_title("What the model thinks of the film so far")
    (line,) = opinion.plot([], [], color=INK, lw=1.5)
    (now,) = opinion.plot([], [], "o", ms=8)
    left = _mesh(strip, 1, cmap=HIGHLIGHTER, vmin=0, vmax=1)
    strip.set_title(f"How much of the {_memory(reading)} after each word is still there (white: nothing, orange: all)")
    strip.set_yticks([])
    cells = _mesh(units, len(reading.units))
    units.set(ylabel="units, the longest\nmemory on top", yticks=[], xticks=range(WORDS))
    units.set_title(" ")
    units.set_xticklabels(["xxxxxxxxxxx"] * WORDS, rotation=50, ha="right", color="none")  # room for the words
    for ax in rows:
        ax.tick_params(bottom=False)
        ax.grid(visible=False)
    names = Letters(units, size=9.5, family="sans-serif", align=1.0, transform=units.get_xaxis_transform())
    names.set_transform(Affine2D().scale(9.5 / 72).rotate_deg(50) + figure.dpi_scale_trans)
    title = Letters(units, size=11.0, family="sans-serif", align=0.0, transform=units.transAxes)
    for letters in (names, title):
        letters.set_clip_on(False)
    frames = [column(ax, 0.0, 1.0, facecolor="none", edgecolor=RED, lw=1.6, zorder=4) for ax in (strip, units)]
    return {
        "units": cells,
        "left": left,
        "opinion": line,
        "now": now,
        "frames": frames,
        "words": names,
        "title": title,
    }
