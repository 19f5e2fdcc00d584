"""Bands across axes that can be moved: before matplotlib 3.9 what `axvspan` gives has no place of its own to set."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle


def column(ax: Axes, start: float, end: float, **look: Any) -> Rectangle:
    """The steps from `start` to `end`, from the bottom of the axes to their top: `set_x` moves it."""
    band = Rectangle((start, 0), end - start, 1, transform=ax.get_xaxis_transform(), **look)
    ax.add_patch(band)
    return band


def row(ax: Axes, low: float, high: float, **look: Any) -> Rectangle:
    """The values from `low` to `high`, from the left of the axes to their right: `set_y` and `set_height` move it."""
    band = Rectangle((0, low), 1, high - low, transform=ax.get_yaxis_transform(), **look)
    ax.add_patch(band)
    return band
