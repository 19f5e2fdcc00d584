"""Make texts of many lengths one rectangle: pad the short ones, cut the long ones, at which end?"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from ipywidgets import BoundedIntText, IntSlider, Layout, ToggleButtons
from jaxtyping import Bool, Int
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.glyphs import Letters
from course_utils.plots.page import LINE, Page
from course_utils.plots.palette import INK, MUTED, RED
from course_utils.text.batching import End, align
from course_utils.text.preprocessing import words
from course_utils.tree import Array

B, STEPS, CELL, MARGIN = 6, 12, 10, 5
"""Texts in the batch, longest length; width of a cell and of the margins in characters."""


class Aligned(NamedTuple):
    """Texts, and which of their words (from 1 on) stands where, as `align` has it."""

    sentences: list[list[str]]
    numbers: Int[Array, "T B"]
    mask: Bool[Array, "T B"]


def first_sentence(text: str) -> list[str]:
    """The words up to and with the first full stop, ! or ?; all of them if there is none."""
    found = words(text)
    end = next((k for k, word in enumerate(found) if word in {".", "!", "?"}), len(found) - 1)
    return found[: end + 1]


def alignment_explorer(*, reviews: Sequence[Review] | None = None) -> Explorer:
    """Controls: the length T, where to pad, where to truncate, and which texts."""
    real = load_reviews() if reviews is None else reviews
    texts = (*EXAMPLES, *real)

    ends = [("front", "front"), ("back", "back")]
    controls = {
        "T": IntSlider(11, 2, STEPS, description="T  length"),
        "pad_at": ToggleButtons(options=ends, value="back", description="pad at the"),
        "truncate_at": ToggleButtons(options=ends, value="back", description="truncate at the"),
        "first": BoundedIntText(
            0,
            min=0,
            max=len(texts) - B,
            description=f"first review  0–{len(EXAMPLES) - 1} ours, then real",
            layout=Layout(width="26em"),
        ),
    }
    return Explorer(
        "AlignmentExplorer",
        controls,
        compute={"sentences": partial(sentences_from, texts), "now": aligned},
        setup=_setup,
        update=_update,
        describe=_describe,
        figsize=(11.0, 1.7),
    )


def sentences_from(texts: Sequence[Review], first: int) -> list[list[str]]:
    """The first sentence of each review of a batch."""
    return [first_sentence(review.text) for review in texts[first : first + B]]


def aligned(sentences: list[list[str]], T: int, pad_at: End, truncate_at: End) -> Aligned:
    """The places of their words in an array of T steps."""
    numbered = [np.arange(1, len(sentence) + 1) for sentence in sentences]
    return Aligned(sentences, *align(numbered, T, pad_at=pad_at, truncate_at=truncate_at))


def _setup(figure: Figure) -> Artists:
    ax = figure.subplots()
    ax.set(xlim=(-MARGIN, STEPS * CELL + MARGIN), ylim=(-(B - 1) * LINE - 1.1, LINE + 1.2), aspect="equal")
    ax.axis("off")
    steps = Letters(ax, size=9.0, family="sans-serif", align=0.5)
    cells = ax.add_collection(PolyCollection([], edgecolor="white", lw=1.5))
    padding = ax.add_collection(
        PolyCollection([], facecolor="white", edgecolor=MUTED, hatch="////", lw=0.8, alpha=0.55)
    )
    letters = ax.add_patch(PathPatch(Path(np.zeros((1, 2))), facecolor=INK, lw=0))
    cut = [Letters(ax, size=9.5, family="sans-serif", align=align) for align in (1.0, 0.0)]  # front, back
    return {"cells": cells, "padding": padding, "letters": letters, "cut": cut, "steps": steps}


def _update(artists: Artists, now: Aligned, T: int, truncate_at: End) -> None:
    sentences, numbers, mask = now
    places = np.stack([np.arange(T) * CELL + CELL / 2, np.full(T, LINE - 0.1)], axis=1)
    artists["steps"].put([f"t = {t}" for t in range(T)], places, colors=MUTED)
    t, b = np.nonzero(mask)
    shown = [_short(sentences[row][numbers[step, row] - 1]) for step, row in zip(t, b, strict=True)]
    width = np.array([len(word) for word in shown])
    centred = t * CELL + (CELL - width) / 2
    artists["letters"].set_path(Page(b, centred, width).letters(shown))
    artists["cells"].set_verts(_boxes(t, b))
    artists["cells"].set_facecolor("#dcebf5")
    artists["padding"].set_verts(_boxes(*np.nonzero(~mask)))
    lost = [len(sentence) - int(kept) for sentence, kept in zip(sentences, mask.sum(0), strict=True)]
    rows = [row for row in range(B) if lost[row]]
    for letters, end, x in zip(artists["cut"], ("front", "back"), (-0.8, T * CELL + 0.8), strict=True):
        here = rows if end == truncate_at else []
        places = np.array([(x, 0.35 - row * LINE) for row in here]).reshape(-1, 2)
        letters.put([f"−{lost[row]}" for row in here], places, colors=RED, bold=[True] * len(here))


def _describe(now: Aligned, T: int, pad_at: End, truncate_at: End) -> str:
    total, real, padding = sum(map(len, now.sentences)), int(now.mask.sum()), int((~now.mask).sum())
    return (
        f"{B} first sentences as an array of T = {T} steps. {real} of their {total} tokens are in it; {total - real} were "
        f"cut off at the {truncate_at} (red: how many). {padding} of {now.mask.size} places are padding at the {pad_at} "
        "(hatched), where the mask is False. In the array each of these rows is a column, because time comes first."
    )


def _short(word: str) -> str:
    return word if len(word) < CELL else word[: CELL - 2] + "…"


def _boxes(t: np.ndarray, b: np.ndarray) -> np.ndarray:
    left, below = t * CELL + 0.15, -b * LINE - 0.75
    x = np.stack([left, left + CELL - 0.3, left + CELL - 0.3, left], axis=1)
    y = np.stack([below, below, below + LINE - 0.25, below + LINE - 0.25], axis=1)
    return np.stack([x, y], axis=2)
