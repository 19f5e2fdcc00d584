"""One memory cell over a text, as the main line of a story: what each word put into it, and what is still there."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import IntSlider, Layout, Text
from jaxtyping import Float, Int
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from course_utils.analysis.gates import contributions
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.math import sigmoid
from course_utils.plots.bands import column
from course_utils.plots.glyphs import Letters
from course_utils.plots.page import Page, lay_out
from course_utils.plots.palette import GATES, INK, MUTED, RED, YELLOW
from course_utils.plots.rnn import PALE
from course_utils.pretrained.first_reader import FirstReader, first_reader
from course_utils.text.preprocessing import words
from course_utils.tree import Array

COLUMNS, LINES, WORDS = 96, 4, 60
"""Size of the page, and how many words of a text it shows."""


class Story(NamedTuple):
    """A text, its place on the page, what the reader's LSTM and its opinion did at every word, and the order of units."""

    tokens: list[str]
    page: Page
    trace: Any
    opinion: Float[Array, "T"]
    order: Int[Array, "H"]


def main_line_explorer(
    text: str = EXAMPLES[2].text, *, reader: FirstReader | None = None, reviews: Sequence[Review] | None = None
) -> Explorer:
    """Controls: a text, or the number of a review (from 1 on); the words read; which of the reader's units.

    Units are ranked by how far their forget gate is open over this text, so the longest memory comes first. The
    colours of the words are the contributions to the unit's cell, which add up to it.
    """
    reader = reader or first_reader()
    corpus = load_reviews() if reviews is None else reviews
    weights = reader.model.layers[2].W[:, 0]

    @lru_cache(maxsize=8)
    def read(text: str) -> Story:
        text = text.strip()
        if text.isdecimal():
            if not 1 <= int(text) <= len(corpus):
                raise ValueError(f"There are reviews 1 to {len(corpus):,}; or type a sentence.")
            text = corpus[int(text) - 1].text
        tokens = words(text)[:WORDS] if text else []
        if not tokens:
            raise ValueError("Type a sentence, or the number of a review, and press Enter.")
        logits, trace = reader.model.forward(reader.vocabulary.encode(tokens))
        order = np.argsort(-trace.layers[1].f.mean(axis=0))
        return Story(tokens, lay_out(tokens, columns=COLUMNS, gap=1), trace.layers[1], sigmoid(logits[:, 0]), order)

    @lru_cache(maxsize=256)
    def put_in(text: str, t: int) -> Float[Array, "S H"]:
        return contributions(read(text).trace, t - 1)

    def length(text: str) -> int:
        try:
            return len(read(text).tokens)
        except ValueError:
            return 1

    typed = Text(
        text, description="text, or the number of a review", continuous_update=False, layout=Layout(width="52em")
    )
    t = IntSlider(1, 1, length(text), description="t  words read")
    t.value = t.max

    def fit_slider(_: Any) -> None:
        t.max = t.value = length(typed.value)

    typed.observe(fit_slider, "value")
    drawn: list[Story | None] = [None]

    def update(artists: Artists, text: str, t: int, unit: int) -> None:
        story = read(text)
        t, u = min(t, len(story.tokens)), story.order[unit - 1]
        boxes = story.page.boxes()
        if drawn[0] is not story:
            artists["letters"].set_path(story.page.letters(story.tokens))
            drawn[0] = story
        parts = put_in(text, t)[:, u]
        artists["boxes"].set_verts(boxes[:t])
        artists["boxes"].set_array(parts)
        limit = float(np.abs(parts).max()) or 1.0
        artists["boxes"].set_clim(-limit, limit)
        artists["frame"].set_verts(boxes[t - 1 : t])
        cell, steps = story.trace.c[:, u], np.arange(len(story.tokens) + 1)
        artists["c"].set_data(steps[: t + 1], cell[: t + 1])
        artists["rest"].set_data(steps, cell)
        artists["h"].set_data(steps[1 : t + 1], story.trace.h[1 : t + 1, u])
        for line, gate in zip(artists["gates"], (story.trace.i, story.trace.f, story.trace.o), strict=True):
            line.set_data(steps[1:], gate[:, u])
        kept = np.cumprod(np.concatenate([[1.0], story.trace.f[1:t, u][::-1]]))[::-1]
        artists["kept"].set_data(steps[1 : t + 1], kept)
        for band in artists["here"]:
            band.set_x(t - 0.5)
        verdict = "praise" if story.opinion[t - 1] > 0.5 else "complaint"
        note = (
            f"after “{story.tokens[t - 1]}”: c = {cell[t]:.2f}, opinion {story.opinion[t - 1]:.0%} positive ({verdict})"
        )
        artists["note"].put([note], np.array([[0.995, 0.1 if cell[t] > 0 else 0.9]]))

    def describe(text: str, t: int, unit: int) -> str:
        story = read(text)
        t, u = min(t, len(story.tokens)), story.order[unit - 1]
        parts, gates = put_in(text, t)[:, u], story.trace
        most = int(np.abs(parts).argmax())
        sign = "praise" if weights[u] > 0 else "complaint"
        kept = float(np.prod(gates.f[most + 1 : t, u]))
        return (
            f"Unit {unit}: above 0 it speaks for {sign}. At “{story.tokens[t - 1]}” its gates are f = {gates.f[t - 1, u]:.2f}, "
            f"i = {gates.i[t - 1, u]:.2f}, o = {gates.o[t - 1, u]:.2f}. No word has more to say in its cell than "
            f"“{story.tokens[most]}”: {parts[most]:+.2f} of {gates.c[t, u]:+.2f}; {kept:.0%} of what it put in is left. "
            "Blue words push the cell up, red ones down."
        )

    controls = {
        "text": typed,
        "t": t,
        "unit": IntSlider(1, 1, len(weights), description="unit, the longest memory first"),
    }
    return Explorer("MainLineExplorer", _setup, update, controls, describe=describe, figsize=(10.5, 5.3))


