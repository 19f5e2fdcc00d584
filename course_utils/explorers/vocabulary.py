"""Choose a vocabulary and see what is left of a review."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from ipywidgets import BoundedIntText, Layout, SelectionSlider
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

COLUMNS, LINES = 56, 11
TIMES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000)
SIZES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


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
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rank = {word: k for k, (word, _) in enumerate(ordered)}
    ranked = np.array([n for _, n in ordered], np.int64)
    known = 100 * np.cumsum(ranked) / ranked.sum()
    # choices beyond the most frequent word, or beyond the whole vocabulary, would all do the same
    times = [n for n in TIMES if n <= ranked[0]]
    sizes = [size for k, size in enumerate(SIZES) if k == 0 or SIZES[k - 1] < len(ranked) + 2]

    def rows(min_count: int, max_size: int) -> tuple[int, int]:
        """V as each of the two alone would have it, padding and unknown included; the smaller one holds."""
        often = int(np.searchsorted(-ranked, -min_count, side="right"))
        return often + 2, min(max_size, len(ranked) + 2)

    @lru_cache(maxsize=4)
    def page_of(review: int) -> tuple[list[str], np.ndarray, np.ndarray, Path]:
        tokens = words(texts[review].text)
        page = lay_out(tokens, columns=COLUMNS, gap=1)
        shown = slice(int(np.searchsorted(page.line, LINES)))
        ranks = np.array([rank.get(token, len(rank)) for token in tokens[shown]])
        return tokens[shown], ranks, page.boxes()[shown], page.letters(tokens, shown)

    def setup(figure: Figure, **_: Any) -> Artists:
        text, curve = figure.subplots(1, 2, width_ratios=(1.6, 1))
        lay_out(["x"], columns=COLUMNS).frame(text, columns=COLUMNS, lines=LINES)
        text.set_title("What the model gets to read")
        curve.semilogx(np.arange(len(ranked)) + 3, known, color=MUTED)
        curve.set(
            xlabel="V  size of the vocabulary",
            ylabel="share of the text that is known (%)",
            xlim=(2, None),
            ylim=(0, 103),
        )
        curve.set_title("Few words do most of the work")
        letters = text.add_patch(PathPatch(Path(np.zeros((1, 2))), facecolor=INK, lw=0))
        veil = text.add_collection(PolyCollection([], facecolor=(1, 1, 1, 0.72), edgecolor=RED, lw=0.9))
        limits = [curve.axvline(1, color=color, lw=1.3, ls="--") for color in (GREEN, RED)]
        for y, color, name in ((0.95, GREEN, "min_count allows"), (0.87, RED, "max_size allows")):
            curve.text(0.03, y, f"- -  {name}", transform=curve.transAxes, color=color, size=9, va="top")
        (dot,) = curve.plot([], [], "o", color=BLUE, ms=10)
        paper = Rectangle(
            (0.33, 0.025), 0.66, 0.165, transform=curve.transAxes, color=(1, 1, 1, 0.85), lw=0, zorder=2.5
        )
        note = Letters(curve, size=10.5, family="sans-serif", align=1.0, transform=curve.transAxes)
        return {"letters": letters, "veil": veil, "limits": limits, "dot": dot} | {
            "paper": curve.add_patch(paper), "note": note
        }  # fmt: skip

    def update(artists: Artists, review: int, min_count: int, max_size: int) -> None:
        _, ranks, boxes, letters = page_of(review)
        limits = rows(min_count, max_size)
        V = min(limits)
        artists["letters"].set_path(letters)
        artists["veil"].set_verts(boxes[ranks >= V - 2])
        for line, limit in zip(artists["limits"], limits, strict=True):
            line.set_xdata([limit, limit])
        artists["dot"].set_data([V], [known[V - 3]])
        note = [f"V = {V:,}: knows {known[V - 3]:.1f} %", f"V × 300 = {300 * V:,} parameters"]
        artists["note"].put(note, np.array([[0.97, 0.14], [0.97, 0.065]]), colors=BLUE)

    def describe(review: int, min_count: int, max_size: int) -> str:
        tokens, ranks, *_ = page_of(review)
        often, most = rows(min_count, max_size)
        V = min(often, most)
        dropped = sorted({token for token, k in zip(tokens, ranks, strict=True) if k >= V - 2})
        names = ", ".join(dropped[:12]) + (", …" if len(dropped) > 12 else "")
        return (
            f"{often - 2:,} words were seen {min_count} times or more, and max_size has room for {max_size - 2:,} besides "
            f"<pad> and <unk>: V is {V:,}, and {'max_size' if most < often else 'min_count'} decides it. Of the "
            f"{len(tokens)} tokens shown {int((ranks >= V - 2).sum())} become <unk>" + (f": {names}." if names else ".")
        )

    controls = {
        "review": BoundedIntText(
            4, min=0, max=len(texts) - 1, description=f"review  0–{len(EXAMPLES) - 1} ours, then real",
            layout=Layout(width="24em"),
        ),
        "min_count": _slider("min_count  times seen", times, min_count),
        "max_size": _slider("max_size  rows", sizes, max_size),
    }  # fmt: skip
    return Explorer(
        "VocabularyExplorer",
        setup,
        update,
        controls,
        describe=describe,
        figsize=(11.0, 3.7),
    )


def _slider(description: str, choices: Sequence[int], start: int) -> SelectionSlider:
    value = max((n for n in choices if n <= start), default=choices[0])
    return SelectionSlider(options=[(f"{n:,}", n) for n in choices], value=value, description=description)
