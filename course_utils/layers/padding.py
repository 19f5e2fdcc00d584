"""What stands at padded steps. Nobody wrote it to be read, so it may be anything: old numbers, nan, infinities."""

from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.tree import Array


def readable(x: Float[Array, "*B D"], mask: Any) -> Float[Array, "*B D"]:
    """`x` with a vector of zeros at every padded step that holds what cannot be computed with.

    That is nan, an infinity, or a number above the fourth root of the largest one (1e77; in single precision 4e9), whose
    products would be infinite. Multiplied by a 0 these would give nan, which sums then spread to the real steps. All
    other numbers stay: without a mask, or where there is nothing to replace, x itself comes back. The mask may begin
    with steps before x. One of another batch says nothing about x, which may be a mean over the steps.
    """
    if not isinstance(mask, np.ndarray) or mask.dtype != bool or x.ndim < 2:
        return x
    if mask.shape[1:] != x.shape[1:-1] or len(mask) < len(x):
        return x
    padded = ~mask[len(mask) - len(x) :]
    size = np.abs(x[padded]).max(-1, initial=0)
    padded[padded] = ~(size < np.finfo(x.dtype).max ** 0.25)  # not >=: nan is neither
    return np.where(padded[..., None], x.dtype.type(0), x) if padded.any() else x
