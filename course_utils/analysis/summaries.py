"""Numbers that sum up many: a running mean, a power law, shares of right answers by length and by how sure a model is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from course_utils.tree import Array


def smooth(values: Sequence[float], window: int) -> Float[Array, "n"]:
    """Running mean over the last `window` values, over fewer at the start.

    Raises ValueError for a window below 1.
    """
    if window < 1:
        raise ValueError(f"smooth: wanted a window of at least 1 step, got {window}")
    sums = np.cumsum(np.concatenate([[0.0], values]))
    end = np.arange(1, len(sums))
    start = np.maximum(end - window, 0)
    return (sums[end] - sums[start]) / (end - start)


def power_law(x: Shaped[Array, "N"], y: Shaped[Array, "N"]) -> tuple[float, float]:
    """The slope s and the factor a of the power law a x^s nearest to y: least squares of the logarithms."""
    slope, level = np.polyfit(np.log(x), np.log(y), 1)
    return float(slope), float(np.exp(level))


def right_by_length(
    lengths: Sequence[int], edges: Sequence[int], right: Sequence[bool] | Bool[Array, "N"]
) -> Float[Array, "groups"]:
    """Share of right answers in each group of lengths, from one edge up to below the next; NaN for an empty group."""
    group = np.digitize(lengths, edges) - 1
    hits = np.asarray(right)
    return np.array([hits[group == k].mean() if (group == k).any() else np.nan for k in range(len(edges) - 1)])


class Calibration(NamedTuple):
    """Verdicts in groups by how sure the model was of them: its mean certainty, the share that is right, how many."""

    sure: Float[Array, "groups"]
    right: Float[Array, "groups"]
    n: Int[Array, "groups"]


def calibration(p: Float[Array, "N"], labels: Int[Array, "N"], edges: Sequence[float]) -> Calibration:
    """How sure a model is of label 0 or 1 (1/2 to 1), and how often it is right, in the groups between `edges`.

    p is the probability of label 1. Groups without a verdict are left out.
    """
    sure, right = np.maximum(p, 1 - p), (p > 0.5) == labels
    group = np.clip(np.searchsorted(edges, sure, side="right") - 1, 0, len(edges) - 2)
    there = [group == k for k in np.unique(group)]
    return Calibration(
        np.array([sure[one].mean() for one in there]),
        np.array([right[one].mean() for one in there]),
        np.array([one.sum() for one in there]),
    )
