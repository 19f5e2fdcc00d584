"""A recurrent network unrolled over typed text: the same three matrices at every step, and the state they hand on."""

from functools import lru_cache
from typing import Any

import numpy as np
from ipywidgets import Checkbox, IntSlider, Layout, Text
from matplotlib.figure import Figure

from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.unrolled import STEPS, TOP, Reading, arrows, draw_matrices, draw_steps
from course_utils.math import softmax
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.plots.glyphs import visible
from course_utils.pretrained.character_models import first_rnn
from course_utils.text.characters import ALPHABET, fold

WORD = "the film was"


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
            return Reading(shown, trace.recurrent.x, trace.recurrent.h, softmax(logits))
        h = np.concatenate([np.zeros_like(trace.recurrent.h[:1, 0]), trace.recurrent.h[1]])
        return Reading(shown, trace.recurrent.x[0], h, softmax(logits[0]))

    word = Text(text, description="text (12 characters)", continuous_update=False)
    t = IntSlider(0, 0, STEPS, description="t  steps unrolled")
    carry = Checkbox(True, description="carry the state h on", indent=False)

    def fit_slider(_: Any = None) -> None:
        t.max = t.value = max(1, len(fold(word.value)[:STEPS]))

    fit_slider()
    word.observe(fit_slider, "value")

    drawn: list[Reading | None] = [None]

    def setup(figure: Figure, **_: Any) -> Artists:
        return draw_matrices(figure, (model.recurrent.W_xh, model.recurrent.W_hh, model.readout.W))

    def update(artists: Artists, text: str, t: int, carry: bool) -> None:
        reading = read(text, carry)
        if drawn[0] is not reading:
            draw_steps(artists, reading, carry)
            drawn[0] = reading
        artists["veil"].set_x(t + 0.5)
        artists["frame"].set_x(t - 0.36)
        now = arrows(t)
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
