"""Where in the sequence a step stands: attention treats its steps as a set, so the order must be written into them.

Positions count real steps: padding in front of a sequence does not move it. A padded step itself gets no position.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.layers.padding import readable
from course_utils.shapes import expect, expect_rng, expect_shape, expect_whole
from course_utils.tree import Array, Tree, tree


@tree
class PositionsTrace(Tree):
    """The input, and the position of each step: one number a step, or one a step and sequence where there is a mask.

    Padding has the position -1.
    """

    x: Float[Array, "T *B D"]
    positions: Int[Array, "T *B"] | Int[Array, "T"]
    y: Float[Array, "T *B D"]


@tree
class PositionEmbedding(Tree):
    """y_t = x_t + W[t]: a learned vector for every position up to the longest (Gehring et al. 2017). T_max·D parameters."""

    W: Float[Array, "T_max D"]

    @classmethod
    def init(
        cls, T_max: int, D: int, *, rng: np.random.Generator, scale: float = 1.0, dtype: type = np.float64
    ) -> "PositionEmbedding":
        """Normal entries of standard deviation `scale`."""
        expect_whole("PositionEmbedding.init", T_max=T_max, D=D)
        expect_rng("PositionEmbedding.init", rng)
        return cls((scale * rng.normal(size=(T_max, D))).astype(dtype))

    def forward(
        self, x: Float[Array, "T *B D"], mask: Bool[Array, "S *B"] | None = None, *, start: int = 0
    ) -> tuple[Float[Array, "T *B D"], PositionsTrace]:
        """Add the vector of each step's position; the first step has number `start`.

        The mask covers the `start` steps before x as well. Raises ValueError beyond the last position there is.
        """
        return _add(self.W, x, mask, start, where="PositionEmbedding.forward")

    def backward(
        self, dy: Float[Array, "T *B D"], trace: PositionsTrace
    ) -> tuple[Float[Array, "T *B D"], "PositionEmbedding", PositionsTrace]:
        """x is passed on; a position collects from every sequence."""
        dy = expect_shape(dy, trace.y.shape, what="dy", where="PositionEmbedding.backward")
        dy = readable(dy, trace.positions >= 0)
        dW = np.zeros_like(self.W, dtype=dy.dtype)
        at = trace.positions
        if at.ndim < dy.ndim - 1:  # all sequences have the same positions
            dW[at] = dy.sum(tuple(range(1, dy.ndim - 1)))
        else:
            np.add.at(dW, at[at >= 0], dy[at >= 0])
        return dy, PositionEmbedding(dW), PositionsTrace(dy, at, dy)


@tree
class SinusoidalPositions(Tree):
    """y_t = x_t + P[t] with P of `sinusoids`: nothing to learn (Vaswani et al. 2017, section 3.5)."""

    T_max: int = 1024

    def forward(
        self, x: Float[Array, "T *B D"], mask: Bool[Array, "S *B"] | None = None, *, start: int = 0
    ) -> tuple[Float[Array, "T *B D"], PositionsTrace]:
        """As `PositionEmbedding.forward`."""
        x = expect(x, "T *B D", where="SinusoidalPositions.forward")
        table = sinusoids(self.T_max, x.shape[-1]).astype(x.dtype)
        return _add(table, x, mask, start, where="SinusoidalPositions.forward")

    def backward(
        self, dy: Float[Array, "T *B D"], trace: PositionsTrace
    ) -> tuple[Float[Array, "T *B D"], "SinusoidalPositions", PositionsTrace]:
        """x is passed on."""
        dy = expect_shape(dy, trace.y.shape, what="dy", where="SinusoidalPositions.backward")
        dy = readable(dy, trace.positions >= 0)
        return dy, self, PositionsTrace(dy, trace.positions, dy)


@tree
class NoPositions(Tree):
    """y_t = x_t: for an attention that turns its queries and keys by their positions itself (`rotary.RotaryAttention`)."""

    def forward(
        self, x: Float[Array, "T *B D"], mask: Bool[Array, "S *B"] | None = None, *, start: int = 0
    ) -> tuple[Float[Array, "T *B D"], PositionsTrace]:
        """x goes through; of the mask see `padding.readable`. The first step has number `start`."""
        x, at, _ = _places(expect(x, "T *B D", where="NoPositions.forward"), mask, start, where="NoPositions.forward")
        return x, PositionsTrace(x, at, x)

    def backward(
        self, dy: Float[Array, "T *B D"], trace: PositionsTrace
    ) -> tuple[Float[Array, "T *B D"], "NoPositions", PositionsTrace]:
        """dy goes through."""
        dy = expect_shape(dy, trace.y.shape, what="dy", where="NoPositions.backward")
        dy = readable(dy, trace.positions >= 0)
        return dy, self, PositionsTrace(dy, trace.positions, dy)


@lru_cache(maxsize=8)
def sinusoids(T: int, D: int) -> Float[Array, "T D"]:
    """P[t, 2i] = sin(t / 10000^(2i/D)), P[t, 2i+1] = cos of the same: waves from length 2 pi to almost 10000 · 2 pi.

    The vector of t + r is that of t, each of its pairs turned by an angle that depends on r alone. Do not write into it.
    """
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, D, 2) / D)
    P: Array = np.empty((T, D))
    P[:, 0::2] = np.sin(angles)
    P[:, 1::2] = np.cos(angles[:, : D // 2])
    P.flags.writeable = False
    return P


def _add(
    table: Float[Array, "T_max D"], x: Array, mask: Array | None, start: int, *, where: str
) -> tuple[Array, PositionsTrace]:
    """y and its trace, for a table of vectors by position."""
    T_max, D = table.shape
    x, at, mask = _places(expect(x, "T *B D", where=where, D=D), mask, start, where=where)
    if at.size and at.max() >= T_max:
        raise ValueError(
            f"{where}: wanted at most {T_max} steps, got {at.max() + 1}; make it for longer sequences, or cut them"
        )
    if mask is None:
        y = x + table[at].reshape(-1, *[1] * (x.ndim - 2), D)
    else:
        y = x + np.where(mask[start:, ..., None], table[at], 0)
    return y, PositionsTrace(x, at, y)


def _places(x: Array, mask: Array | None, start: int, *, where: str) -> tuple[Array, Array, Array | None]:
    """x, the position of each of its steps, -1 for padding, and the mask."""
    expect_whole(where, low=0, start=start)
    if mask is None:
        return x, np.arange(start, start + len(x)), None
    shape = (start + len(x), *x.shape[1:-1])
    mask = expect_shape(mask, shape, what="mask", where=where, kind="bool")
    return readable(x, mask), np.where(mask, np.cumsum(mask, 0) - 1, -1)[start:], mask
