"""What a pass from the left knows of a word, what a pass from the right knows, and what both do: blanks in a sentence."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from ipywidgets import IntSlider
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import text_source
from course_utils.models.perplexity import bits
from course_utils.plots.bars import corners
from course_utils.plots.bidirectional import DIRECTIONS, tint
from course_utils.plots.glyphs import Letters
from course_utils.plots.page import Page, TextPanel, lay_out
from course_utils.plots.palette import MUTED, RED
from course_utils.pretrained.word_filler import VIEWS, WordFiller
from course_utils.text.preprocessing import words as tokenise
from course_utils.tree import Array

START = "I was very disappointed."
COLUMNS, LINES, LONGEST, BEST = 84, 2, 24, 6
"""Size of the page, most words of a sentence, and how many guesses are shown."""


class Blanked(NamedTuple):
    """A sentence, its place on the page, the best guesses at every blank, and the surprise of the true word."""

    words: list[str]
    page: Page
    guesses: list[list[list[tuple[str, float]]]]
    surprise: Float[Array, "3 T"]


def direction_explorer(filler: WordFiller, *, text: str = START, reviews: Sequence[Review] | None = None) -> Explorer:
    """Controls: a sentence, or the beginning of a review instead, and the word t that is blanked out.

    Shown are the likeliest words at the blank from the left, from the right and from both, and how surprised (in bits)
    each is by the true word, at every blank of the sentence. Of a text the first 24 words are read, and two lines shown.
    """
    corpus = load_reviews() if reviews is None else reviews

    controls = {**text_source(corpus, text), "t": IntSlider(1, 1, LONGEST, description="t blanked word")}
    return Explorer(
        "DirectionExplorer",
        controls,
        compute=partial(blank, filler, corpus),
        setup=_setup,
        update=_update,
        describe=_describe,
        limits={"t": lambda now: len(now.words)},
        figsize=(10.5, 5.4),
    )


def blank(filler: WordFiller, corpus: Sequence[Review], text: str, review: int) -> Blanked:
    """What fits the page of the sentence or the review, with each of its words blanked out in turn."""
    start = " ".join((corpus[review - 1].text if review else text).split()[:LONGEST])
    read = tokenise(start or "?")[: 3 * LONGEST]  # of a text without blanks as well
    words, numbers, log_p = filler.guesses(" ".join(read))
    page = lay_out([word[:COLUMNS] for word in words], columns=COLUMNS, gap=1)
    shown = slice(min(LONGEST, int((page.line < LINES).sum())))
    words, numbers, log_p = words[shown], numbers[shown], log_p[:, shown]
    best = np.argpartition(-log_p, BEST, axis=-1)[..., :BEST]  # six of 1,500: sorting them all would take longer
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(log_p, best, -1), axis=-1), -1)
    p = np.exp(np.take_along_axis(log_p, best, -1))
    names = filler.vocabulary.words
    guesses = [
        [[(names[k], q) for k, q in zip(*at, strict=True)] for at in zip(*view, strict=True)]
        for view in zip(best.tolist(), p.tolist(), strict=True)
    ]
    true = log_p[:, np.arange(len(words)), numbers]
    surprise = np.where(np.isfinite(true), -bits(true), np.nan)  # a word it does not know has no surprise
    return Blanked(words, Page(*(part[shown] for part in page)), guesses, surprise)


def _update(artists: Artists, now: Blanked, t: int) -> None:
    at, T, boxes, text = t - 1, len(now.words), now.page.boxes(), artists["text"]
    text.boxes.set_verts(np.delete(boxes, at, axis=0))
    text.boxes.set_facecolor([tint(VIEWS[k > at]) for k in range(T) if k != at])
    text.frame.set_verts(boxes[[at]])
    text.letters.set_path(now.page.letters([word[:COLUMNS] for word in now.words]))
    for k, bars in enumerate(artists["bars"]):
        best = now.guesses[k][at]
        rows = np.arange(len(best))
        bars.set_verts(corners([p for _, p in best]))
        names = [word for word, _ in best]
        is_true = [word == now.words[at] for word in names]
        artists["names"][k].put(names, np.stack([rows * 0 - 0.03, rows], 1), bold=is_true)
        ends = np.array([(p + 0.02, row) for (_, p), row in zip(best, rows, strict=True)])
        artists["shares"][k].put([f"{p:.0%}" for _, p in best], ends)
        artists["curves"][k].set_data((np.arange(T) + 0.5) / T, now.surprise[k])
    artists["marker"].set_xdata([(at + 0.5) / T] * 2)


def _describe(now: Blanked, t: int) -> str:
    at = t - 1
    told = [f"{view}, “{now.guesses[k][at][0][0]}” ({now.guesses[k][at][0][1]:.0%})" for k, view in enumerate(VIEWS)]
    true = now.surprise[:, at]
    cost = (
        f"The true word, “{now.words[at]}”, costs {true[0]:.1f} bits from the left, {true[1]:.1f} from the right, "
        f"{true[2]:.1f} from both."
        if np.isfinite(true[0])
        else f"The true word, “{now.words[at]}”, is not in the vocabulary, so it cannot be guessed."
    )
    return f"Word {at + 1} is blanked out. Best guess {'; '.join(told)}. {cost}"


def _setup(figure: Figure) -> Artists:
    grid = figure.add_gridspec(3, 3, height_ratios=(0.6, 1.5, 1.15), hspace=0.12)
    text = figure.add_subplot(grid[0, :])
    panel = TextPanel.on(text, columns=COLUMNS, lines=LINES)
    text.set_title("The framed word is hidden from the model", loc="left")
    parts = [_guesses(figure.add_subplot(grid[1, k]), view) for k, view in enumerate(VIEWS)]
    ax = figure.add_subplot(grid[2, :])
    ax.set(
        xlim=(0, 1),
        ylim=(0, 17),
        xticks=[],
        xlabel="the words of the sentence, in order",
        ylabel="surprise by the\ntrue word (bits)",
    )
    curves = [ax.plot([], [], "o-", ms=4, color=color, label=name)[0] for name, color in DIRECTIONS.items()]
    ax.legend(loc="upper right", ncols=3)
    bars, names, shares = (list(part) for part in zip(*parts, strict=True))
    marker = ax.axvline(0, color=RED, lw=1.2)
    return {
        "text": panel,
        "marker": marker,
        "curves": curves,
        "bars": bars,
        "names": names,
        "shares": shares,
    }


def _guesses(ax: Axes, view: str) -> tuple[PolyCollection, Letters, Letters]:
    arrow = {"from the left": "→ from the left", "from the right": "from the right ←", "both": "both"}
    ax.set_title(arrow[view], color=DIRECTIONS[view], loc="center")
    ax.set(xlim=(-0.55, 1.2), ylim=(BEST - 0.4, -0.6), yticks=[], xticks=[])
    ax.spines[:].set_visible(False)
    ax.axvline(0, color=MUTED, lw=0.8)
    ax.grid(visible=False)
    empty: list[Int[Array, "N 2"]] = []
    bars = PolyCollection(empty, facecolors=DIRECTIONS[view])
    ax.add_collection(bars, autolim=False)
    return (
        bars,
        Letters(ax, size=9.5, family="sans-serif", align=1.0),
        Letters(ax, size=8.5, family="sans-serif", align=0.0),
    )
