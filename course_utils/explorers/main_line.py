"""One memory cell over a text, as the main line of a story: what each word put into it, and what is still there."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import IntSlider
from jaxtyping import Float, Int
from matplotlib.figure import Figure

from course_utils.analysis.gates import contributions
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import text_source
from course_utils.math import sigmoid
from course_utils.plots.bands import column
from course_utils.plots.glyphs import Letters
from course_utils.plots.page import Page, TextPanel, lay_out
from course_utils.plots.palette import GATES, MUTED, YELLOW
from course_utils.plots.rnn import PALE
from course_utils.pretrained.first_reader import FirstReader, first_reader
from course_utils.text.preprocessing import words
from course_utils.tree import Array

COLUMNS, LINES, WORDS = 96, 4, 60
"""Size of the page, and how many words of a text it shows."""


class Story(NamedTuple):
    """A text, its place on the page, what the reader's LSTM and its opinion did at every word, and the order of units."""

    words: list[str]
    page: Page
    trace: Any
    opinion: Float[Array, "T"]
    order: Int[Array, "H"]


def main_line_explorer(
    text: str = EXAMPLES[2].text, *, reader: FirstReader | None = None, reviews: Sequence[Review] | None = None
) -> Explorer:
    """Controls: a text, or a review instead; the words read; which of the reader's units.

    Units are ranked by how far their forget gate is open over this text, so the longest memory comes first. The
    colours of the words are the contributions to the unit's cell, which add up to it.
    """
    reader = reader or first_reader()
    corpus = load_reviews() if reviews is None else reviews
    weights = reader.model.readout.W[:, 0]

    controls = {
        **text_source(corpus, text),
        "t": IntSlider(WORDS, 1, WORDS, description="t  words read"),
        "unit": IntSlider(1, 1, len(weights), description="unit, the longest memory first"),
    }
    return Explorer(
        "MainLineExplorer",
        controls,
        compute={"story": partial(read, reader, corpus), "put_in": put_in},
        setup=_setup,
        update=(_show_text, _update),
        describe=partial(_describe, weights),
        limits={"t": lambda story: len(story.words)},
        to_end=("t",),
        figsize=(10.5, 5.3),
    )


def read(reader: FirstReader, corpus: Sequence[Review], text: str, review: int) -> Story:
    """What the reader does with the first words of the text, or of the review. Raises ValueError for a blank text."""
    chosen = corpus[review - 1].text if review else text
    if not chosen.strip():
        raise ValueError("Type a sentence and press Enter, or choose a real review.")
    found = words(chosen)[:WORDS]
    logits, trace = reader.model.forward(reader.vocabulary.encode(found))
    lstm = trace.recurrent
    order = np.argsort(-lstm.f.mean(axis=0))
    return Story(found, lay_out(found, columns=COLUMNS, gap=1), lstm, sigmoid(logits[:, 0]), order)


def put_in(story: Story, t: int) -> Float[Array, "S H"]:
    """What each of the first t words has put into the cell of each unit, as far as it is still there."""
    return contributions(story.trace, t - 1)


def _show_text(artists: Artists, story: Story) -> None:
    artists["text"].letters.set_path(story.page.letters(story.words))


def _update(artists: Artists, story: Story, put_in: Float[Array, "S H"], t: int, unit: int) -> None:
    text, boxes, u = artists["text"], story.page.boxes(), story.order[unit - 1]
    parts = put_in[:, u]
    limit = float(np.abs(parts).max()) or 1.0
    text.boxes.set_verts(boxes[:t])
    text.boxes.set_array(parts)
    text.boxes.set_clim(-limit, limit)
    text.frame.set_verts(boxes[t - 1 : t])
    cell, steps = story.trace.c[:, u], np.arange(len(story.words) + 1)
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
    note = f"after “{story.words[t - 1]}”: c = {cell[t]:.2f}, opinion {story.opinion[t - 1]:.0%} positive ({verdict})"
    artists["note"].put([note], np.array([[0.995, 0.1 if cell[t] > 0 else 0.9]]))


def _describe(weights: Float[Array, "H"], story: Story, put_in: Float[Array, "S H"], t: int, unit: int) -> str:
    u, gates = story.order[unit - 1], story.trace
    parts = put_in[:, u]
    most = int(np.abs(parts).argmax())
    sign = "praise" if weights[u] > 0 else "complaint"
    kept = float(np.prod(gates.f[most + 1 : t, u]))
    return (
        f"Unit {unit}: above 0 it speaks for {sign}. At “{story.words[t - 1]}” its gates are f = {gates.f[t - 1, u]:.2f}, "
        f"i = {gates.i[t - 1, u]:.2f}, o = {gates.o[t - 1, u]:.2f}. No word has more to say in its cell than "
        f"“{story.words[most]}”: {parts[most]:+.2f} of {gates.c[t, u]:+.2f}; {kept:.0%} of what it put in is left. "
        "Blue words push the cell up, red ones down."
    )


def _setup(figure: Figure) -> Artists:
    text, cell, gates = figure.subplots(3, height_ratios=(0.95, 1.25, 1))
    panel = TextPanel.on(text, columns=COLUMNS, lines=LINES, cmap=PALE, array=np.zeros(0))
    text.set_title("What each word has put into the cell, as far as it is still there")
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
        "text": panel,
        "rest": rest,
        "c": c,
        "h": h,
        "gates": lines,
        "kept": kept,
        "here": here,
        "note": note,
    }
