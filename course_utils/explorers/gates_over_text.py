"""Gates over a text, word by word: what each unit's gate did, and how the opinion at one word depends on it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import BoundedIntText, Dropdown, IntSlider, ToggleButtons
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from course_utils.analysis.gates import products, values
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.layers.chain import Chain
from course_utils.math import sigmoid
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
    """The words, what the model computed, what its gated layer computed, and how probably the review is positive."""

    tokens: list[str]
    whole: Any
    trace: Any
    opinion: Float[Array, "T"]


def gates_over_text_explorer(
    model: Chain,
    vocabulary: Vocabulary,
    *,
    parts: Sequence[str] = ("r", "z", "h_tilde", "h"),
    keep: str = "z",
    ours: Review = EXAMPLES[2],
    reviews: Sequence[Review] | None = None,
) -> Explorer:
    """Controls: the review (0 is `ours`, others as `load_reviews` numbers them), words read, which part, its gradient.

    `model` chains an embedding, a gated layer and a linear layer with one output: after every word, how positive the
    review is (log odds). `parts` of the trace can be looked at; `keep` is the gate that multiplies the old state: z of
    a GRU, f of an LSTM. Gradients are those of the log odds after the word t.
    """
    corpus = load_reviews() if reviews is None else reviews
    gated = len(model.layers) - 2
    memory = "cell" if keep == "f" else "state"

    @lru_cache(maxsize=8)
    def read(number: int) -> Reading:
        tokens = words((corpus[number - 1] if number else ours).text)[:WORDS]
        logits, trace = model.forward(vocabulary.encode(tokens))
        return Reading(tokens, trace, trace.layers[gated], sigmoid(logits[:, 0]))

    @lru_cache(maxsize=256)
    def gradient(number: int, t: int) -> Any:
        reading = read(number)
        dlogits = np.zeros_like(reading.opinion)[:, None]
        dlogits[t - 1] = 1
        return model.backward(dlogits, reading.whole)[2].layers[gated]

    number = BoundedIntText(0, 0, len(corpus), description="review (0 is ours)", continuous_update=False)
    t = IntSlider(1, 1, len(read(0).tokens), description="t words read")
    t.value = t.max
    gate = Dropdown(options=[(_plain(part), part) for part in parts], value=keep, description="part")
    show = ToggleButtons(options=["values", "gradients"], description="show its")

    def fit_slider(_: Any) -> None:
        t.max = len(read(number.value).tokens)

    number.observe(fit_slider, "value")

    def drawn(number: int, t: int, gate: str, show: str) -> Float[Array, "H T"]:
        """What the heatmap shows of the words read, a row per unit; the units in the order of how long they keep."""
        trace = read(number).trace
        units = np.argsort(-values(trace, keep).mean(axis=0))
        return values(trace if show == "values" else gradient(number, t), gate)[:t, units].T

    def left(number: int, t: int) -> Float[Array, "T"]:
        """Share of the memory after each word that the products of `keep` leave until after word t."""
        kept = values(read(number).trace, keep)[:t]
        return np.array([products(kept, s)[-1].mean() for s in range(t)])

    def update(artists: Artists, number: int, t: int, gate: str, show: str) -> None:
        reading, t = read(number), min(t, len(read(number).tokens))
        cells, shut = drawn(number, t, gate, show), gate in SIGMOIDS and show == "values"
        limit = 1.0 if show == "values" and gate != "c" else float(np.abs(cells).max()) or 1.0
        artists["units"].set(cmap=shades(gate) if shut else DIVERGING, clim=(0 if shut else -limit, limit))
        artists["units"].set_array(_padded(cells))
        artists["left"].set_array(_padded(left(number, t)[None]))
        opinion = reading.opinion[:t]
        artists["opinion"].set_data(np.arange(t), opinion)
        artists["now"].set_data([t - 1], [opinion[-1]])
        artists["now"].set_color(LABELS[int(opinion[-1] > 0.5)])
        for frame in artists["frames"]:
            frame.set_x(t - 1.5)
        places = np.stack([np.arange(WORDS) + 0.15, np.full(WORDS, -0.06)], axis=1)
        colors = [INK if k < t else MUTED for k in range(len(reading.tokens))]
        artists["words"].put(
            reading.tokens, places, colors=colors, bold=[k == t - 1 for k in range(len(reading.tokens))]
        )
        scale = "white: 0, shut; full colour: 1, open" if shut else f"red: -{limit:.2g}, white: 0, blue: {limit:.2g}"
        whose = "log odds by the " if show == "gradients" else ""
        title = f"{'Gradient of the ' if whose else ''}{whose}{_plain(gate)} at every word, a row per unit ({scale})"
        artists["title"].put([title], np.array([[0.0, 1.07]]))

    def describe(number: int, t: int, gate: str, show: str) -> str:
        reading, t = read(number), min(t, len(read(number).tokens))
        still = left(number, t)
        far = int(np.flatnonzero(still >= 0.1)[0])
        cells = drawn(number, t, gate, show)
        strongest = reading.tokens[int(np.abs(cells).mean(axis=0).argmax())]
        most = "moves it most" if show == "gradients" else "is largest" if gate not in SIGMOIDS else "is most open"
        return (
            f"After “{reading.tokens[t - 1]}” (word {t}) the review is positive, the model thinks, with a probability "
            f"of {reading.opinion[t - 1]:.0%}. On average over its units, a tenth or more is left of the {memory} "
            f"after each word from “{reading.tokens[far]}” on. The {_plain(gate)} {most} at “{strongest}”."
        )

    controls = {"number": number, "t": t, "gate": gate, "show": show}
    H = values(read(0).trace, keep).shape[1]

    def setup(figure: Figure, **_: Any) -> Artists:
        return _setup(figure, H, memory)

    return Explorer("GatesOverTextExplorer", setup, update, controls, describe=describe, figsize=(10.5, 5.8))


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


def _setup(figure: Figure, H: int, memory: str) -> Artists:
    rows: list[Axes] = list(figure.subplots(3, sharex=True, height_ratios=(1.0, 0.22, 2.0)))
    opinion, strip, units = rows
    opinion.set(ylim=(-0.04, 1.04), yticks=(0, 0.5, 1), xlim=(-0.5, WORDS - 0.5))
    opinion.set_yticklabels(["negative", "undecided", "positive"])
    opinion.set_title("What the model thinks of the film so far")
    (line,) = opinion.plot([], [], color=INK, lw=1.5)
    (now,) = opinion.plot([], [], "o", ms=8)
    left = _mesh(strip, 1, cmap=HIGHLIGHTER, vmin=0, vmax=1)
    strip.set_title(f"How much of the {memory} after each word is still there (white: nothing, orange: all)")
    strip.set_yticks([])
    cells = _mesh(units, H)
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
        "units": cells, "left": left, "opinion": line, "now": now, "frames": frames, "words": names, "title": title,
    }  # fmt: skip
