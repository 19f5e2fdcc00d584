"""Pictures of chapter 05: text coloured by a unit, pages of sampled text, where windows come from, recall by delay."""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap

import numpy as np
from jaxtyping import Float
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.image import AxesImage

from course_utils.plots import seeds
from course_utils.plots.glyphs import VISIBLE, Letters
from course_utils.plots.page import lay_out
from course_utils.plots.palette import DIVERGING, INK, SEQUENTIAL
from course_utils.plots.style import axes
from course_utils.tree import Array

PALE = LinearSegmentedColormap.from_list("pale", colormaps[DIVERGING](np.linspace(0.28, 0.72, 9)))  # ink stays readable


def text_grid(ax: Axes, rows: int, columns: int, *, limit: float = 1.0) -> tuple[AxesImage, Letters]:
    """Empty cells with room for a letter each, to be filled by `fill_letters` and `fill_colors`."""
    empty = np.full((rows, columns), np.nan)
    image = ax.imshow(empty, aspect="auto", cmap=PALE, vmin=-limit, vmax=limit)
    ax.set_axis_off()
    return image, Letters(ax, size=10.5)


def fill_letters(letters: Letters, text: str, columns: int) -> None:
    """One letter a cell, row by row; a new line is shown as ¶."""
    places = np.stack([np.arange(len(text)) % columns, np.arange(len(text)) // columns], axis=1)
    letters.put(text.replace("\n", VISIBLE["\n"]), places, colors="black")


def fill_colors(image: AxesImage, values: Float[Array, "T"]) -> None:
    """One value a cell, row by row."""
    shape = image.get_array().shape  # type: ignore[union-attr]
    cells = np.full(shape[0] * shape[1], np.nan)
    cells[: len(values)] = values[: len(cells)]
    image.set_data(cells.reshape(shape))


def coloured_text(
    text: str,
    values: Float[Array, "T"],
    *,
    columns: int = 80,
    label: str = "state of the unit",
    ax: Axes | None = None,
) -> Axes:
    """A text, each letter on a background that shows its value between -1 (red) and 1 (blue); words stay whole.

    Raises ValueError unless there is a value for every letter.
    """
    if len(values) != len(text):
        raise ValueError(f"coloured_text: wanted a value for each of {len(text)} letters, got {len(values)}")
    ax = axes(ax)
    line, column, _ = lay_out(text, columns=columns)
    rows, width = int(line.max()) + 1, int(column.max()) + 1
    image, letters = text_grid(ax, rows, width)
    letters.put(text.replace("\n", VISIBLE["\n"]), np.stack([column, line], axis=1), colors="black")
    cells = np.full((rows, width), np.nan)
    cells[line, column] = values
    image.set_data(cells)
    ax.figure.colorbar(image, ax=ax, label=label, pad=0.015, fraction=0.05, ticks=[-1, 0, 1])
    return ax


def page(text: str, *, columns: int = 46, title: str = "", ax: Axes | None = None) -> Axes:
    """Running text in a box, broken into lines."""
    ax = axes(ax)
    lines = [line for part in text.split("\n") for line in wrap(part, columns) or [""]]
    ax.set_axis_off()
    ax.set_title(title)
    ax.text(
        0,
        1,
        "\n".join(lines),
        transform=ax.transAxes,
        va="top",
        family="monospace",
        size=9,
        linespacing=1.45,
        color=INK,
        parse_math=False,
    )
    return ax


def partition_map(windows: Iterable[tuple[Array, Array]], *, ax: Axes | None = None) -> Axes:
    """Where in the corpus each window comes from, if the corpus is its own positions 0, 1, 2, ...

    A row per training step; each bar is one window, coloured by its column in the batch. Raises ValueError for no
    windows.
    """
    ax = axes(ax)
    steps = [(x[0], x[-1] + 1) for x, _ in windows]
    if not steps:
        raise ValueError("partition_map: wanted at least one window, got none")
    B = len(steps[0][0])
    colors = colormaps[SEQUENTIAL](np.linspace(0, 0.88, B))
    for k, (start, end) in enumerate(steps, start=1):
        ax.barh(k, end - start, left=start, height=0.72, color=colors, edgecolor="white", lw=0.6)
    ax.set(xlabel="position in the corpus (characters)", ylabel="training step", ylim=(len(steps) + 0.6, 0.4))
    ax.set_yticks(range(1, len(steps) + 1))
    ax.grid(axis="y", visible=False)
    return ax


def recall_by_delay(
    delays: Sequence[int],
    accuracy: Mapping[str, Float[Array, "S N"]],
    colors: Mapping[str, str],
    *,
    chance: float,
    ax: Axes | None = None,
) -> Axes:
    """Accuracy of every seed (row) against the delay (column), and what guessing reaches."""
    curves = {name: dict(zip(delays, values.T, strict=True)) for name, values in accuracy.items()}
    ax = seeds.chance(chance, "guessing", ax=seeds.by_size(curves, colors, ax=ax))
    ax.set(xlabel="delay (steps between the symbol and the question)", ylabel="share of right answers", ylim=(0, 1.05))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax
