"""How gradients grow or fade on their way back through time."""

import numpy as np
from jaxtyping import Float

from course_utils.math import lengths
from course_utils.tree import Array


def norms(dh: Float[Array, "S ..."]) -> Float[Array, "S ..."]:
    """Length of the gradient of each state, the last state first: entry k is k steps before the end.

    Raises ValueError for an array without a time axis.
    """
    if dh.ndim < 2:
        raise ValueError(f"gradients.norms: wanted dh with axes (T+1 *B H), got shape {dh.shape}")
    return lengths(dh)[::-1, ..., 0]


def factor_per_step(curve: Float[Array, "S *B"]) -> float:
    """By how much norms are multiplied per step: exp of the slope of a straight line through their logarithms.

    Least squares over all steps and all batch entries; norms that have underflowed to 0 are left out. Raises ValueError
    if fewer than two steps are left.
    """
    k = np.broadcast_to(np.arange(len(curve)).reshape(-1, *[1] * (curve.ndim - 1)), curve.shape)
    there = curve > 0
    if np.unique(k[there]).size < 2:
        raise ValueError(f"factor_per_step: wanted positive norms at two steps or more, got a curve {curve.shape}")
    return float(np.exp(np.polyfit(k[there], np.log(curve[there].astype(np.float64)), 1)[0]))
