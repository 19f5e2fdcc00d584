"""A recurrent network unrolled over typed text: the same three matrices at every step, and the state they hand on."""

from functools import partial

import numpy as np
from ipywidgets import Checkbox, IntSlider

from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.rnn_drawing import STEPS, TOP, Reading, arrows, draw_matrices, draw_steps
from course_utils.explorers.text_source import typed
from course_utils.math import softmax
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.plots.glyphs import visible
from course_utils.pretrained.character_models import first_rnn
from course_utils.text.characters import ALPHABET, encode, fold

WORD = "the film was"


def unrolling_explorer(text: str = WORD, *, model: RecurrentLanguageModel | None = None) -> Explorer:
    """Controls: the text (its first 12 characters), how many steps to unroll, and whether the state is carried on.

    `model` is a character model over `ALPHABET` with an `RNN` inside; without it, the small trained one of the course.
    """
    model = first_rnn() if model is None else model

    matrices = model.recurrent.W_xh, model.recurrent.W_hh, model.readout.W
    controls = {
        "text": typed(text, "text (12 characters)", width="22em"),
        "t": IntSlider(0, 0, STEPS, description="t  steps unrolled"),
        "carry": Checkbox(True, description="carry the state h on", indent=False),
    }
    return Explorer(
        "UnrollingExplorer",
        controls,
        compute={"reading": partial(read, model)},
        setup=partial(draw_matrices, matrices=matrices),
        update=(draw_steps, _show_step),
        describe=_describe,
        limits={"t": lambda text: max(1, len(fold(text)[:STEPS]))},
        to_end=("t",),
        figsize=(11.5, 5.6),
        still=("x", "letters", "up", "out"),
        slow=("text",),
    )


def read(model: RecurrentLanguageModel, text: str, carry: bool) -> Reading:
    """What the model does with the first characters. Raises ValueError if it knows none of them."""
    shown = fold(text)[:STEPS]
    if not shown:
        raise ValueError("Type a few letters above and press Enter.")
    tokens = encode(shown)
    # Without memory, every step is a sequence of its own, of length 1: the steps become a batch.
    logits, trace = model.forward(tokens if carry else tokens[None])
    if carry:
        return Reading(shown, trace.recurrent.x, trace.recurrent.h, softmax(logits))
    h = np.concatenate([np.zeros_like(trace.recurrent.h[:1, 0]), trace.recurrent.h[1]])
    return Reading(shown, trace.recurrent.x[0], h, softmax(logits[0]))


def _show_step(artists: Artists, t: int, carry: bool) -> None:
    artists["veil"].set_x(t + 0.5)
    artists["frame"].set_x(t - 0.36)
    now = arrows(t)
    if not carry:
        now[1] = np.nan
    artists["now"].set_segments(now if t else [])


def _describe(reading: Reading, t: int, carry: bool) -> str:
    if t == 0:
        return "Nothing is read yet: the state h_0 is zero. The three matrices wait on the left."
    shown, p = reading.shown, reading.p[t - 1]
    guesses = ", ".join(f"“{visible(ALPHABET[k])}” {p[k]:.0%}" for k in np.argsort(-p)[:TOP])
    memory = f"of all of “{shown[:t]}”" if carry else f"of “{shown[t - 1]}” alone, for the state is cut"
    return f"Step {t} reads “{shown[t - 1]}”; h_{t} is made {memory}. The network expects next: {guesses}."
