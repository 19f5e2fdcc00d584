"""A stack of recurrent layers reads a text: what its gates do, and how far a change of one letter is felt, by layer."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from ipywidgets import IntSlider, ToggleButtons
from jaxtyping import Float, Int
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import PcolorImage

from course_utils.analysis.timescales import half_life
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import text_source
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.plots.gates import shades
from course_utils.plots.glyphs import Letters, visible
from course_utils.plots.palette import GATES, INK, MUTED
from course_utils.plots.stacked import LAYERS
from course_utils.pretrained.character_models import stack
from course_utils.text.characters import ALPHABET, encode, fold
from course_utils.tree import Array, count

STEPS, START, DEPTHS = 60, 12, (1, 2, 3)
UNITS = {"parameters": (62, 40, 32), "width": (62, 62, 62)}
"""Units a layer of the stacks of 1, 2, 3 layers, if they have as many parameters, or are as wide."""
VIEWS = {"a change at t": "h", "forget gates": "f", "input gates": "i", "output gates": "o"}
TITLES = {"h": "how far its states move", "f": "its forget gates", "i": "its input gates", "o": "its output gates"}
MAPS = {"h": LinearSegmentedColormap.from_list("h", ["white", GATES["h"]]), **{gate: shades(gate) for gate in "fio"}}


class Reading(NamedTuple):
    """A text read by a stack, the `model`; each tuple holds one array a layer, the units sorted from fast to slow.

    tokens: the text after a line break; gates: those named f, i, o; h: the states; order: of the units.
    """

    model: RecurrentLanguageModel
    text: str
    tokens: Int[Array, "T+1"]
    gates: dict[str, tuple[Float[Array, "T H"], ...]]
    h: tuple[Float[Array, "T H"], ...]
    order: tuple[Int[Array, "H"], ...]


def felt(moved: Float[Array, "T H"], t: int) -> Float[Array, "S"]:
    """How much a layer's units differ from letter t on: root mean square."""
    return np.asarray(np.sqrt((moved[t - 1 :] ** 2).mean(-1)))


def depth_explorer(ours: Review = EXAMPLES[6]) -> Explorer:
    """Controls: layers, what stays equal when there are more, what to look at, which letter is changed, and a
    review instead of `ours`.

    The networks are the trained ones of `character_models.stack`. The letter at t is replaced by a blank, a blank by an e.
    The first 60 characters are read.
    """

    corpus = load_reviews()
    controls = {
        "layers": ToggleButtons(options=DEPTHS, value=2, description="layers"),
        "equal": ToggleButtons(options=list(UNITS), description="equal"),
        "show": ToggleButtons(options=list(VIEWS), description="show"),
        "t": IntSlider(START, 1, STEPS, description="t  letter to change"),
        **text_source(corpus),
    }
    return Explorer(
        "DepthExplorer",
        controls,
        compute={"reading": partial(read, corpus, ours), "moved": move},
        setup=_setup,
        update=_update,
        describe=_describe,
        figsize=(11.5, 5.6),
    )


def read(corpus: Sequence[Review], ours: Review, layers: int, equal: str, review: int) -> Reading:
    """What the stack does with the beginning of the text."""
    text = fold((corpus[review - 1] if review else ours).text)[:STEPS].ljust(STEPS)
    tokens = encode("\n" + text)
    model = stack(layers, UNITS[equal][layers - 1])
    traces = model.forward(tokens)[1].recurrent.layers
    order = tuple(half_life(trace.f).argsort() for trace in traces)
    gates = {g: tuple(getattr(t, g)[1:, o] for t, o in zip(traces, order, strict=True)) for g in "fio"}
    h = tuple(trace.h[2:, o] for trace, o in zip(traces, order, strict=True))
    return Reading(model, text, tokens, gates, h, order)


def move(reading: Reading, t: int) -> tuple[Float[Array, "T H"], ...]:
    """By how much each unit of each layer differs at every step if letter t is another."""
    changed = reading.tokens.copy()
    changed[t] = ALPHABET.index("e" if reading.text[t - 1] == " " else " ")
    traces = reading.model.forward(changed)[1].recurrent.layers
    return tuple(
        np.abs(trace.h[2:, order] - h) for trace, order, h in zip(traces, reading.order, reading.h, strict=True)
    )


