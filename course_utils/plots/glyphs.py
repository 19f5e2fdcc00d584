"""Many single letters in one artist: a text of 600 letters in the cells of a grid is drawn in milliseconds."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Num
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from course_utils.plots.palette import INK
from course_utils.tree import Array

VISIBLE = {" ": "␣", "\n": "↵"}


def visible(letter: str) -> str:
    """The letter, or a sign for a space and for a new line."""
    return VISIBLE.get(letter, letter)


@cache
def glyph(letter: str, weight: str = "normal") -> Path:
    """The outline of a letter of a monospaced font, 1 point large, its cell centred on the origin."""
    if letter.isspace():
        return Path(np.empty((0, 2)))
    outline = TextPath((0, 0), letter, size=100, prop=FontProperties(family="monospace", weight=weight))
    vertices = (outline.vertices - [30.1, 36.4]) / 100  # half the width of a cell, half the height of a capital
    return Path(vertices, outline.codes)


class Letters(PathCollection):
    """Letters at places of `ax`, in data units; empty until `put` is called. `size` is in points."""

    def __init__(self, ax: Axes, *, size: float = 10.0, zorder: float = 3.0) -> None:
        super().__init__([], offsets=np.empty((0, 2)), offset_transform=ax.transData, linewidths=0, zorder=zorder)
        figure: Any = ax.figure
        self.set_transform(Affine2D().scale(size / 72) + figure.dpi_scale_trans)
        self.set_snap(False)  # an i and an l would look bold where they happen to meet the grid of pixels
        self.text = ""
        ax.add_collection(self, autolim=False)

    def put(
        self,
        letters: Sequence[str],
        places: Num[Array, "N 2"],
        *,
        colors: Sequence[str] | str = INK,
        bold: Sequence[bool] | None = None,
    ) -> None:
        """Show these letters there; `text` remembers them. Raises ValueError for more letters than places."""
        if len(letters) > len(places):
            raise ValueError(f"Letters.put: wanted a place for each of {len(letters)} letters, got {len(places)}")
        heavy = [False] * len(letters) if bold is None else bold
        self.text = "".join(letters)
        self.set_paths([glyph(letter, "bold" if b else "normal") for letter, b in zip(letters, heavy, strict=True)])
        self.set_offsets(places[: len(letters)])
        self.set_facecolor(colors)
