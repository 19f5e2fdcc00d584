"""Pictures of word vectors and of what they are good for: neighbours, analogies, a map, learning curves, mistakes."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes

from course_utils.analysis.summaries import calibration
from course_utils.plots import seeds
from course_utils.plots.labels import place_labels
from course_utils.plots.palette import BLUE, GREEN, GRID, INK, MUTED, ORANGE, PINK, RED, SKY
from course_utils.plots.style import axes
from course_utils.text.word_vectors import WordVectors
from course_utils.tree import Array

GROUPS = (BLUE, RED, GREEN, PINK, ORANGE, SKY, INK)


def overfitting(
    training: Sequence[float],
    held_out: Sequence[float],
    *,
    xlabel: str = "passes over the reviews",
    ax: Axes | None = None,
) -> Axes:
    """Accuracy after every pass on the reviews that were learned and on those that were not; the gap is shaded."""
    ax = axes(ax)
    passes = np.arange(1, len(training) + 1)
    learned, unseen = 100 * np.asarray(training), 100 * np.asarray(held_out)
    ax.plot(passes, learned, color=BLUE, label="the labelled reviews themselves")
    ax.plot(passes, unseen, color=ORANGE, label="reviews it has not seen")
    ax.fill_between(passes, unseen, learned, color=GRID, alpha=0.7, lw=0)
    ax.axhline(50, color=MUTED, ls="--", lw=1)
    ax.set(xlabel=xlabel, ylabel="judged rightly (%)", ylim=(45, 103), xticks=passes)
    ax.legend(loc="center right")
    return ax


def neighbours(vectors: WordVectors, words: Sequence[str], *, n: int = 7, ax: Axes | None = None) -> Axes:
    """A column for each word: its n nearest words from above, each a bar as long as its cosine."""
    ax = axes(ax)
    for column, word in enumerate(words):
        for row, (name, cosine) in enumerate(vectors.nearest(word, n)):
            ax.barh(row, 0.9 * cosine, 0.82, left=column, color=BLUE, alpha=0.28)
            ax.text(column + 0.03, row, name, va="center", size=9.5, color=INK)
    ax.set(xlim=(-0.02, len(words)), ylim=(n - 0.4, -0.6), yticks=[])
    ax.set_xticks(np.arange(len(words)) + 0.03, words, ha="left", weight="bold", size=10.5)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    return ax


def analogies(ranks: Mapping[str, int], *, ax: Axes | None = None) -> Axes:
    """At which place of the nearest words the wanted one stands, 1 being right, on a logarithmic axis."""
    ax = axes(ax)
    ordered = sorted(ranks.items(), key=lambda item: item[1])
    for row, (_, rank) in enumerate(ordered):
        color = GREEN if rank == 1 else BLUE if rank <= 10 else RED
        ax.plot([1, rank], [row, row], color=color, lw=1.4, alpha=0.5)
        ax.plot(rank, row, "o", color=color, ms=6)
    ax.set(
        xscale="log", ylim=(len(ordered) - 0.4, -0.6), xlabel="place of the wanted word among all words (1 is right)"
    )
    ax.set_yticks(range(len(ordered)), [name for name, _ in ordered], size=9)
    ax.set_xlim(0.85, max(10_000, 1.2 * max(ranks.values())))
    ax.set_xticks([1, 10, 100, 1_000, 10_000], ["1", "10", "100", "1,000", "10,000"])
    ax.minorticks_off()
    ax.grid(visible=False, axis="y")
    return ax


def word_groups(groups: Mapping[str, tuple[Sequence[str], Float[Array, "N 2"]]], *, ax: Axes | None = None) -> Axes:
    """Words at their places on a map, a colour for each group; group: (its words, their places).

    A name for which there is no room is left out.
    """
    ax = axes(ax)
    names = [name for words, _ in groups.values() for name in words]
    points = np.concatenate([places for _, places in groups.values()])
    low, high = points.min(axis=0), points.max(axis=0)
    reach = np.maximum(high - low, 1e-9)
    low, high = low - 0.08 * reach, high + 0.08 * reach
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    points_of_print = np.array(ax.figure.bbox.size) * 72 / ax.figure.dpi
    unit = (high - low) / points_of_print  # if the axes fill the figure
    sizes = np.array([(5.6 * len(name) + 2, 10.0) for name in names]) * unit
    frame = (low[0], high[0], low[1], high[1])
    middles, stands = place_labels(points, sizes, gap=4.0 * unit, frame=frame)
    colors = [color for color, (words, _) in zip(GROUPS, groups.values(), strict=False) for _ in words]
    for color, (title, (_, places)) in zip(GROUPS, groups.items(), strict=False):
        ax.plot(*places.T, "o", color=color, ms=3.5, alpha=0.7, mew=0, label=title)
    for name, (x, y), color, stand in zip(names, middles, colors, stands, strict=True):
        if stand:
            ax.text(x, y, name, ha="center", va="center", color=color, size=9)
    ax.set(xlabel="first principal direction", ylabel="second principal direction", xticks=[], yticks=[])
    ax.grid(visible=False)
    return ax


def learning_curves(
    accuracy: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]],
    shown: Mapping[tuple[str, str], tuple[str, str]],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Accuracy against the number of labels.

    accuracy[source][mode][labels] as `load_results("transfer")` has it; shown: (source, mode) -> (name, colour).
    """
    curves = {
        name: {int(labels): 100 * np.array(values) for labels, values in accuracy[source][mode].items()}
        for (source, mode), (name, _) in shown.items()
    }
    ax = seeds.by_size(curves, dict(shown.values()), scale="log", ax=ax)
    ax.set(xlabel="labelled reviews", ylabel="held-out reviews judged rightly (%)")
    ax.legend(loc="lower right", fontsize=8.5)
    return ax


