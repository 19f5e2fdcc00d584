"""Where labels stand in a crowded picture, so that no two of them lie on one another."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.tree import Array

SIDES = np.array([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (0.8, 1.0), (-0.8, 1.0), (0.8, -1.0), (-0.8, -1.0)])
"""Where a label may stand, seen from its point, in halves of its width and height; the first that is free is taken."""


def place_labels(
    points: Float[Array, "P 2"],
    sizes: Float[Array, "P 2"],
    *,
    gap: Float[Array, "2"],
    frame: tuple[float, float, float, float],
    dots: Float[Array, "Q 2"] | None = None,
) -> tuple[Float[Array, "P 2"], Bool[Array, "P"]]:
    """Greedy placement: the middle of each label, and whether there was room for it; the first points choose first.

    sizes: width and height of each label, gap: distance between a point and its label, frame: left, right, bottom, top,
    all in the units of the points. dots: places that no label covers, those of all points unless given.
    """
    dots = points if dots is None else dots
    left, right, bottom, top = frame
    apart = gap * (1, 0)  # between two labels of a line, lest they read as one word
    low, high = np.empty_like(points), np.empty_like(points)  # corners of the labels that stand
    middles, stands, n = points.copy(), np.zeros(len(points), bool), 0
    for k, (point, size) in enumerate(zip(points, sizes, strict=True)):
        middle = point + SIDES * (size / 2 + gap)
        a, b = middle - size / 2, middle + size / 2
        inside = (a[:, 0] >= left) & (b[:, 0] <= right) & (a[:, 1] >= bottom) & (b[:, 1] <= top)
        if not inside.any():
            continue
        covers = ((a[:, None] < dots) & (dots < b[:, None])).all(2).any(1)
        meets = ((a[:, None] - apart < high[:n]) & (low[:n] < b[:, None] + apart)).all(2).any(1)
        free = np.flatnonzero(inside & ~covers & ~meets)
        if len(free):
            middles[k], stands[k] = middle[free[0]], True
            low[n], high[n] = a[free[0]], b[free[0]]
            n += 1
    return middles, stands


def apart(values: Float[Array, "N"], gap: float) -> Float[Array, "N"]:
    """The values, moved as little as needed for neighbours to be at least `gap` apart, in the same order.

    A group that is too close together spreads around its mean (pool adjacent violators).
    """
    order = np.argsort(values, kind="stable")
    steps = gap * np.arange(len(values))
    groups: list[list[float]] = []
    for value in values[order] - steps:  # equal spacing is now no spacing: only the order must hold
        groups.append([value])
        while len(groups) > 1 and np.mean(groups[-2]) > np.mean(groups[-1]):
            last = groups.pop()
            groups[-1] += last
    placed = np.empty(len(values))
    placed[order] = np.concatenate([np.full(len(g), np.mean(g)) for g in groups]) + steps if groups else steps
    return placed
