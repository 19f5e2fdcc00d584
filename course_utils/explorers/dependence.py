"""Which earlier characters does a prediction depend on? A text, coloured by the gradient of one prediction."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import IntSlider, ToggleButtons
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, encoded_characters, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import text_source
from course_utils.losses import cross_entropy
from course_utils.math import softmax
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.plots.glyphs import Letters, visible
from course_utils.plots.gradients import DECADES, HIGHLIGHTER, relative_strength
from course_utils.plots.page import Page, TextPanel, lay_out
from course_utils.plots.palette import BLUE, MUTED
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
    """Controls: a review instead of `ours`, how much is read, the unit that is coloured.

    The gradient is that of -log p(next character) by the vector of every character read. For words it is the norm over
    all characters of a word and the blank after it. Works with any recurrent layer inside the model.
    """
    corpus = load_reviews() if reviews is None else reviews

    controls = {
        **text_source(corpus),
        "t": IntSlider(START, 1, LONGEST, description="t characters read"),
        "unit": ToggleButtons(options=["characters", "words"], description="colour"),
    }
    return Explorer(
        "DependenceExplorer",
        controls,
        compute={"reading": partial(read, model, corpus, ours), "strength": partial(strength, model)},
        setup=_setup,
        update=_update,
        describe=_describe,
        limits={"t": lambda reading: len(reading.tokens) - 1},
        figsize=(10.0, 4.6),
    )


def read(model: RecurrentLanguageModel, corpus: Sequence[Review], ours: Review, review: int) -> Reading:
    """As much of the review as fits the page; the last character is only predicted."""
    tokens = encoded_characters([corpus[review - 1] if review else ours])[:LONGEST]
    text = spell(tokens)
    return Reading(tokens, text, lay_out(text, columns=COLUMNS), *model.forward(tokens[:-1]))


def strength(model: RecurrentLanguageModel, reading: Reading, t: int) -> Float[Array, "T"]:
    """The norm of the gradient of -log p(character t + 1) by the vector of each of the first t characters."""
    _, dlogits = cross_entropy(reading.logits, reading.tokens[1:], np.arange(len(reading.logits)) == t - 1)
    return np.linalg.norm(model.backward(dlogits, reading.trace)[2].embedding.e[:t].astype(np.float64), axis=-1)


def by_word(each: Float[Array, "T"], text: str) -> Float[Array, "T"]:
    """The norm over all characters of a word and the blank after it, at each of them."""
    word = np.cumsum([0, *(c == " " for c in text[: len(each) - 1])])
    return np.sqrt(np.bincount(word, each**2))[word]


def expected(reading: Reading, t: int) -> str:
    """The three likeliest characters after the first t."""
    p = softmax(reading.logits[t - 1].astype(np.float64))
    return ", ".join(f"{quoted(ALPHABET[k])} {p[k]:.0%}" for k in np.argsort(-p)[:3])


def quoted(character: str) -> str:
    """A character in quotation marks; the signs for those that leave no ink need none."""
    return visible(character) if character.isspace() else f"“{character}”"


def _update(artists: Artists, reading: Reading, strength: Float[Array, "T"], t: int, unit: str) -> None:
    shown = strength if unit == "characters" else by_word(strength, reading.text)
    panel, boxes = artists["text"], reading.page.boxes()
    panel.boxes.set_verts(boxes[:t])
    panel.boxes.set_array(relative_strength(shown))
    panel.frame.set_verts(boxes[t : t + 1])
    panel.letters.set_path(reading.page.letters(reading.text, slice(t + 1)))
    artists["rest"].set_path(reading.page.letters(reading.text, slice(t + 1, None)))
    artists["curve"].set_data(np.arange(1, t + 1), np.where(shown > 0, shown, np.nan)[::-1])
    guesses = f"expects {expected(reading, t)}; what comes is {quoted(reading.text[t])}"
    artists["guesses"].put([guesses], np.array([[0.99, 0.92]]))


def _describe(reading: Reading, strength: Float[Array, "T"], t: int, unit: str) -> str:
    each = strength[::-1]
    share = np.sqrt(np.cumsum(each**2) / max(np.sum(each**2), 1e-300))
    reach = int(np.searchsorted(share, 0.99)) + 1
    one_percent = np.flatnonzero(each >= 0.01 * each.max())[-1] + 1
    return (
        f"After {t} characters the model expects {expected(reading, t)}. The last {reach} characters hold 99% of the "
        f"gradient's length; the furthest one with at least a hundredth of the strongest is {one_percent} back."
        f" Each of the {unit} has one colour."
    )


def _setup(figure: Figure) -> Artists:
    text, curve = figure.subplots(2, height_ratios=(1, 1.1))
    panel = TextPanel.on(text, columns=COLUMNS, lines=LINES, cmap=HIGHLIGHTER, norm=DECADES, array=np.zeros(0))
    rest = text.add_patch(PathPatch(Path(np.empty((0, 2))), color=MUTED, lw=0, zorder=3))
    text.set_title("What the prediction of the framed character depends on")
    bar = figure.colorbar(panel.boxes, ax=text, fraction=0.025, pad=0.01, label="relative to the\nstrongest")
    bar.ax.tick_params(labelsize=8)
    curve.set(xlim=(0, 60), yscale="log", ylim=(1e-12, 1e1), xlabel="distance (characters back)")
    curve.set_ylabel("gradient norm\n(nats per unit)")
    (line,) = curve.plot([], [], color=BLUE)
    guesses = Letters(curve, size=10.5, family="sans-serif", align=1.0, transform=curve.transAxes)
    return {"text": panel, "rest": rest, "curve": line, "guesses": guesses}
