"""Choose a vocabulary and see what is left of a review."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import BoundedIntText, Layout, SelectionSlider
from jaxtyping import Float, Int
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.glyphs import Letters
from course_utils.plots.page import lay_out
from course_utils.plots.palette import BLUE, GREEN, INK, MUTED, RED
from course_utils.text.preprocessing import words
from course_utils.tree import Array

COLUMNS, LINES = 56, 11
TIMES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000)
SIZES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


class Ranking(NamedTuple):
    """The words of a corpus, the most frequent one first: the place of each, how often it occurs, and how many percent of
    the text it and those before it make up."""

    place: dict[str, int]
    counts: Int[Array, "N"]
    known: Float[Array, "N"]


class Shown(NamedTuple):
    """The words that fit the page, their places in the ranking, the boxes behind them, and their letters."""

    words: list[str]
    places: Int[Array, "T"]
    boxes: Float[Array, "T 4 2"]
    letters: Path


def vocabulary_explorer(
    counts: Counter[str], *, reviews: Sequence[Review] | None = None, min_count: int = 50, max_size: int = 10_000
) -> Explorer:
    """Controls: which review, min_count and max_size of the vocabulary.

    counts: how often each word occurs in the corpus. Review numbers 0 to 9 are our examples, higher ones are `reviews`.
    min_count, max_size: where the sliders start, or the nearest choice below.

    Raises ValueError where nothing was counted.
    """
    if not counts:
        raise ValueError("vocabulary_explorer: wanted at least one counted word, got none; see text.vocabulary.count")
    texts = (*EXAMPLES, *(load_reviews() if reviews is None else reviews))
    ranking = ranked(counts)
    # choices beyond the most frequent word, or beyond the whole vocabulary, would all do the same
    times = [n for n in TIMES if n <= ranking.counts[0]]
    sizes = [size for k, size in enumerate(SIZES) if k == 0 or SIZES[k - 1] < len(ranking.counts) + 2]
    controls = {
        "review": BoundedIntText(
            4,
            min=0,
            max=len(texts) - 1,
            description=f"review  0–{len(EXAMPLES) - 1} ours, then real",
            layout=Layout(width="24em"),
        ),
        "min_count": _slider("min_count  times seen", times, min_count),
        "max_size": _slider("max_size  rows", sizes, max_size),
    }
    return Explorer(
        "VocabularyExplorer",
        controls,
        compute={"page": partial(page_of, texts, ranking), "limits": partial(limits_of, ranking)},
        setup=partial(_setup, ranking),
        update=(_show_page, partial(_show_size, ranking)),
        describe=_describe,
        figsize=(11.0, 3.7),
    )


def ranked(counts: Counter[str]) -> Ranking:
    """Words of equal counts in alphabetical order."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    n = np.array([n for _, n in ordered], np.int64)
    return Ranking({word: k for k, (word, _) in enumerate(ordered)}, n, 100 * np.cumsum(n) / n.sum())


def page_of(texts: Sequence[Review], ranking: Ranking, review: int) -> Shown:
    """The beginning of the review; a word that was not counted has the place after the last one."""
    found = words(texts[review].text)
    page = lay_out(found, columns=COLUMNS, gap=1)
    shown = slice(int(np.searchsorted(page.line, LINES)))
    places = np.array([ranking.place.get(word, len(ranking.place)) for word in found[shown]])
    return Shown(found[shown], places, page.boxes()[shown], page.letters(found, shown))


def limits_of(ranking: Ranking, min_count: int, max_size: int) -> tuple[int, int]:
    """V as each of the two alone would have it, padding and unknown included; the smaller one holds."""
    often = int(np.searchsorted(-ranking.counts, -min_count, side="right"))
    return often + 2, min(max_size, len(ranking.counts) + 2)


def _setup(ranking: Ranking, figure: Figure) -> Artists:
    text, curve = figure.subplots(1, 2, width_ratios=(1.6, 1))
    lay_out(["x"], columns=COLUMNS).frame(text, columns=COLUMNS, lines=LINES)
    text.set_title("What the model gets to read")
    curve.semilogx(np.arange(len(ranking.known)) + 3, ranking.known, color=MUTED)
    curve.set(xlabel="V  size of the vocabulary", ylabel="share of the text that is known (%)", xlim=(2, None))
    curve.set(ylim=(0, 103))
    curve.set_title("Few words do most of the work")
    letters = text.add_patch(PathPatch(Path(np.zeros((1, 2))), facecolor=INK, lw=0))
    veil = text.add_collection(PolyCollection([], facecolor=(1, 1, 1, 0.72), edgecolor=RED, lw=0.9))
    limits = [curve.axvline(1, color=color, lw=1.3, ls="--") for color in (GREEN, RED)]
    for y, color, name in ((0.95, GREEN, "min_count allows"), (0.87, RED, "max_size allows")):
        curve.text(0.03, y, f"- -  {name}", transform=curve.transAxes, color=color, size=9, va="top")
    (dot,) = curve.plot([], [], "o", color=BLUE, ms=10)
    look: dict[str, Any] = {"color": (1, 1, 1, 0.85), "lw": 0, "zorder": 2.5}
    paper = curve.add_patch(Rectangle((0.33, 0.025), 0.66, 0.165, transform=curve.transAxes, **look))
    note = Letters(curve, size=10.5, family="sans-serif", align=1.0, transform=curve.transAxes)
    return {"letters": letters, "veil": veil, "limits": limits, "dot": dot, "paper": paper, "note": note}


def _show_page(artists: Artists, page: Shown, limits: tuple[int, int]) -> None:
    artists["letters"].set_path(page.letters)
    artists["veil"].set_verts(page.boxes[page.places >= min(limits) - 2])


def _show_size(ranking: Ranking, artists: Artists, limits: tuple[int, int]) -> None:
    V = min(limits)
    for line, limit in zip(artists["limits"], limits, strict=True):
        line.set_xdata([limit, limit])
    known = ranking.known[V - 3]
    artists["dot"].set_data([V], [known])
    note = [f"V = {V:,}: knows {known:.1f} %", f"V × 300 = {300 * V:,} parameters"]
    artists["note"].put(note, np.array([[0.97, 0.14], [0.97, 0.065]]), colors=BLUE)


def _describe(page: Shown, limits: tuple[int, int], min_count: int, max_size: int) -> str:
    often, most = limits
    V = min(often, most)
    lost = page.places >= V - 2
    dropped = sorted({word for word, gone in zip(page.words, lost, strict=True) if gone})
    names = ", ".join(dropped[:12]) + (", …" if len(dropped) > 12 else "")
    return (
        f"{often - 2:,} words were seen {min_count} times or more, and max_size has room for {max_size - 2:,} besides "
        f"<pad> and <unk>: V is {V:,}, and {'max_size' if most < often else 'min_count'} decides it. Of the "
        f"{len(page.words)} tokens shown {int(lost.sum())} become <unk>" + (f": {names}." if names else ".")
    )


def _slider(description: str, choices: Sequence[int], start: int) -> SelectionSlider:
    value = max((n for n in choices if n <= start), default=choices[0])
    return SelectionSlider(options=[(f"{n:,}", n) for n in choices], value=value, description=description)