def confusion(labels: Int[Array, "N"], verdicts: Bool[Array, "N"], *, ax: Axes | None = None) -> Axes:
    """How many reviews of each label got each verdict; right ones in blue, wrong ones in red."""
    ax = axes(ax)
    names = ("negative", "positive")
    for label in (0, 1):
        for verdict in (0, 1):
            n = int(np.sum((labels == label) & (verdicts == verdict)))
            share = n / max(int(np.sum(labels == label)), 1)
            color = BLUE if label == verdict else RED
            ax.fill_between(
                [verdict - 0.48, verdict + 0.48], label - 0.48, label + 0.48, color=color, alpha=0.1 + 0.5 * share, lw=0
            )
            ax.text(verdict, label, f"{n:,}\n{100 * share:.1f} %", ha="center", va="center", color=INK, size=12)
    ax.set_xticks((0, 1), names)
    ax.set_yticks((0, 1), names, rotation=90, va="center")
    ax.set(xlim=(-0.5, 1.5), ylim=(1.5, -0.5), xlabel="verdict of the model", ylabel="label of the reviewer")
    ax.set_aspect("equal")
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def certainty(
    p: Float[Array, "N"],
    labels: Int[Array, "N"],
    *,
    edges: Sequence[float] = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0),
    ax: Axes | None = None,
) -> Axes:
    """How often the model is right against how sure it is: a model that knows what it knows lies on the dashed line.

    p is that of label 1; verdicts are gathered between the `edges` of how sure it is (1/2 to 1).
    """
    ax = axes(ax)
    groups = calibration(p, labels, edges)
    ax.plot((50, 100), (50, 100), color=MUTED, ls="--", lw=1)
    ax.plot(100 * groups.sure, 100 * groups.right, "o-", color=BLUE)
    for sure, right, n in zip(*groups, strict=True):
        ax.annotate(f"{n:,}", (100 * sure, 100 * right), (4, -11), textcoords="offset points", color=MUTED, size=8.5)
    ax.set(xlabel="how sure the model is (%)", ylabel="how often it is right (%)")
    return ax
