"""Choose a vocabulary and see what is left of a review."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from ipywidgets import BoundedIntText, IntSlider, Layout, SelectionSlider
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.page import lay_out
from course_utils.plots.palette import BLUE, INK, MUTED, ORANGE
from course_utils.text.preprocessing import words

COLUMNS, LINES = 58, 11
SIZES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


def vocabulary_explorer(
    counts: Counter[str], *, reviews: Sequence[Review] | None = None, max_size: int = 5_000
) -> Explorer:
    """Controls: which review, min_count and max_size of the vocabulary.

    counts: how often each word occurs in the corpus. Review number 0 to 9 are our examples, higher ones real.
    """
    real = load_reviews() if reviews is None else reviews
    texts = (*EXAMPLES, *real)
    ranked = np.array(sorted(counts.values(), reverse=True))
    reached = np.cumsum(ranked) / ranked.sum()
    rank = {word: k for k, (word, _) in enumerate(sorted(counts.items(), key=lambda item: (-item[1], item[0])))}

    def kept(min_count: int, max_size: int) -> int:
        """How many words stay: the frequent ones, which have the low ranks."""
        return min(int(np.searchsorted(-ranked, -min_count, side="right")), max_size - 2)

    def tokens_of(review: int) -> tuple[list[str], np.ndarray]:
        tokens = words(texts[review].text)
        page = lay_out(tokens, columns=COLUMNS, gap=1)
        shown = int(np.searchsorted(page.line, LINES))
        return tokens[:shown], np.array([rank.get(token, len(rank)) for token in tokens[:shown]])

    def setup(figure: Figure, **_: Any) -> Artists:
        text, curve = figure.subplots(1, 2, width_ratios=(1.75, 1))
        page = lay_out(["x"], columns=COLUMNS)
        page.frame(text, columns=COLUMNS, lines=LINES)
        text.set_title("What the model gets to read")
        curve.semilogx(np.arange(1, len(ranked) + 1) + 2, 100 * reached, color=MUTED)
        curve.set(xlabel="V  size of the vocabulary", ylabel="words of the corpus it knows (%)", ylim=(0, 103))
        curve.set_title("Few words do most of the work")
        letters = text.add_patch(PathPatch(Path(np.zeros((1, 2))), facecolor=INK, lw=0))
        veil = text.add_collection(PolyCollection([], facecolor="white", edgecolor=ORANGE, alpha=0.78, lw=0.8))
        (dot,) = curve.plot([], [], "o", color=BLUE, ms=10)
        note = curve.text(0.97, 0.06, "", transform=curve.transAxes, ha="right", color=BLUE, size=11, linespacing=1.5)
        return {"letters": letters, "veil": veil, "dot": dot, "note": note}

    def update(artists: Artists, review: int, min_count: int, max_size: int) -> None:
        tokens, ranks = tokens_of(review)
        page = lay_out(tokens, columns=COLUMNS, gap=1)
        artists["letters"].set_path(page.letters(tokens))
        V = kept(min_count, max_size)
        artists["veil"].set_verts(page.boxes()[ranks >= V])
        covered = 100 * reached[V - 1]
        artists["dot"].set_data([V + 2], [covered])
        artists["note"].set_text(
            f"V = {V + 2:,}\nknows {covered:.1f} % of all words\nembedding of 300: {(V + 2) * 300:,}"
        )

    def describe(review: int, min_count: int, max_size: int) -> str:
        tokens, ranks = tokens_of(review)
        V = kept(min_count, max_size)
        dropped = sorted({token for token, k in zip(tokens, ranks, strict=True) if k >= V})
        names = ", ".join(dropped[:12]) + (", …" if len(dropped) > 12 else "")
        return (
            f"Words seen at least {min_count} times, at most {max_size - 2:,} of them: {V:,} stay, with <pad> and <unk> V is "
            f"{V + 2:,}. Of the {len(tokens)} tokens shown, {int((ranks >= V).sum())} become <unk>"
            + (f": {names}." if dropped else ".")
        )

    controls = {
        "review": BoundedIntText(
            4, min=0, max=len(texts) - 1, description=f"review  0–{len(EXAMPLES) - 1} ours, then real",
            layout=Layout(width="24em"),
        ),
        "min_count": IntSlider(1, 1, 60, description="min_count  times seen"),
        "max_size": SelectionSlider(
            options=[(f"{size:,}", size) for size in SIZES], value=max_size, description="max_size  rows"
        ),
    }  # fmt: skip
    return Explorer(
        "VocabularyExplorer",
        setup,
        update,
        controls,
        describe=describe,
        figsize=(11, 3.6),
        still=("letters",),
        slow=("review",),
    )
