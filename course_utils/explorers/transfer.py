"""What a pretrained embedding is worth: accuracy by the number of labels, over several draws of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from ipywidgets import Dropdown, ToggleButtons
from jaxtyping import Float
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.glyphs import Letters
from course_utils.plots.palette import BLUE, GRID, INK, MUTED
from course_utils.tree import Array

Scores = Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]]
"""accuracy[source][mode][number of labels]: one number a seed, that is, a draw of the labelled reviews."""


@dataclass(frozen=True)
class Table:
    """Scores, the numbers of labels, and the source with which all others are compared."""

    accuracy: Scores
    labels: list[int]
    scratch: str

    @property
    def sources(self) -> list[str]:
        """All that can be chosen."""
        return [source for source in self.accuracy if source != self.scratch]

    def mode_of(self, source: str, mode: str) -> str:
        """That mode, or the one in which the source was measured."""
        return mode if mode in self.accuracy[source] else next(iter(self.accuracy[source]))

    def scores(self, source: str, mode: str, n: int) -> Float[Array, "S"]:
        """One number a draw."""
        return np.array(self.accuracy[source][self.mode_of(source, mode)][str(n)], float)

    def curve(self, source: str, mode: str) -> tuple[Float[Array, "N"], Float[Array, "N"]]:
        """Mean and standard deviation by the number of labels."""
        found = [self.scores(source, mode, n) for n in self.labels]
        return np.array([s.mean() for s in found]), np.array([s.std(ddof=1) for s in found])

    def band(self, mean: Float[Array, "N"], spread: Float[Array, "N"]) -> Float[Array, "M 2"]:
        """The outline of mean ± spread."""
        low, high = np.stack([self.labels, mean - spread], 1), np.stack([self.labels, mean + spread], 1)
        return np.concatenate([low, high[::-1]])


def transfer_explorer(results: Mapping[str, Any], *, scratch: str = "from scratch") -> Explorer:
    """Controls: where the embedding comes from, whether it is frozen or tuned, and the number of labels.

    results: ``{"labels": [200, ...], "accuracy": {source: {mode: {labels: [one number a seed]}}}}``, as
    ``load_results("transfer")`` gives them; `scratch` names the source that all others are compared with. A source that
    was measured in one mode only is shown in that mode. The last source is shown first. Raises ValueError if `scratch`
    is not among the sources.
    """
    table = Table(results["accuracy"], list(results["labels"]), scratch)
    if scratch not in table.accuracy:
        raise ValueError(f"transfer_explorer: wanted {scratch!r} among the sources, got {list(table.accuracy)}")
    sources = table.sources
    modes = list(dict.fromkeys(mode for source in sources for mode in table.accuracy[source]))
    controls = {
        "source": Dropdown(options=sources, value=sources[-1], description="source of the embedding"),
        "mode": ToggleButtons(options=modes, description="embedding"),
        "n": ToggleButtons(options=[(f"{n:,}", n) for n in table.labels], description="labels"),
    }
    return Explorer(
        "TransferExplorer",
        controls,
        setup=partial(_setup, table, modes[0]),
        update=(partial(_show_curve, table), partial(_show_sources, table)),
        describe=partial(_describe, table),
        figsize=(10.5, 3.9),
    )


def _setup(table: Table, mode: str, figure: Figure) -> Artists:
    labels, accuracy = table.labels, table.accuracy
    everything = np.concatenate([table.scores(s, m, n) for s in accuracy for m in accuracy[s] for n in labels])
    lowest, highest = float(everything.min()), float(everything.max())
    room = 0.06 * (highest - lowest)
    limits = lowest - room, highest + room
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    left.set(xscale="log", xlim=(labels[0] / 1.25, labels[-1] * 1.25), ylim=limits)
    left.set(xlabel="labelled reviews", ylabel="accuracy on held-out reviews", title="By the number of labels")
    left.set_xticks(labels, [f"{n:,}" for n in labels])
    left.minorticks_off()
    mean, spread = table.curve(table.scratch, mode)
    left.add_collection(PolyCollection([table.band(mean, spread)], facecolor=INK, alpha=0.13, lw=0), autolim=False)
    left.plot(labels, mean, color=INK, lw=1.9)
    right.set(xlim=(limits[0] - 0.75 * (limits[1] - limits[0]), limits[1]), ylim=(len(accuracy) - 0.4, -0.6), yticks=[])
    right.set(xlabel="accuracy on held-out reviews", title="By the source, one dot a draw of the labels")
    right.spines["left"].set_visible(False)
    right.grid(axis="y", visible=False)
    right.set_xticks([tick for tick in right.get_xticks() if limits[0] <= tick <= limits[1]])
    return {
        "others": left.add_collection(LineCollection([], colors=GRID, lw=1.3), autolim=False),
        "now": left.axvline(labels[0], color=MUTED, lw=1, ls=":"),
        "band": left.add_collection(PolyCollection([], facecolor=BLUE, alpha=0.18, lw=0), autolim=False),
        "mean": left.plot([], [], color=BLUE, lw=2.2, zorder=3)[0],
        "dots": left.plot([], [], "o", color=BLUE, ms=3.5, alpha=0.7, mew=0, zorder=3)[0],
        "legend": Letters(left, size=9.5, family="sans-serif", align=1.0, transform=left.transAxes),
        "scratch": right.add_collection(PolyCollection([], facecolor=INK, alpha=0.13, lw=0), autolim=False),
        "rows": right.plot([], [], "o", color=MUTED, ms=4, alpha=0.6, mew=0)[0],
        "row": right.plot([], [], "o", color=BLUE, ms=5, alpha=0.8, mew=0, zorder=4)[0],
        "means": right.plot([], [], "|", color=INK, ms=15, mew=2, zorder=3)[0],
        "names": Letters(right, size=9.5, family="sans-serif", align=1.0),
    }


def _show_curve(table: Table, artists: Artists, source: str, mode: str, n: int) -> None:
    labels = table.labels
    mean, spread = table.curve(source, mode)
    others = [np.stack([labels, table.curve(s, mode)[0]], 1) for s in table.sources if s != source]
    artists["others"].set_segments(others)
    artists["now"].set_xdata([n, n])
    artists["band"].set_verts([table.band(mean, spread)])
    artists["mean"].set_data(labels, mean)
    drawn = [table.scores(source, mode, m) for m in labels]
    artists["dots"].set_data(np.repeat(labels, [len(s) for s in drawn]), np.concatenate(drawn))
    corner = np.array([[0.97, 0.12], [0.97, 0.05]])
    artists["legend"].put([f"{source}, {table.mode_of(source, mode)}", table.scratch], corner, colors=[BLUE, INK])


def _show_sources(table: Table, artists: Artists, source: str, mode: str, n: int) -> None:
    all_rows = [table.scratch, *table.sources]
    every = [table.scores(s, mode, n) for s in all_rows]
    low, high = every[0].mean() - every[0].std(ddof=1), every[0].mean() + every[0].std(ddof=1)
    bottom = len(all_rows) - 0.5
    artists["scratch"].set_verts([[(low, -0.5), (high, -0.5), (high, bottom), (low, bottom)]])
    y = np.arange(len(all_rows))
    artists["rows"].set_data(np.concatenate(every), np.repeat(y, [len(s) for s in every]))
    chosen = all_rows.index(source)
    artists["row"].set_data(every[chosen], np.full(len(every[chosen]), chosen))
    artists["means"].set_data([s.mean() for s in every], y)
    edge = artists["names"].axes.get_xlim()
    at = np.full(len(y), edge[0] + 0.41 * (edge[1] - edge[0]))
    colors = [BLUE if s == source else INK for s in all_rows]
    artists["names"].put(all_rows, np.stack([at, y], 1), colors=colors, bold=[s == source for s in all_rows])


def _describe(table: Table, source: str, mode: str, n: int) -> str:
    here, base = table.scores(source, mode, n), table.scores(table.scratch, mode, n)
    gain = here - base if len(here) == len(base) else np.array([here.mean() - base.mean()])
    better = int((gain > 0).sum())
    drawn = f" It is ahead in {better} of {len(gain)} draws of the same reviews." if len(gain) > 1 else ""
    deviations = here.std(ddof=1), base.std(ddof=1)
    return (
        f"With {n:,} labels and the embedding “{source}”, {table.mode_of(source, mode)}: {here.mean():.3f} ± "
        f"{deviations[0]:.3f} over {len(here)} draws, {gain.mean():+.3f} against {base.mean():.3f} ± {deviations[1]:.3f} "
        f"from scratch (grey).{drawn} Bands and ± are one standard deviation."
    )
