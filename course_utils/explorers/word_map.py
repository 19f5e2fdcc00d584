"""A map of words: the neighbours of a word, or of a sum of words, in two of the directions that show most of them."""

from difflib import get_close_matches
from functools import partial
from typing import NamedTuple

import numpy as np
from ipywidgets import IntSlider, ToggleButtons
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from course_utils.analysis.projection import Projection, principal_directions
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import typed
from course_utils.plots.bars import corners
from course_utils.plots.glyphs import Letters, glyph
from course_utils.plots.labels import place_labels
from course_utils.plots.palette import BLUE, GRID, MUTED, RED
from course_utils.text.preprocessing import words
from course_utils.text.word_vectors import Neighbours, WordVectors
from course_utils.tree import Array

MOST, CROWD, LANDMARKS, SIZE = 24, 1_000, 28, 10.0
"""Neighbours at most; frequent words that are dots of the whole map, and those that may be named; size of a name."""
PAIRS = {"1 and 2": [0, 1], "3 and 4": [2, 3]}
WIDTH, HEIGHT = 1.5, 1.0
"""The map reaches from minus to plus these."""


class Place(NamedTuple):
    """What was typed, the sum of its unit vectors with their signs, at length 1, and who is near."""

    typed: list[str]
    point: Float[Array, "D"]
    neighbours: Neighbours


class Crowd(NamedTuple):
    """The most frequent words, the directions in which they differ most, and where they lie in these."""

    words: list[str]
    directions: Projection
    points: Float[Array, "Q 4"]


class Map(NamedTuple):
    """Where the typed words, their sum and the neighbours lie, in the frame; the crowd behind; the variance they show."""

    points: Float[Array, "P 2"]
    crowd: Float[Array, "Q 2"]
    share: float


def word_map_explorer(vectors: WordVectors, word: str = "funny") -> Explorer:
    """Controls: a word or a sum such as ``king - man + woman``, how many neighbours, how much of the map, which directions.

    Near is meant by the cosine, in all D directions. The map shows two: principal directions of the neighbourhood, or
    of the most frequent words. A name that would lie on another is left out; the list on the right has them all.
    Raises ValueError for vectors of fewer than 4 numbers, or of fewer than 5 words.
    """
    crowd = most_frequent(vectors)
    controls = {
        "word": typed(word, "word, or a sum (king - man + woman)", width="32em"),
        "n": IntSlider(14, 5, MOST, description="n  neighbours"),
        "zoom": ToggleButtons(options=["neighbourhood", "whole map"], description="zoom"),
        "pair": ToggleButtons(options=list(PAIRS), description="directions"),
    }
    return Explorer(
        "WordMapExplorer",
        controls,
        compute={"place": partial(find, vectors), "map_": partial(draw_map, vectors, crowd)},
        setup=_setup,
        update=(partial(_show_map, crowd.words), _show_list),
        describe=partial(_describe, vectors.unit.shape),
        figsize=(10.5, 4.9),
    )


def most_frequent(vectors: WordVectors) -> Crowd:
    """The first words of the vocabulary that begin with a letter."""
    words = vectors.vocabulary.words
    frequent = [k for k, word in enumerate(words) if k > 1 and word[0].isalpha()][:CROWD]
    directions = principal_directions(vectors.unit[frequent], 4)
    return Crowd([words[k] for k in frequent], directions, directions.apply(vectors.unit[frequent]))


def find(vectors: WordVectors, word: str) -> Place:
    """Where a word or a sum of words points. Raises ValueError, with advice, for what has no vector."""
    words, unit = vectors.vocabulary.words, vectors.unit
    typed, signs = read(word)
    for unknown in (one for one in typed if one not in vectors.vocabulary):
        near = get_close_matches(unknown, [w for w in words[2:] if abs(len(w) - len(unknown)) < 3], n=3, cutoff=0.75)
        advice = f"Did you mean {' or '.join(near)}?" if near else "Try a more frequent one."
        raise ValueError(f"“{unknown}” is not among the {len(words) - 2:,} words of this map. {advice}")
    point = np.array(signs, unit.dtype) @ unit[[vectors.number(one) for one in typed]]
    length = float(np.linalg.norm(point))
    if length < 1e-6:
        raise ValueError("These words add up to nothing, which has no neighbours. Leave one of them out.")
    return Place(typed, point / length, vectors.near(point, MOST, without=typed))


def draw_map(vectors: WordVectors, crowd: Crowd, place: Place, n: int, zoom: str, pair: str) -> Map:
    """Everything in two directions, as large as fits the frame."""
    names, chosen = [*place.typed, *(name for name, _ in place.neighbours[:n])], PAIRS[pair]
    shown = np.concatenate([vectors.unit[[vectors.number(name) for name in names]], place.point[None]])
    near = zoom == "neighbourhood"
    directions = principal_directions(shown, 4) if near else crowd.directions
    points = directions.apply(shown)[:, chosen]
    behind = np.empty((0, 2)) if near else crowd.points[:, chosen]
    low, high = (f(np.concatenate([points, behind]), axis=0) for f in (np.min, np.max))
    scale = 2 * np.array([WIDTH - 0.3, HEIGHT - 0.15]) / np.maximum(high - low, 1e-9)
    points, behind = ((p - (low + high) / 2) * scale.min() for p in (points, behind))
    return Map(points, behind, float(directions.share[chosen].sum()))


