"""What depth does to a network: gradients by depth, and how alike the vectors of different steps become."""

import numpy as np
from jaxtyping import Float

from course_utils.layers.branches import BranchesTrace
from course_utils.math import lengths, rescaled
from course_utils.tree import Array, norm


def gradient_by_depth(dtrace: BranchesTrace) -> Float[Array, "L"]:
    """Length of the gradient by what enters each branch, the lowest first."""
    return np.array([norm(one.x) for one in dtrace.branches])


def mean_cosine(x: Float[Array, "T D"]) -> float:
    """Mean cosine between the vectors of different steps of one sequence: 1 if all point in the same direction.

    Raises ValueError for fewer than two steps, or a vector of zeros, which has no direction.
    """
    T = len(x)
    if T < 2:
        raise ValueError(f"mean_cosine: wanted at least 2 steps to compare, got {T}")
    if not x.any(-1).all():
        raise ValueError("mean_cosine: wanted vectors with a direction, got one of zeros")
    x, _ = rescaled(x)
    unit = x / lengths(x)
    return float((np.linalg.norm(unit.sum(0)) ** 2 - T) / (T * (T - 1)))
