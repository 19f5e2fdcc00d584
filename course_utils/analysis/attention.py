"""What weights of attention say, in numbers."""

import numpy as np
from jaxtyping import Float

from course_utils.tree import Array


def entropy(a: Float[Array, "*B S"]) -> Float[Array, "*B"]:
    """How many bits of doubt rows of weights leave: 0 if all is on one step, log2 S if it is spread evenly."""
    return -(a * np.log2(np.where(a > 0, a, 1))).sum(-1)
