"""Principal directions: the few along which a cloud of points is longest, so that a map of it shows as much as it can."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from course_utils.math import rescaled
from course_utils.shapes import expect, expect_whole
from course_utils.tree import Array


class Projection(NamedTuple):
    """K directions of length 1, at right angles, the longest spread first.

    mean: where the cloud has its middle; directions: one a row; share: of the whole variance, which each one holds.
    """

    mean: Float[Array, "D"]
    directions: Float[Array, "K D"]
    share: Float[Array, "K"]

    def apply(self, X: Float[Array, "P D"]) -> Float[Array, "P K"]:
        """Coordinates of any points along the directions, seen from the middle of the cloud."""
        return (X - self.mean) @ self.directions.T


def principal_directions(X: Float[Array, "N D"], K: int = 2) -> Projection:
    """The K directions along which N points spread most (Pearson 1901): right singular vectors of X minus its mean.

    The sign of a direction is arbitrary; here its largest entry is positive, so that a map does not flip by chance.
    Raises ValueError for more directions than N - 1 points, or D numbers, can tell apart.
    """
    X = expect(X, "N D", what="X", where="principal_directions")
    N, D = X.shape
    if not np.isfinite(X).all():
        raise ValueError("principal_directions: wanted points of finite numbers, got nan or inf")
    expect_whole("principal_directions", K=K)
    if not K <= min(N - 1, D):
        raise ValueError(
            f"principal_directions: wanted 1 <= K <= {min(N - 1, D)} for {N} points in {D} numbers, got {K}"
        )
    mean = X.mean(axis=0)
    _, lengths, rows = np.linalg.svd(X - mean, full_matrices=False)
    largest = np.take_along_axis(rows, np.abs(rows).argmax(axis=1, keepdims=True), axis=1)
    parts = rescaled(lengths)[0] ** 2
    share = parts / max(float(parts.sum()), float(np.finfo(X.dtype).tiny))
    return Projection(mean, (np.where(largest < 0, -1, 1) * rows)[:K], share[:K])