def _setup(figure: Figure) -> Artists:
    ax, bars = figure.subplots(1, 2, width_ratios=(2.6, 1))
    ax.set(xlim=(-WIDTH, WIDTH), ylim=(-HEIGHT, HEIGHT), aspect="equal", xticks=[], yticks=[])
    ax.spines[["left", "bottom"]].set_color(GRID)
    ax.set_title("Words nearby, seen in two directions")
    bars.set(xlim=(-0.75, 1.2), ylim=(MOST - 0.4, -0.8))
    bars.set_title("cosine, in all directions")
    bars.axis("off")
    return {
        "crowd": ax.plot([], [], "o", ms=2.2, color=MUTED, alpha=0.35, mew=0)[0],
        "near": ax.plot([], [], "o", ms=5, color=BLUE, mew=0, zorder=3)[0],
        "typed": ax.plot([], [], "o", ms=7, color=RED, mew=0, zorder=4)[0],
        "sum": ax.plot([], [], "x", ms=10, color=RED, mew=2.5, zorder=4)[0],
        "names": Letters(ax, size=SIZE, family="sans-serif", zorder=5.0),
        "bars": bars.add_collection(PolyCollection([], facecolor=BLUE, lw=0), autolim=False),
        "list": Letters(bars, size=8.5, family="sans-serif", align=1.0),
        "cosines": Letters(bars, size=8.5, family="sans-serif", align=0.0),
    }


def _show_map(frequent: list[str], artists: Artists, place: Place, map_: Map, n: int) -> None:
    typed, near = len(place.typed), place.neighbours[:n]
    artists["crowd"].set_data(*map_.crowd.T)
    artists["typed"].set_data(*map_.points[:typed].T)
    artists["near"].set_data(*map_.points[typed:-1].T)
    artists["sum"].set_data(*map_.points[-1:].T if typed > 1 else ([], []))
    names = [*place.typed, *(name for name, _ in near)]
    points, colors = map_.points[:-1], [RED] * typed + [BLUE] * len(near)
    if len(map_.crowd):
        far = np.argsort(-np.abs(map_.crowd).max(1))[:LANDMARKS]
        names += [frequent[k] for k in far]
        points, colors = np.concatenate([points, map_.crowd[far]]), colors + [MUTED] * len(far)
    middles, there = place_labels(
        points,
        sizes_of(names, artists["names"].axes),
        gap=np.array([0.035, 0.015]),
        frame=(-WIDTH, WIDTH, -HEIGHT, HEIGHT),
        dots=map_.points,
    )
    kept = np.flatnonzero(there)
    artists["names"].put([names[k] for k in kept], middles[kept], colors=[colors[k] for k in kept])


def _show_list(artists: Artists, place: Place, n: int) -> None:
    near = place.neighbours[:n]
    rows, cosine = np.arange(len(near)), np.array([value for _, value in near])
    artists["bars"].set_verts(corners(cosine))
    artists["list"].put([name for name, _ in near], np.stack([np.full(len(near), -0.04), rows], 1))
    labels = np.stack([np.maximum(cosine, 0) + 0.04, rows], 1)
    artists["cosines"].put([f"{value:.2f}" for value in cosine], labels, colors=MUTED)


def _describe(shape: tuple[int, int], place: Place, map_: Map, word: str, n: int, zoom: str) -> str:
    V, D = shape
    near = place.neighbours[:n]
    (first, cosine), (last, least) = near[0], near[-1]
    of = "these words" if zoom == "neighbourhood" else f"the {len(map_.crowd):,} most frequent words (grey)"
    cross = " The cross is where the sum points." if len(place.typed) > 1 else ""
    return (
        f"Of {V - 2:,} words “{first}” is nearest to “{word.strip()}”, with a cosine of {cosine:.2f}; number {len(near)} is "
        f"“{last}” with {least:.2f}.{cross} The map shows {100 * map_.share:.0f} % of how {of} differ, so two that touch "
        f"here may still be far apart in the other {D - 2} directions."
    )


def read(text: str) -> tuple[list[str], list[int]]:
    """Words of a sum and their signs: ``king - man + woman`` or ``king woman - man``. A hyphen inside a word is none."""
    typed: list[str] = []
    signs: list[int] = []
    sign = 1
    for piece in text.replace("−", "-").split():
        if piece in ("+", "-"):
            sign = 1 if piece == "+" else -1
            continue
        found = words(piece)
        named = [one for one in found if one[0].isalnum()] or found
        typed, signs, sign = typed + named, signs + [sign] * len(named), 1
    if not typed:
        raise ValueError("Type a word, such as funny, or a sum, such as king - man + woman.")
    return typed, signs


def sizes_of(names: list[str], ax: Axes) -> Float[Array, "P 2"]:
    """Width and height of each name in the units of a map whose axes have one unit for both."""
    unit = ax.transData.get_matrix()[0, 0] * 72 / ax.figure.dpi  # points
    widths = [sum(glyph(letter, "sans-serif").advance for letter in name) for name in names]
    return np.stack([np.array(widths), np.full(len(names), 1.15)], axis=1) * SIZE / unit
