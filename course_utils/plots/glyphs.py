"""Letters as outlines, each made once: a text of 600 letters, or twenty labels, are one artist drawn in milliseconds.

A `Text` of matplotlib is laid out and rendered anew whenever it is drawn, for 1 or 2 ms. An explorer cannot wait so long.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Num, UInt8
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, Transform

from course_utils.plots.palette import INK
from course_utils.plots.style import course_look
from course_utils.tree import Array

VISIBLE = {" ": "␣", "\n": "¶"}
CAPITAL = 0.728
"""Height of a capital, 1 point large, in the fonts of the course (DejaVu)."""


def visible(letter: str) -> str:
    """The letter, or a sign for a space and for a new line."""
    return VISIBLE.get(letter, letter)


class Glyph(NamedTuple):
    """The outline of a letter 1 point large that begins at the origin, on its baseline, and where the next one begins."""

    vertices: Float[Array, "N 2"]
    codes: UInt8[Array, "N"]
    advance: float


@cache
def glyph(letter: str, family: str = "monospace", weight: str = "normal") -> Glyph:
    """A letter of a font; nothing but its width for a blank of any kind, and nothing at all for a mark of formatting."""
    if unicodedata.category(letter) == "Cf":  # some versions of matplotlib draw a box for it
        return Glyph(np.empty((0, 2)), np.empty(0, Path.code_type), 0.0)
    with course_look():  # made once and kept: the settings of that moment must not stay in it
        return _traced(" " if letter.isspace() else letter, FontProperties(family=family, weight=weight))


def _traced(shape: str, font: FontProperties) -> Glyph:
    bar, followed = (TextPath((0, 0), text, size=100, prop=font) for text in ("|", shape + "|"))
    advance = round((followed.vertices[:, 0].max() - bar.vertices[:, 0].max()) / 100, 3)
    if len(followed.vertices) == len(bar.vertices):  # no ink; TextPath wants some
        return Glyph(np.empty((0, 2)), np.empty(0, Path.code_type), advance)
    own = TextPath((0, 0), shape, size=100, prop=font)
    return Glyph(own.vertices / 100, own.codes, advance)


def joined(glyphs: Sequence[Glyph], places: Num[Array, "N 2"], size: float = 1.0) -> Path:
    """One path of all these glyphs, each moved to its place."""
    if not glyphs:
        return Path(np.empty((0, 2)))
    vertices = size * np.concatenate([one.vertices for one in glyphs])
    vertices += np.repeat(places, [len(one.codes) for one in glyphs], axis=0)
    return Path(vertices, np.concatenate([one.codes for one in glyphs]))


@lru_cache(maxsize=4_096)
def outline(text: str, align: float = 0.5, family: str = "monospace", weight: str = "normal") -> Path:
    """A line of text 1 point large. At the origin is the share `align` of its width, and half of a capital's height."""
    glyphs = [glyph(letter, family, weight) for letter in text]
    x = np.cumsum([0.0, *(one.advance for one in glyphs)])
    return joined(glyphs, np.stack([x[:-1] - align * x[-1], np.full(len(text), -CAPITAL / 2)], axis=1))


class Letters(PathCollection):
    """Letters, or short texts, at places of `ax`; empty until `put` is called.

    size       in points
    family     the font; letters in the cells of a grid look best in the monospaced one
    align      which part of a text stands at its place: 0 its left end, 0.5 its middle, 1 its right end
    transform  of the places; those of the data of `ax` unless given
    """

    def __init__(
        self,
        ax: Axes,
        *,
        size: float = 10.0,
        family: str = "monospace",
        align: float = 0.5,
        transform: Transform | None = None,
        zorder: float = 3.0,
    ) -> None:
        places = ax.transData if transform is None else transform
        super().__init__([], offsets=np.empty((0, 2)), offset_transform=places, linewidths=0, zorder=zorder)
        figure: Any = ax.figure
        self.set_transform(Affine2D().scale(size / 72) + figure.dpi_scale_trans)
        self.set_snap(False)  # an i and an l would look bold where they happen to meet the grid of pixels
        self.family, self.align = family, align
        self.texts: list[str] = []
        ax.add_collection(self, autolim=False)

    def put(
        self,
        texts: Sequence[str],
        places: Num[Array, "N 2"],
        *,
        colors: Sequence[str] | str = INK,
        bold: Sequence[bool] | None = None,
    ) -> None:
        """Show these there; `texts` remembers them. Raises ValueError for more texts than places."""
        if len(texts) > len(places):
            raise ValueError(f"Letters.put: wanted a place for each of {len(texts)} letters, got {len(places)}")
        weights = ["normal"] * len(texts) if bold is None else ["bold" if heavy else "normal" for heavy in bold]
        self.texts = list(texts)
        self.set_paths([outline(t, self.align, self.family, w) for t, w in zip(texts, weights, strict=True)])
        self.set_offsets(places[: len(texts)])
        self.set_facecolor(colors)