def _setup(figure: Figure, **_: Any) -> Artists:
    text, cell, gates = figure.subplots(3, height_ratios=(0.95, 1.25, 1))
    lay_out(" ", columns=COLUMNS).frame(text, columns=COLUMNS, lines=LINES)
    text.set_title("What each word has put into the cell, as far as it is still there")
    empty: list[Array] = []
    boxes = PolyCollection(empty, cmap=PALE, array=np.zeros(0))
    frame = PolyCollection(empty, facecolors="none", edgecolors=RED, lw=1.8)
    letters = PathPatch(Path(np.empty((0, 2))), color=INK, lw=0, zorder=3)
    for artist in (boxes, frame):
        text.add_collection(artist, autolim=False)
    text.add_patch(letters)
    cell.axhline(0, color=MUTED, lw=0.8)
    (rest,) = cell.plot([], [], color=GATES["c"], lw=1, alpha=0.35)
    (c,) = cell.plot([], [], color=GATES["c"], lw=2.4, label="cell $c$: the main line")
    (h,) = cell.plot([], [], color=GATES["h"], lw=1.4, label="state $h$: what is told")
    cell.set(xlim=(0, WORDS + 0.5), ylim=(-3.6, 3.6), ylabel="cell and state")
    lines = [
        gates.plot([], [], color=GATES[name], label=label, lw=1.6)[0]
        for name, label in {"i": "input $i$", "f": "forget $f$", "o": "output $o$"}.items()
    ]
    gates.set(xlim=(0, WORDS + 0.5), ylim=(0, 1.03), yticks=(0, 1), yticklabels=("shut", "open"), xlabel="words read")
    (kept,) = gates.plot([], [], color=GATES["f"], ls=":", lw=1.8, label="left at t: product of $f$")
    here = []
    for ax in (cell, gates):
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        ax.grid(axis="x", visible=False)
        here.append(column(ax, 0.0, 1.0, color=YELLOW, alpha=0.4, lw=0, zorder=0))
    note = Letters(cell, size=9.5, family="sans-serif", align=1.0, transform=cell.transAxes)
    return {
        "boxes": boxes, "frame": frame, "letters": letters, "rest": rest, "c": c, "h": h, "gates": lines, "kept": kept,
        "here": here, "note": note,
    }  # fmt: skip
