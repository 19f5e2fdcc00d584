"""From a vector per step to one vector per sequence."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.shapes import expect, expect_shape
from course_utils.tree import Array, Tree, tree


@tree
class MeanOverTimeTrace(Tree):
    """The vectors, which of them were real, and their mean."""

    x: Float[Array, "T *B D"]
    mask: Bool[Array, "T *B"]
    y: Float[Array, "*B D"]


@tree
class MeanOverTime(Tree):
    """y = the mean of x_t over the real steps t. No parameters."""

    def forward(
        self, x: Float[Array, "T *B D"], mask: Bool[Array, "T *B"] | None = None
    ) -> tuple[Float[Array, "*B D"], MeanOverTimeTrace]:
        """Average over time, leaving padding out. ValueError if a sequence has no real step at all."""
        x = expect(x, "T *B D", where="MeanOverTime.forward")
        if mask is None:
            mask = np.ones(x.shape[:-1], bool)
        mask = expect_shape(mask, x.shape[:-1], what="mask", where="MeanOverTime.forward", kind="bool")
        if not mask.any(0).all():
            raise ValueError("MeanOverTime.forward: wanted at least one real step in every sequence, got one with none")
        y = np.where(mask[..., None], x, 0).sum(0) / _steps(mask, x)
        return y, MeanOverTimeTrace(x, mask, y)

    def backward(
        self, dy: Float[Array, "*B D"], trace: MeanOverTimeTrace
    ) -> tuple[Float[Array, "T *B D"], "MeanOverTime", MeanOverTimeTrace]:
        """Every real step gets an equal share of dy, padding gets none."""
        dy = expect_shape(dy, trace.y.shape, what="dy", where="MeanOverTime.backward")
        dx = np.where(trace.mask[..., None], dy / _steps(trace.mask, dy), 0)
        return dx, self, MeanOverTimeTrace(dx, trace.mask, dy)


def _steps(mask: Bool[Array, "T *B"], like: Array) -> Float[Array, "*B 1"]:
    return mask.sum(0)[..., None].astype(like.dtype)
