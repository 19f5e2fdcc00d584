"""Type a beginning: where a transformer looks, what it expects next at any temperature, and six ways it may go on."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import Dropdown, FloatLogSlider, FloatSlider, IntSlider
from jaxtyping import Float
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import typed
from course_utils.math import softmax
from course_utils.models.sampling import draw, next_token_probabilities
from course_utils.models.transformer import TransformerLanguageModel
from course_utils.plots.attention import WEIGHTS
from course_utils.plots.bars import percent
from course_utils.plots.glyphs import Letters, visible
from course_utils.plots.page import lay_out
from course_utils.plots.palette import GREEN, INK, MUTED
from course_utils.pretrained.character_models import transformer
from course_utils.text.characters import ALPHABET, encode, fold, spell
from course_utils.tree import Array

COLUMNS, LINES, TOP, WAYS, LENGTH = 56, 2, 10, 6, 10
"""The page of the context, bars, and how many continuations of how many characters."""


class Reading(NamedTuple):
    """What is read of the context; what comes after it, in log odds; where every head looks from there; the state."""

    shown: str
    logits: Float[Array, "V"]
    a: Float[Array, "L N T"]
    state: Any


def temperature_explorer(
    text: str = "the film was very well", *, model: TransformerLanguageModel | None = None
) -> Explorer:
    """Controls: the context, the head whose attention colours it, temperature, nucleus, and the seed of the samples.

    `model` is a transformer over `ALPHABET`; without it, the small trained one of the course. It reads the last 100
    characters of the context, a new line in front.
    """
    model = transformer() if model is None else model
    heads = [(level, n) for level, block in enumerate(model.transformer.blocks) for n in range(block.attention.N)]
    controls = {
        "context": typed(text, "context", width="34em"),
        "head": Dropdown(
            options=[(f"block {level + 1}, head {n + 1}", k) for k, (level, n) in enumerate(heads)],
            value=0,
            description="looks",
        ),
        "temperature": FloatLogSlider(
            1.0, min=-1, max=0.6, step=0.05, description="τ  temperature", readout_format=".2f"
        ),
        "top_p": FloatSlider(1.0, min=0.1, max=1.0, step=0.05, description="p  keep the likeliest"),
        "seed": IntSlider(0, 0, 30, description="seed"),
    }
    return Explorer(
        "TemperatureExplorer",
        controls,
        compute={"reading": partial(read, model), "p": next_letter, "ways": partial(ways_on, model)},
        setup=_setup,
        update=(_show_context, _show_bars, _show_ways),
        describe=_describe,
        figsize=(9.5, 4.2),
    )


def read(model: TransformerLanguageModel, context: str) -> Reading:
    """What the model makes of the end of the context, a new line in front."""
    shown = "\n" + fold(context)[12 - COLUMNS * LINES :]
    logits, trace = model.forward(encode(shown))
    a = np.stack([block.attention.a[:, -1] for block in trace.transformer.blocks])
    return Reading(shown, logits[-1], a, trace.state)


def next_letter(reading: Reading, temperature: float, top_p: float) -> Float[Array, "V"]:
    """The probability of every letter to come next."""
    return next_token_probabilities(reading.logits, temperature=temperature, top_p=top_p)


def ways_on(
    model: TransformerLanguageModel, reading: Reading, temperature: float, top_p: float, seed: int
) -> list[str]:
    """Six continuations, with the same random numbers whatever the temperature, so that only what it changes changes."""
    rng = np.random.default_rng(seed)
    state: Any = tuple(tuple(np.repeat(part[:, None], WAYS, axis=1) for part in one) for one in reading.state)
    logits, drawn = np.repeat(reading.logits[None], WAYS, axis=0), []
    for _ in range(LENGTH):
        if top_p < 1:
            p = next_token_probabilities(logits, temperature=temperature, top_p=top_p)
        else:  # the same, without sorting
            p = softmax(logits / temperature)
        drawn.append(draw(p, rng=rng))
        out, trace = model.forward(drawn[-1][None], state=state)
        logits, state = out[0], trace.state
    return ["".join(map(visible, spell(way))) for way in np.stack(drawn, axis=1)]


def _setup(figure: Figure) -> Artists:
    grid = figure.add_gridspec(2, 2, height_ratios=(1, 2.6), width_ratios=(1.6, 1))
    page, bars, text = (figure.add_subplot(grid[k]) for k in ((0, slice(None)), (1, 0), (1, 1)))
    blank = lay_out(["x"], columns=COLUMNS)
    blank.frame(page, columns=COLUMNS, lines=LINES)
    page.set_title("Where one head looks to guess what follows the last character (dark: much)", loc="left", size=11)
    colors = PolyCollection([])
    page.add_collection(colors)
    bars.set(xlim=(-0.14, 1.12), ylim=(TOP - 0.4, -0.7))
    bars.set_title("What comes next?", loc="left", size=11)
    bars.axis("off")
    text.set(xlim=(0, 1), ylim=(WAYS - 0.4, -0.7))
    text.set_title("Six ways to go on", loc="left", size=11)
    text.axis("off")
    return {
        "colors": colors,
        "context": page.add_patch(PathPatch(blank.letters([""]), facecolor=INK, lw=0)),
        "bars": list(bars.barh(range(TOP), [0] * TOP, height=0.74, color=GREEN)),
        "plain": list(bars.barh(range(TOP), [0] * TOP, height=0.74, fill=False, edgecolor=MUTED, lw=1)),
        "names": Letters(bars, size=12.0, align=1.0),
        "percent": Letters(bars, size=9.0, family="sans-serif", align=0.0),
        "ways": Letters(text, size=12.0, align=0.0),
    }


def _show_context(artists: Artists, reading: Reading, head: int) -> None:
    letters = list(reading.shown)
    page = lay_out(letters, columns=COLUMNS)
    artists["context"].set_path(page.letters(letters))
    artists["colors"].set_verts(page.boxes())
    artists["colors"].set_facecolor(
        WEIGHTS(np.sqrt(reading.a[divmod(head, reading.a.shape[1])]), alpha=0.55)
    )  # ink stays readable on it


def _show_bars(artists: Artists, reading: Reading, p: Float[Array, "V"]) -> None:
    plain = next_token_probabilities(reading.logits)
    best = np.argsort(-reading.logits, kind="stable")[:TOP]
    scale = max(p[best].max(), plain[best].max())
    for bar, frame, k in zip(artists["bars"], artists["plain"], best, strict=True):
        bar.set_width(p[k] / scale)
        frame.set_width(plain[k] / scale)
    rows = np.arange(TOP)
    artists["names"].put([visible(ALPHABET[k]) for k in best], np.column_stack([np.full(TOP, -0.03), rows]))
    ends = np.maximum(p[best], plain[best]) / scale + 0.015
    artists["percent"].put([percent(p[k]) for k in best], np.column_stack([ends, rows]), colors=MUTED)


def _show_ways(artists: Artists, ways: list[str]) -> None:
    artists["ways"].put([f"…{way}" for way in ways], np.column_stack([np.zeros(WAYS), np.arange(WAYS)]))


def _describe(reading: Reading, p: Float[Array, "V"], ways: list[str], head: int, temperature: float) -> str:
    level, n = divmod(head, reading.a.shape[1])
    furthest = len(reading.shown) - 1 - int(reading.a[level, n].argmax())
    likely, bits = int(p.argmax()), float(-(p[p > 0] * np.log2(p[p > 0])).sum())
    return (
        f"At temperature {temperature:.2f} the next character is “{visible(ALPHABET[likely])}” with {percent(p[likely])}; "
        f"{np.count_nonzero(p)} of {len(p)} characters can come, which leaves {bits:.2f} bits open. (Empty frames: "
        f"temperature 1.) Head {n + 1} of block {level + 1} looks most at "
        + ("the last character itself." if furthest == 0 else f"what stands {furthest} before the last character.")
        + f" The first of the six ways is “{ways[0]}”."
    )
