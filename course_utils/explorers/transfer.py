"""What a pretrained embedding is worth: accuracy by the number of labels, over several draws of them."""

from collections.abc import Mapping, Sequence
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


def transfer_explorer(results: Mapping[str, Any], *, scratch: str = "from scratch") -> Explorer:
    """Controls: where the embedding comes from, whether it is frozen or tuned, and the number of labels.

    results: ``{"labels": [200, ...], "accuracy": {source: {mode: {labels: [one number a seed]}}}}``, as
    ``load_results("transfer")`` gives them; `scratch` names the source that all others are compared with. A source that
    was measured in one mode only is shown in that mode. The last source is shown first. Raises ValueError if `scratch`
    is not among the sources.
    """
    labels: list[int] = list(results["labels"])
    accuracy: Scores = results["accuracy"]
    if scratch not in accuracy:
        raise ValueError(f"transfer_explorer: wanted {scratch!r} among the sources, got {list(accuracy)}")
    sources = [source for source in accuracy if source != scratch]
    modes = list(dict.fromkeys(mode for source in sources for mode in accuracy[source]))

    def scores(source: str, mode: str, n: int) -> Float[Array, " S"]:
        of = accuracy[source]
        return np.array(of[mode if mode in of else next(iter(of))][str(n)], float)

    def curve(source: str, mode: str) -> tuple[Float[Array, " N"], Float[Array, " N"]]:
        """Mean and standard deviation by the number of labels."""
        found = [scores(source, mode, n) for n in labels]
        return np.array([s.mean() for s in found]), np.array([s.std(ddof=1) for s in found])

    def band(mean: Float[Array, " N"], spread: Float[Array, " N"]) -> Float[Array, "M 2"]:
        low, high = np.stack([labels, mean - spread], 1), np.stack([labels, mean + spread], 1)
        return np.concatenate([low, high[::-1]])

    def setup(figure: Figure, **_: Any) -> Artists:
        everything = np.concatenate([scores(s, m, n) for s in accuracy for m in accuracy[s] for n in labels])
        lowest, highest = float(everything.min()), float(everything.max())
        room = 0.06 * (highest - lowest)
        limits = lowest - room, highest + room
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
        left.set(xscale="log", xlim=(labels[0] / 1.25, labels[-1] * 1.25), ylim=limits)
        left.set(xlabel="labelled reviews", ylabel="accuracy on held-out reviews", title="By the number of labels")
        left.set_xticks(labels, [f"{n:,}" for n in labels])
        left.minorticks_off()
        mean, spread = curve(scratch, modes[0])
        left.add_collection(PolyCollection([band(mean, spread)], facecolor=INK, alpha=0.13, lw=0), autolim=False)
        left.plot(labels, mean, color=INK, lw=1.9)
        right.set(
            xlim=(limits[0] - 0.75 * (limits[1] - limits[0]), limits[1]), ylim=(len(sources) + 0.6, -0.6), yticks=[]
        )
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

    def update(artists: Artists, source: str, mode: str, n: int) -> None:
        mean, spread = curve(source, mode)
        artists["others"].set_segments([np.stack([labels, curve(s, mode)[0]], 1) for s in sources if s != source])
        artists["now"].set_xdata([n, n])
        artists["band"].set_verts([band(mean, spread)])
        artists["mean"].set_data(labels, mean)
        drawn = [scores(source, mode, m) for m in labels]
        artists["dots"].set_data(np.repeat(labels, [len(s) for s in drawn]), np.concatenate(drawn))
        corner = np.array([[0.97, 0.12], [0.97, 0.05]])
        artists["legend"].put([f"{source}, {mode_of(source, mode)}", scratch], corner, colors=[BLUE, INK])
        base = scores(scratch, mode, n)
        low, high = base.mean() - base.std(ddof=1), base.mean() + base.std(ddof=1)
        artists["scratch"].set_verts(
            [[(low, -0.5), (high, -0.5), (high, len(sources) + 0.5), (low, len(sources) + 0.5)]]
        )
        all_rows = [scratch, *sources]
        every = [scores(s, mode, n) for s in all_rows]
        y = np.arange(len(all_rows))
        artists["rows"].set_data(np.concatenate(every), np.repeat(y, [len(s) for s in every]))
        chosen = all_rows.index(source)
        artists["row"].set_data(every[chosen], np.full(len(every[chosen]), chosen))
        artists["means"].set_data([s.mean() for s in every], y)
        edge = artists["names"].axes.get_xlim()
        at = np.full(len(y), edge[0] + 0.41 * (edge[1] - edge[0]))
        colors = [BLUE if s == source else INK for s in all_rows]
        artists["names"].put(all_rows, np.stack([at, y], 1), colors=colors, bold=[s == source for s in all_rows])

    def mode_of(source: str, mode: str) -> str:
        return mode if mode in accuracy[source] else next(iter(accuracy[source]))

    def describe(source: str, mode: str, n: int) -> str:
        here, base = scores(source, mode, n), scores(scratch, mode, n)
        gain = here - base if len(here) == len(base) else np.array([here.mean() - base.mean()])
        better = int((gain > 0).sum())
        drawn = f" It is ahead in {better} of {len(gain)} draws of the same reviews." if len(gain) > 1 else ""
        deviations = here.std(ddof=1), base.std(ddof=1)
        return (
            f"With {n:,} labels and the embedding “{source}”, {mode_of(source, mode)}: {here.mean():.3f} ± {deviations[0]:.3f} "
            f"over {len(here)} draws, {gain.mean():+.3f} against {base.mean():.3f} ± {deviations[1]:.3f} from scratch "
            f"(grey).{drawn} Bands and ± are one standard deviation."
        )

    controls = {
        "source": Dropdown(options=sources, value=sources[-1], description="source of the embedding"),
        "mode": ToggleButtons(options=modes, description="embedding"),
        "n": ToggleButtons(options=[(f"{n:,}", n) for n in labels], description="labels"),
    }
    return Explorer("TransferExplorer", setup, update, controls, describe=describe, figsize=(10.5, 3.9))
