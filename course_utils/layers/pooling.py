"""From a vector per step to one vector per sequence."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.base import Recurrent
from course_utils.layers.bidirectional import Bidirectional
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


@tree
class LastStates(Tree):
    """The state h that each pass of an LSTM, or of a bidirectional one, ended in, side by side: one vector a sequence.

    At padded steps states are carried over, so this is what was reached at the last real step, and in a pass from the
    right at the first.
    """

    recurrent: Recurrent

    def forward(self, x: Float[Array, "T *B D"], mask: Bool[Array, "T *B"] | None = None) -> tuple[Array, Any]:
        """Read the whole sequence; ``(*B, F)`` and the trace of the recurrent layer."""
        _, trace = self.recurrent.forward(x, mask)
        return np.concatenate([h for h, _ in self._states(trace)], axis=-1), trace

    def backward(self, dy: Float[Array, "*B F"], trace: Any) -> tuple[Array, "LastStates", Any]:
        """All gradient enters at the ends, and goes back through time from there."""
        h = [h for h, _ in self._states(trace)]
        ends = np.cumsum([part.shape[-1] for part in h])
        dy = expect_shape(dy, (*h[0].shape[:-1], int(ends[-1])), what="dy", where="LastStates.backward")
        dstates = tuple((dh, np.zeros_like(dh)) for dh in np.split(dy, ends[:-1], axis=-1))
        T = len(self._passes(trace)[0].x)
        dx, drecurrent, dtrace = self.recurrent.backward(
            np.zeros((T, *dy.shape), dy.dtype), trace, dstates if len(dstates) > 1 else dstates[0]
        )
        return dx, LastStates(drecurrent), dtrace

    def _passes(self, trace: Any) -> list[Any]:
        return [trace.from_left, trace.from_right] if isinstance(self.recurrent, Bidirectional) else [trace]

    def _states(self, trace: Any) -> list[tuple[Array, Array]]:
        return [one.state for one in self._passes(trace)]
