"""A text on a page of fixed width, as shapes: outlines of the letters, and a box behind each piece to colour.

Hundreds of matplotlib texts are slow to draw. Here all letters are one path, so that an explorer can move over them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from course_utils.plots.glyphs import glyph, joined
from course_utils.plots.palette import INK, RED
from course_utils.tree import Array

LINE = 2.4
"""Distance between two lines, in widths of a character."""
ADVANCE = 0.602
"""Width of a character of the monospaced font (DejaVu Sans Mono) of size 1; on a page it is 1."""


class Page(NamedTuple):
    """Where each piece of a text, a character or a word, stands: its line, its first column and its width, in characters."""

    line: Int[Array, "T"]
    column: Int[Array, "T"]
    width: Int[Array, "T"]

    def boxes(self) -> Float[Array, "T 4 2"]:
        """The corners of the box behind each piece."""
        left, right, below = self.column, self.column + self.width, -self.line * LINE - 0.65
        x = np.stack([left, right, right, left], axis=1)
        y = np.stack([below, below, below + LINE - 0.15, below + LINE - 0.15], axis=1)
        return np.stack([x, y], axis=2)

    def letters(self, pieces: Sequence[str], part: slice = slice(None)) -> Path:
        """The outlines of the pieces (or a part of them) as one path; an end of text is drawn as ¶."""
        text = "".join("¶" if piece == "\n" else piece for piece in pieces[part])
        length = np.array([len(piece) for piece in pieces[part]], int)
        inside = np.arange(len(text)) - np.repeat(np.cumsum(length) - length, length)  # 0, 1, ... in each piece
        column, line = (np.repeat(first[part], length) for first in (self.column, self.line))
        return joined([glyph(letter) for letter in text], np.stack([column + inside, -LINE * line], 1), 1 / ADVANCE)

    def frame(self, ax: Axes, *, columns: int, lines: int) -> None:
        """Make `ax` a blank page of this many columns and lines."""
        ax.set(xlim=(-0.5, columns + 0.5), ylim=(-(lines - 1) * LINE - 1, LINE - 0.5), aspect="equal", anchor="NW")
        ax.axis("off")


def lay_out(pieces: Sequence[str], *, columns: int, gap: int = 0) -> Page:
    """Place pieces line by line, `gap` blanks apart (0 for characters, 1 for words); characters of a word stay together.

    Raises ValueError for no pieces or less than one column.
    """
    if len(pieces) == 0 or columns < 1:
        raise ValueError(f"lay_out: wanted at least one piece and one column, got {len(pieces)} and {columns}")
    line = column = 0
    places = []
    for k, piece in enumerate(pieces):
        length = len(piece)
        if not gap and (k == 0 or pieces[k - 1].isspace()):  # a word begins: how long is it?
            end = next((j for j in range(k, len(pieces)) if pieces[j].isspace()), len(pieces))
            length = min(sum(map(len, pieces[k:end])), columns)
        if column and column + length > columns and not piece.isspace():
            line, column = line + 1, 0
        places.append((line, column, len(piece)))
        column += len(piece) + gap
    return Page(*np.array(places).T)


class TextPanel(NamedTuple):
    """A text on a page: a box behind each piece, to be coloured; a frame around one of them; the letters."""

    boxes: PolyCollection
    frame: PolyCollection
    letters: PathPatch

    @classmethod
    def on(cls, ax: Axes, *, columns: int, lines: int, **look: Any) -> "TextPanel":
        """On a page of this many columns and lines, still empty; `look` is that of the boxes: cmap, array, norm."""
        lay_out([" "], columns=columns).frame(ax, columns=columns, lines=lines)
        none: list[Array] = []
        boxes, frame = PolyCollection(none, **look), PolyCollection(none, facecolors="none", edgecolors=RED, lw=1.8)
        ax.add_collection(boxes, autolim=False)
        ax.add_collection(frame, autolim=False)
        letters = PathPatch(Path(np.empty((0, 2))), color=INK, lw=0, zorder=3)
        ax.add_patch(letters)
        return cls(boxes, frame, letters)