def _update(artists: Artists, reading: Reading, moved: tuple[Float[Array, "T H"], ...], show: str, t: int) -> None:
    layers, view = reading.model.recurrent.layers, VIEWS[show]
    L, H = len(layers), reading.h[0].shape[1]
    rows = np.arange(L)
    artists["boxes"].set_verts([_box(k, H) for k in range(L)])
    sizes = [f"{count(layer):,}" for layer in layers]
    artists["sizes"].put(sizes, np.stack([0 * rows, rows + 0.5], 1), colors="white")
    for k, image in enumerate(artists["images"]):
        image.set_visible(k < L)
        if k < L:
            shown = moved[k] if view == "h" else reading.gates[view][k]
            image.set_data(np.arange(STEPS + 1) - 0.5, np.linspace(0, 1, H + 1), shown.T)
            image.set(cmap=MAPS[view], clim=(0, 0.6 if view == "h" else 1))
        artists["titles"][k].put(
            [f"layer {k + 1}: {TITLES[view] if k < L else 'not in this stack'}"],
            np.array([[0.0, 1.1]]),
            colors=INK if k < L else MUTED,
        )
        artists["cursors"][k].set_xdata([t - 1, t - 1])
        curve = felt(moved[k], t) if k < L else np.empty(0)
        artists["curves"][k].set_data(np.arange(len(curve)), np.maximum(curve, 1e-9))
    spots = np.stack([np.arange(STEPS), np.zeros(STEPS)], axis=1)
    artists["letters"].put([visible(letter) for letter in reading.text], spots)


def _describe(reading: Reading, moved: tuple[Float[Array, "T H"], ...], show: str, t: int) -> str:
    view = VIEWS[show]
    if view == "h":
        letter, later = reading.text[t - 1], min(8, STEPS - t)
        curves = [felt(one, t) for one in moved]
        each = "; ".join(f"layer {k + 1}: {one[0]:.2f}, then {one[later]:.3f}" for k, one in enumerate(curves))
        seen = (
            f"If letter {t}, “{visible(letter)}”, were {'an e' if letter == ' ' else 'a blank'}, the states would "
            f"differ at once and at letter {t + later} by (root mean square) {each}."
        )
    else:
        each = ", ".join(f"{gate.mean():.2f}" for gate in reading.gates[view])
        seen = f"The {show} are open by {each} in the mean, lowest layer first; t is at letter {t}."
    half = ", ".join(f"{np.median(half_life(f)):.1f}" for f in reading.gates["f"])
    return (
        f"{len(reading.h)} × {reading.h[0].shape[1]} units, {count(reading.model):,} parameters with the embedding and the "
        f"readout. {seen} Median half-life of a cell here, lowest layer first: {half} letters."
    )


def _box(layer: int, H: int) -> list[tuple[float, float]]:
    half = H / 130
    return [(-half, layer + 0.12), (half, layer + 0.12), (half, layer + 0.88), (-half, layer + 0.88)]


def _setup(figure: Figure) -> Artists:
    grid = figure.add_gridspec(4, 2, width_ratios=(1, 3.1), height_ratios=(1, 1, 1, 0.16))
    left = grid[:, 0].subgridspec(2, 1, height_ratios=(1, 1.15))
    tower, curve = figure.add_subplot(left[0]), figure.add_subplot(left[1])
    tower.set(xlim=(-0.55, 0.55), ylim=(-0.05, 3.15))
    tower.set_title("Parameters", loc="center")
    tower.set_yticks([0.5, 1.5, 2.5], [f"layer {k + 1}" for k in range(3)])
    tower.set_xticks([])
    tower.grid(visible=False)
    tower.spines[:].set_visible(False)
    tower.tick_params(length=0)
    boxes = PolyCollection([], facecolors=list(LAYERS))
    tower.add_collection(boxes, autolim=False)
    curve.set(yscale="log", xlim=(0, 30), ylim=(1e-5, 1), xlabel="letters after t", ylabel="states differ by")
    curve.set_title("A change fades", loc="center")
    images, titles, cursors = [], [], []
    for k in range(3):
        ax = figure.add_subplot(grid[2 - k, 1])
        ax.set(xlim=(-0.5, STEPS - 0.5), ylim=(0, 1))
        images.append(
            PcolorImage(ax, np.array([0, 1]), np.array([0, 1]), np.zeros((1, 1)))
        )  # ten times faster than imshow
        images[-1].set_in_layout(False)
        ax.add_image(images[-1])
        ax.set(xticks=[], yticks=[], title=" ")
        ax.set_ylabel("fast … slow units", fontsize=8.5)
        ax.grid(visible=False)
        titles.append(Letters(ax, size=10.5, family="sans-serif", align=0.0, transform=ax.transAxes))
        titles[-1].set_clip_on(False)
        cursors.append(ax.axvline(0, color=INK, lw=1.1, ls=":"))
    text = figure.add_subplot(grid[3, 1])
    text.set(xlim=(-0.5, STEPS - 0.5), ylim=(-1, 1))
    text.set_axis_off()
    return {
        "boxes": boxes,
        "sizes": Letters(tower, size=10.0, family="sans-serif"),
        "curves": [curve.plot([], [], color=color)[0] for color in LAYERS],
        "images": images,
        "titles": titles,
        "cursors": cursors,
        "letters": Letters(text, size=10.5),
    }
