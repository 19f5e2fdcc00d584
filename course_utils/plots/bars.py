"""What explorers with horizontal bars have in common: the corners of the bars, and a share as a label."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from course_utils.tree import Array


def corners(lengths: Sequence[float] | Float[Array, " N"]) -> Float[Array, "N 4 2"]:
    """The corners of a bar in each row, from 0 to its length, for a `PolyCollection`."""
    rows, ends = np.arange(len(lengths)), np.asarray(lengths)
    x = np.stack([0 * ends, ends, ends, 0 * ends], axis=1)
    return np.stack([x, rows[:, None] + 0.36 * np.array([-1, -1, 1, 1])], axis=2)


def percent(p: float) -> str:
    """A share with the digits worth reading: "12 %", "0.34 %"."""
    return f"{100 * p:.0f} %" if p >= 0.095 else f"{100 * p:.2g} %" if p >= 1e-5 else "0 %"
