"""What do the heads look at? For one word of a sentence every head of every layer, and one head for all words."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import Checkbox, IntSlider, ToggleButtons
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D

from course_utils.data.reviews import Review, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import text_source
from course_utils.plots.attention import FULL, WEIGHTS
from course_utils.plots.glyphs import Letters
from course_utils.plots.page import Page, TextPanel, lay_out
from course_utils.plots.palette import MUTED, ORANGE, RED
from course_utils.pretrained.head_reader import LAYERS, HeadReader, Look, N
from course_utils.text.preprocessing import words
from course_utils.tree import Array

START = "The plot is as thin as paper, but the keeper and his parrot are not bad at all, and I laughed."
COLUMNS, LINES, LONGEST = 84, 2, 24
"""Size of the page, and most words of a sentence."""


class Looks(NamedTuple):
    """A sentence's place on the page, and what the reader did with it."""

    page: Page
    look: Look


def heads_explorer(reader: HeadReader, *, text: str = START, reviews: Sequence[Review] | None = None) -> Explorer:
    """Controls: a sentence, or the beginning of a review instead, the word t, a layer, a head, and whether
    word t is hidden from the model.

    Shown are the sentence, coloured by how much the head looks at each word when it stands at t; the same for all heads;
    and this head at all words. Of a text the first 24 words are read, and two lines shown.
    """
    corpus = load_reviews() if reviews is None else reviews

    controls = {
        **text_source(corpus, text),
        "t": IntSlider(15, 1, LONGEST, description="t word that looks"),
        "layer": ToggleButtons(options=range(1, LAYERS + 1), description="layer"),
        "head": ToggleButtons(options=range(1, N + 1), value=2, description="n head"),
        "hide": Checkbox(False, description="hide word t from the model", indent=False),
    }
    return Explorer(
        "HeadsExplorer",
        controls,
        compute=partial(read, reader, corpus),
        setup=_setup,
        update=_update,
        describe=partial(_describe, reader.vocabulary.words),
        limits={"t": lambda now: len(now.look.words)},
        figsize=(10.5, 5.2),
    )


def read(reader: HeadReader, corpus: Sequence[Review], text: str, review: int, hide: bool) -> Looks:
    """What fits the page of the sentence or the review, and where the heads look; with each word hidden in turn if told."""
    chosen = corpus[review - 1].text if review else text
    found = words(chosen if chosen.strip() else "?")[:LONGEST]
    page = lay_out([word[:COLUMNS] for word in found], columns=COLUMNS, gap=1)
    shown = int((page.line < LINES).sum())
    look = reader.look_blanked if hide else reader.look
    return Looks(Page(*(part[:shown] for part in page)), look(found[:shown]))


def tints(a: Float[Array, "T"]) -> Float[Array, "T 4"]:
    """The colours of weights, pale enough for ink to stay readable on them."""
    return np.asarray(WEIGHTS(np.minimum(a / FULL, 1), alpha=0.55))


def _padded(a: Array, rows: int) -> Array:
    """So many rows of weights of words, and nothing where the sentence has ended."""
    full = np.full((rows, LONGEST), np.nan)
    full[: len(a), : a.shape[1]] = a
    return full


def _update(artists: Artists, now: Looks, t: int, layer: int, head: int, hide: bool) -> None:
    (page, look), at = now, t - 1
    T, boxes, panel = len(look.words), page.boxes(), artists["text"]
    panel.boxes.set_verts(boxes)
    panel.boxes.set_facecolor(tints(look.a[layer - 1, head - 1, at]))
    panel.frame.set_verts(boxes[[at]])
    panel.frame.set_hatch("////" if hide else None)
    panel.letters.set_path(page.letters([word[:COLUMNS] for word in look.words]))
    artists["every head"].set_data(_padded(look.a[:, :, at].reshape(LAYERS * N, T), LAYERS * N))
    artists["all words"].set_data(_padded(look.a[layer - 1, head - 1], LONGEST))
    artists["this head"].set_y((layer - 1) * N + head - 1.5)
    artists["this word"].set(y=at - 0.5, width=T)
    artists["column"].set_x(at - 0.5)
    artists["names"].put([word[:12] for word in look.words], np.stack([np.arange(T) + 0.1, np.full(T, -0.75)], 1))


def _describe(vocabulary: Sequence[str], now: Looks, t: int, layer: int, head: int, hide: bool) -> str:
    look, at = now.look, t - 1
    row = look.a[layer - 1, head - 1, at]
    best = [f"“{look.words[s]}” ({row[s]:.0%})" for s in np.argsort(-row)[:3]]
    guesses = np.argsort(-look.log_p[at])[:3]
    names = ", ".join(f"“{vocabulary[g]}” ({np.exp(look.log_p[at, g]):.0%})" for g in guesses)
    hidden = f" Word {at + 1} is hidden from the model; its best guesses are {names}." if hide else ""
    return f"Layer {layer}, head {head}, at “{look.words[at]}”: looks most at {', '.join(best)}.{hidden}"


def _setup(figure: Figure) -> Artists:
    grid = figure.add_gridspec(2, 2, height_ratios=(0.42, 2.2), width_ratios=(1.75, 1), hspace=0.05)
    text, every, one = (figure.add_subplot(part) for part in (grid[0, :], grid[1, 0], grid[1, 1]))
    panel = TextPanel.on(text, columns=COLUMNS, lines=LINES)
    text.set_title("The framed word looks at the blue ones", loc="left")
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
        "text": panel,
        "every head": images[0],
        "all words": images[1],
        "this head": this_head,
        "this word": this_word,
        "column": column,
        "names": names,
    }
