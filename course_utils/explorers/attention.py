"""Type a date in any spelling, and follow the decoder: which letters it looks at for every sign that it writes."""

import numpy as np
from ipywidgets import Dropdown, FloatLogSlider, IntSlider
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.data.date_batches import LENGTH, SIGNS
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import typed
from course_utils.plots.attention import FULL, LABELS, WEIGHTS
from course_utils.plots.bars import corners
from course_utils.plots.glyphs import Letters, visible
from course_utils.plots.palette import GREEN, INK, MUTED, PAPER, RED
from course_utils.pretrained.date_writer import Written, date_writer
from course_utils.tree import Array

START = "Samstag, 5. Mai 2012"
LONGEST, SHOWN = 36, SIGNS[:-1]
"""Most letters of a text that are read, and the signs whose probabilities are shown."""
CORNERS = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
CELLS: Array = CORNERS + np.stack(np.meshgrid(np.arange(LONGEST), np.arange(LENGTH)), axis=-1)[:, :, None]
"""The corners of every cell of the grid; drawing those that are not white is faster than an image."""


def attention_explorer(*, text: str = START) -> Explorer:
    """Controls: a text (36 letters are read), the step t, how the decoder looks back, and the temperature of its looks."""
    controls = {
        "text": typed(text, "date", width="26em"),
        "t": IntSlider(7, 1, LENGTH, description="t sign being written"),
        "kind": Dropdown(
            options=[(label, kind) for kind, label in LABELS.items()], value="additive", description="looks back by"
        ),
        "temperature": FloatLogSlider(1.0, base=2, min=-2, max=4, step=0.25, description="τ temperature of the looks"),
    }
    return Explorer(
        "AttentionExplorer",
        controls,
        compute={"letters": clipped, "now": written},
        setup=_setup,
        update=_update,
        describe=_describe,
        figsize=(10.5, 4.6),
    )


def clipped(text: str) -> str:
    """What is read of a text: its first letters, and something where there is nothing."""
    return " ".join(text.split())[:LONGEST] or "?"


def written(letters: str, kind: str, temperature: float) -> Written:
    """What the writer of this kind makes of the letters, at this temperature of its looks."""
    return date_writer(kind).write(letters, temperature=temperature)


def _update(artists: Artists, letters: str, now: Written, t: int) -> None:
    answer, a, p = now
    columns, rows = np.arange(len(letters)), range(LENGTH)
    looks: Array = np.zeros((LENGTH, LONGEST))
    if a is not None:
        looks[:, : len(letters)] = a
    cells = looks > 0.01
    artists["grid"].set_verts(CELLS[cells])
    artists["grid"].set_facecolor(WEIGHTS(looks[cells] / FULL))
    artists["frame"].set_y(t - 1.5)
    artists["under"].set_facecolor(WEIGHTS(looks[t - 1] / FULL))
    light = [PAPER if weight > FULL / 2 else INK for weight in looks[t - 1, : len(letters)]]
    artists["letters"].put([visible(c) for c in letters], np.stack([columns, 0 * columns - 2], 1), colors=light)
    colors, bold = [INK if row < t else MUTED for row in rows], [row == t - 1 for row in rows]
    artists["signs"].put(list(answer), np.stack([np.full(LENGTH, -1.6), rows], 1), colors=colors, bold=bold)
    shares = p[t - 1, : len(SHOWN)]
    artists["bars"].set_verts(corners(shares))
    artists["bars"].set_facecolor([GREEN if sign == answer[t - 1] else MUTED for sign in SHOWN])
    places = np.stack([shares + 0.03, np.arange(len(SHOWN))], 1)
    artists["shares"].put([f"{share:.0%}" for share in shares], places)
    artists["nowhere"].put(["no looks: one vector has to do"] if a is None else [], np.array([[17.5, 4.5]]))


def _describe(letters: str, now: Written, t: int) -> str:
    answer, a, p = now
    sign = answer[t - 1]
    told = f"After “{answer[: t - 1]}”" if t > 1 else "First"
    told += f" it writes “{sign}” (probability {p[t - 1].max():.0%})"
    if a is None:
        return f"{told}; it cannot look back, and knows what one vector holds of the text. Its answer: {answer}."
    best = [s for s in np.argsort(-a[t - 1])[:3] if a[t - 1, s] >= 0.05]
    looks = ", ".join(f"letter {s + 1} “{visible(letters[s])}” ({a[t - 1, s]:.0%})" for s in best)
    return f"{told}, and looks most at {looks or 'nothing in particular'}. Its answer: {answer}."


def _setup(figure: Figure) -> Artists:
    ax, chances = figure.subplots(1, 2, width_ratios=(3.4, 1))
    grid, under = PolyCollection([]), PolyCollection(list(CELLS[0] * (1, 1.3) - (0, 1.95)))
    for part in (grid, under):
        ax.add_collection(part, autolim=False)
    ax.set(xlim=(-2.4, LONGEST - 0.5), ylim=(LENGTH - 0.4, -2.8), xticks=[], yticks=[])
    ax.set_title("What it reads, shaded by the look of step t; below, a row of looks for each sign", loc="left")
    ax.set_xlabel("letters read, s")
    ax.set_ylabel("← signs written, t")
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    ax.add_patch(Rectangle((-0.5, -0.5), LONGEST, LENGTH, fill=False, ec=MUTED, lw=0.6))
    frame = Rectangle((-0.5, -0.5), LONGEST, 1, fill=False, ec=RED, lw=1.6, zorder=4)
    ax.add_patch(frame)
    chances.set(xlim=(0, 1.3), ylim=(len(SHOWN) - 0.4, -0.6), xticks=[])
    chances.set_yticks(range(len(SHOWN)), list(SHOWN), family="monospace")
    chances.set_title("p of each sign at step t", loc="left")
    chances.spines["bottom"].set_visible(False)
    chances.tick_params(length=0)
    chances.grid(visible=False)
    bars = PolyCollection([])
    chances.add_collection(bars, autolim=False)
    return {
        "grid": grid,
        "frame": frame,
        "under": under,
        "bars": bars,
        "letters": Letters(ax, size=10.5),
        "signs": Letters(ax, size=11.0),
        "nowhere": Letters(ax, size=11.0, family="sans-serif"),
        "shares": Letters(chances, size=8.5, family="sans-serif", align=0.0),
    }
