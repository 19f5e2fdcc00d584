"""What do the heads look at? For one word of a sentence every head of every layer, and one head for all words."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from ipywidgets import BoundedIntText, Checkbox, IntSlider, Text, ToggleButtons
from jaxtyping import Float
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.attention import FULL, WEIGHTS
from course_utils.plots.glyphs import Letters
from course_utils.plots.page import Page, lay_out
from course_utils.plots.palette import INK, MUTED, ORANGE, RED
from course_utils.pretrained.head_reader import LAYERS, HeadReader, Look, N
from course_utils.text.preprocessing import words
from course_utils.tree import Array

START = "The plot is as thin as paper, but the keeper and his parrot are not bad at all, and I laughed."
COLUMNS, LINES, LONGEST = 84, 2, 24
"""Size of the page, and most words of a sentence."""


def heads_explorer(reader: HeadReader, *, text: str = START, reviews: Sequence[Review] | None = None) -> Explorer:
    """Controls: a sentence, or the beginning of a review instead (0: the sentence), the word t, a layer, a head, and whether
    word t is hidden from the model.

    Shown are the sentence, coloured by how much the head looks at each word when it stands at t; the same for all heads;
    and this head at all words. Of a text the first 24 words are read, and two lines shown.
    """
    corpus = load_reviews() if reviews is None else reviews

    @lru_cache(maxsize=8)
    def look(text: str, review: int, hide: bool) -> tuple[Look, Page]:
        chosen = corpus[review - 1].text if review else text
        found = words(chosen if chosen.strip() else "?")[:LONGEST]
        page = lay_out([word[:COLUMNS] for word in found], columns=COLUMNS, gap=1)
        shown = int((page.line < LINES).sum())
        read = reader.look_blanked if hide else reader.look
        return read(found[:shown]), Page(*(part[:shown] for part in page))

    typed = Text(text, description="sentence", continuous_update=False)
    T = len(look(text, 0, False)[0].words)
    review = BoundedIntText(0, 0, len(corpus), description="or review (0: none)", continuous_update=False)
    t = IntSlider(min(15, T), 1, T, description="t word that looks")

    def fit_slider(_: Any) -> None:
        t.max = len(look(typed.value, review.value, False)[0].words)

    for control in (typed, review):
        control.observe(fit_slider, "value")
    typed.layout.width = "40em"

    def update(artists: Artists, text: str, review: int, t: int, layer: int, head: int, hide: bool) -> None:
        now, page = look(text, review, hide)
        T = len(now.words)
        at = min(t, T) - 1
        row = now.a[layer - 1, head - 1, at]
        boxes = page.boxes()
        artists["looked at"].set_verts(boxes)
        artists["looked at"].set_facecolor(tints(row))
        artists["frame"].set_verts(boxes[[at]])
        artists["frame"].set_hatch("////" if hide else None)
        artists["words"].set_path(page.letters([word[:COLUMNS] for word in now.words]))
        artists["every head"].set_data(_padded(now.a[:, :, at].reshape(LAYERS * N, T), LAYERS * N))
        artists["all words"].set_data(_padded(now.a[layer - 1, head - 1], LONGEST))
        artists["this head"].set_y((layer - 1) * N + head - 1.5)
        artists["this word"].set_y(at - 0.5)
        artists["this word"].set_width(T)
        artists["column"].set_x(at - 0.5)
        artists["names"].put([word[:12] for word in now.words], np.stack([np.arange(T) + 0.1, np.full(T, -0.75)], 1))

    def describe(text: str, review: int, t: int, layer: int, head: int, hide: bool) -> str:
        now, _ = look(text, review, hide)
        at = min(t, len(now.words)) - 1
        row = now.a[layer - 1, head - 1, at]
        best = [f"“{now.words[s]}” ({row[s]:.0%})" for s in np.argsort(-row)[:3]]
        guesses = np.argsort(-now.log_p[at])[:3]
        names = ", ".join(f"“{reader.vocabulary.tokens[g]}” ({np.exp(now.log_p[at, g]):.0%})" for g in guesses)
        hidden = f" Word {at + 1} is hidden from the model; its best guesses are {names}." if hide else ""
        return f"Layer {layer}, head {head}, at “{now.words[at]}”: looks most at {', '.join(best)}.{hidden}"

    controls = {
        "text": typed,
        "review": review,
        "t": t,
        "layer": ToggleButtons(options=range(1, LAYERS + 1), description="layer"),
        "head": ToggleButtons(options=range(1, N + 1), value=2, description="n head"),
        "hide": Checkbox(False, description="hide word t from the model", indent=False),
    }
    return Explorer("HeadsExplorer", _setup, update, controls, describe=describe, figsize=(10.5, 5.2))


def tints(a: Float[Array, " T"]) -> Float[Array, "T 4"]:
    """The colours of weights, pale enough for ink to stay readable on them."""
    return np.asarray(WEIGHTS(np.minimum(a / FULL, 1), alpha=0.55))


def _padded(a: Array, rows: int) -> Array:
    """So many rows of weights of words, and nothing where the sentence has ended."""
    full = np.full((rows, LONGEST), np.nan)
    full[: len(a), : a.shape[1]] = a
    return full


def _setup(figure: Figure, **_: Any) -> Artists:
    grid = figure.add_gridspec(2, 2, height_ratios=(0.42, 2.2), width_ratios=(1.75, 1), hspace=0.05)
    text, every, one = (figure.add_subplot(part) for part in (grid[0, :], grid[1, 0], grid[1, 1]))
    lay_out([" "], columns=COLUMNS).frame(text, columns=COLUMNS, lines=LINES)
    text.set_title("The framed word looks at the blue ones", loc="left")
    empty: list[Array] = []
    looked_at, frame = PolyCollection(empty), PolyCollection(empty, facecolors="none", edgecolors=RED, lw=1.8)
    letters = PathPatch(Path(np.empty((0, 2))), color=INK, lw=0, zorder=3)
    for artist in (looked_at, frame):
        text.add_collection(artist, autolim=False)
    text.add_patch(letters)
    images = []
    for ax, rows in ((every, LAYERS * N), (one, LONGEST)):
        blank = np.full((rows, LONGEST), np.nan)
        images.append(ax.imshow(blank, cmap=WEIGHTS, vmin=0, vmax=FULL, aspect="auto", interpolation="nearest"))
        ax.grid(visible=False)
        ax.set(xlim=(-0.5, LONGEST - 0.5), xticks=[], yticks=[])
    every.set_yticks(range(LAYERS * N), [f"layer {k // N + 1}, head {k % N + 1}" for k in range(LAYERS * N)], size=9)
    every.set_ylim(LAYERS * N - 0.5, -3.7)
    every.spines[:].set_visible(False)
    every.tick_params(length=0)
    every.axhline(N - 0.5, color=MUTED, lw=1, zorder=3)
    one.spines[:].set_visible(False)
    every.set_title("every head, at the framed word", loc="left")
    one.set(xlabel="word that is looked at", ylabel="word that looks")
    one.set_title("the chosen head, at all words", loc="left")
    names = Letters(every, size=8.5, family="sans-serif", align=0.0)
    names.set_transform(Affine2D().scale(8.5 / 72).rotate_deg(60) + figure.dpi_scale_trans)
    outline: dict[str, Any] = {"facecolor": "none", "lw": 1.8}
    this_head = every.add_patch(Rectangle((-0.5, 0), LONGEST, 1, edgecolor=ORANGE, **outline))
    column = every.add_patch(Rectangle((0, -0.5), 1, LAYERS * N, edgecolor=RED, facecolor="none", lw=1.2))
    this_word = one.add_patch(Rectangle((-0.5, 0), LONGEST, 1, edgecolor=RED, **outline))
    return {
        "looked at": looked_at, "frame": frame, "words": letters, "every head": images[0], "all words": images[1],
        "this head": this_head, "this word": this_word, "column": column, "names": names,
    }  # fmt: skip
