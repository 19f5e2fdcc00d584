"""Two recurrent layers over the same sequence, one from the left and one from the right, seen together at every step."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.base import Recurrent
from course_utils.shapes import expect_shape
from course_utils.tree import Array, Tree, tree


@tree
class BidirectionalTrace(Tree):
    """The traces of both passes. That of `from_right` runs backwards: its step 0 is the last step of the sequence.

    The first H features of y are those of the pass from the left.
    """

    from_left: Any
    from_right: Any
    y: Float[Array, "T *B F"]
    H: int

    @property
    def state(self) -> tuple[Any, Any]:
        """Where both passes ended: the one from the left at the last step, the one from the right at the first."""
        return self.from_left.state, self.from_right.state


@tree
class Bidirectional(Tree):
    """y_t = [h_t from the left, h_t from the right], side by side on the feature axis (Schuster & Paliwal 1997).

    `from_right` reads the sequence and its mask reversed. A padded step leaves the state of a recurrent layer as it
    was, so wherever the padding stands, the second pass starts in effect at the last real step.
    """

    from_left: Recurrent
    from_right: Recurrent

    def forward(
        self,
        x: Float[Array, "T *B D"],
        mask: Bool[Array, "T *B"] | None = None,
        *,
        state: tuple[Any, Any] | None = None,
    ) -> tuple[Float[Array, "T *B F"], BidirectionalTrace]:
        """Read the sequence in both directions, each from its own initial state, zero if not given."""
        first_left, first_right = state or (None, None)
        left, left_trace = self.from_left.forward(x, mask, state=first_left)
        right, right_trace = self.from_right.forward(x[::-1], None if mask is None else mask[::-1], state=first_right)
        y = np.concatenate([left, right[::-1]], axis=-1)
        return y, BidirectionalTrace(left_trace, right_trace, y, left.shape[-1])

    def backward(
        self,
        dy: Float[Array, "T *B F"],
        trace: BidirectionalTrace,
        dstate: tuple[Any, Any] | None = None,
    ) -> tuple[Float[Array, "T *B D"], "Bidirectional", BidirectionalTrace]:
        """Each half of dy goes back through its own pass; x was read by both, so its gradients add up."""
        last_left, last_right = dstate or (None, None)
        dy, H = expect_shape(dy, trace.y.shape, what="dy", where="Bidirectional.backward"), trace.H
        dleft, left, left_trace = self.from_left.backward(dy[..., :H], trace.from_left, last_left)
        dright, right, right_trace = self.from_right.backward(dy[::-1, ..., H:], trace.from_right, last_right)
        return dleft + dright[::-1], Bidirectional(left, right), BidirectionalTrace(left_trace, right_trace, dy, H)
