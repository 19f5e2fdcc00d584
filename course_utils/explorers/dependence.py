"""Which earlier characters does a prediction depend on? A text, coloured by the gradient of one prediction."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import BoundedIntText, IntSlider, ToggleButtons
from jaxtyping import Float, Int
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, encoded_characters, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.losses import cross_entropy
from course_utils.math import softmax
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.plots.glyphs import Letters, visible
from course_utils.plots.gradients import DECADES, HIGHLIGHTER, relative_strength
from course_utils.plots.page import Page, lay_out
from course_utils.plots.palette import BLUE, INK, MUTED, RED
from course_utils.text.characters import ALPHABET, spell
from course_utils.tree import Array

COLUMNS, LINES, LONGEST, START = 80, 5, 320, 144
"""Size of the page, how many characters of a review it shows, and where the slider starts."""


class Reading(NamedTuple):
    """A text, its place on the page, and what the model computed while reading it."""

    tokens: Int[Array, "T"]
    text: str
    page: Page
    logits: Float[Array, "S V"]
    trace: Any


def dependence_explorer(
    model: RecurrentLanguageModel, *, ours: Review = EXAMPLES[2], reviews: Sequence[Review] | None = None
) -> Explorer:
    """Controls: which review (0 is `ours`, the others as `load_reviews` numbers them), how much is read, the unit.

    The gradient is that of -log p(next character) by the vector of every character read. For words it is the norm over
    all characters of a word and the blank after it. Works with any recurrent layer inside the model.
    """
    corpus = load_reviews() if reviews is None else reviews

    @lru_cache(maxsize=8)
    def read(number: int) -> Reading:
        tokens = encoded_characters([corpus[number - 1] if number else ours])[:LONGEST]
        text = spell(tokens)
        return Reading(tokens, text, lay_out(text, columns=COLUMNS), *model.forward(tokens[:-1]))

    @lru_cache(maxsize=512)
    def strength(number: int, t: int, unit: str) -> Float[Array, "T"]:
        tokens, text, _, logits, trace = read(number)
        _, dlogits = cross_entropy(logits, tokens[1:], np.arange(len(logits)) == t - 1)
        each = np.linalg.norm(model.backward(dlogits, trace)[2].embedding.e[:t].astype(np.float64), axis=-1)
        if unit == "characters":
            return each
        word = np.cumsum([0, *(c == " " for c in text[: t - 1])])
        return np.sqrt(np.bincount(word, each**2))[word]

    number = BoundedIntText(0, 0, len(corpus), description="review (0 is ours)", continuous_update=False)
    t = IntSlider(START, 1, len(read(0).tokens) - 1, description="t characters read")
    unit = ToggleButtons(options=["characters", "words"], description="colour")

    def fit_slider(_: Any) -> None:
        t.max = len(read(number.value).tokens) - 1

    number.observe(fit_slider, "value")

    def update(artists: Artists, number: int, t: int, unit: str) -> None:
        reading = read(number)
        t = min(t, len(reading.tokens) - 1)
        shown, boxes = strength(number, t, unit), reading.page.boxes()
        artists["colours"].set_verts(boxes[:t])
        artists["colours"].set_array(relative_strength(shown))
        artists["frame"].set_verts(boxes[t : t + 1])
        artists["read"].set_path(reading.page.letters(reading.text, slice(t + 1)))
        artists["rest"].set_path(reading.page.letters(reading.text, slice(t + 1, None)))
        artists["curve"].set_data(np.arange(1, t + 1), np.where(shown > 0, shown, np.nan)[::-1])
        guesses = f"expects {expected(number, t)}; what comes is {quoted(reading.text[t])}"
        artists["guesses"].put([guesses], np.array([[0.99, 0.92]]))

    def expected(number: int, t: int) -> str:
        p = softmax(read(number).logits[t - 1].astype(np.float64))
        return ", ".join(f"{quoted(ALPHABET[k])} {p[k]:.0%}" for k in np.argsort(-p)[:3])

    def describe(number: int, t: int, unit: str) -> str:
        each = strength(number, t, "characters")[::-1]
        share = np.sqrt(np.cumsum(each**2) / max(np.sum(each**2), 1e-300))
        reach = int(np.searchsorted(share, 0.99)) + 1
        one_percent = np.flatnonzero(each >= 0.01 * each.max())[-1] + 1
        return (
            f"After {t} characters the model expects {expected(number, t)}. The last {reach} characters hold 99% of the "
            f"gradient's length; the furthest one with at least a hundredth of the strongest is {one_percent} back."
            f" Each of the {unit} has one colour."
        )

    controls = {"number": number, "t": t, "unit": unit}
    return Explorer("DependenceExplorer", _setup, update, controls, describe=describe, figsize=(10.0, 4.6))


def quoted(character: str) -> str:
    """A character in quotation marks; the signs for those that leave no ink need none."""
    return visible(character) if character.isspace() else f"“{character}”"


def _setup(figure: Figure, **_: Any) -> Artists:
    text, curve = figure.subplots(2, height_ratios=(1, 1.1))
    lay_out(" ", columns=COLUMNS).frame(text, columns=COLUMNS, lines=LINES)
    text.set_title("What the prediction of the framed character depends on")
    empty: list[Array] = []
    colours = PolyCollection(empty, cmap=HIGHLIGHTER, norm=DECADES, array=np.zeros(0))
    frame = PolyCollection(empty, facecolors="none", edgecolors=RED, lw=1.8)
    read = PathPatch(Path(np.empty((0, 2))), color=INK, lw=0, zorder=3)
    rest = PathPatch(Path(np.empty((0, 2))), color=MUTED, lw=0, zorder=3)
    for artist in (colours, frame):
        text.add_collection(artist, autolim=False)
    for patch in (read, rest):
        text.add_patch(patch)
    bar = figure.colorbar(colours, ax=text, fraction=0.025, pad=0.01, label="relative to the\nstrongest")
    bar.ax.tick_params(labelsize=8)
    curve.set(xlim=(0, 60), yscale="log", ylim=(1e-12, 1e1), xlabel="distance (characters back)")
    curve.set_ylabel("gradient norm\n(nats per unit)")
    (line,) = curve.plot([], [], color=BLUE)
    guesses = Letters(curve, size=10.5, family="sans-serif", align=1.0, transform=curve.transAxes)
    return {"colours": colours, "frame": frame, "read": read, "rest": rest, "curve": line, "guesses": guesses}
