"""The affine map y = x W + b, at every step alike."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.padding import readable
from course_utils.math import affine, outer, pull_back, total
from course_utils.shapes import expect, expect_rng, expect_shape, expect_whole
from course_utils.tree import Array, Tree, tree


@tree
class LinearTrace(Tree):
    """What `Linear.forward` saw and made."""

    x: Float[Array, "*B D"]
    y: Float[Array, "*B H"]
    mask: Bool[Array, "..."] | None = None


@tree
class Linear(Tree):
    """y = x W + b. D·H + H parameters."""

    W: Float[Array, "D H"]
    b: Float[Array, "H"]

    @classmethod
    def init(cls, D: int, H: int, *, rng: np.random.Generator, dtype: type = np.float64) -> "Linear":
        """W normal with variance 1/D, so that y varies as much as x does (LeCun et al. 1998, section 4.6); b = 0."""
        expect_whole("Linear.init", D=D, H=H)
        expect_rng("Linear.init", rng)
        return cls((rng.normal(size=(D, H)) / np.sqrt(D)).astype(dtype), np.zeros(H, dtype))

    def forward(
        self, x: Float[Array, "*B D"], mask: Bool[Array, "..."] | None = None
    ) -> tuple[Float[Array, "*B H"], LinearTrace]:
        """The map, applied at every position on its own; of the mask see `padding.readable`. ValueError if D differs."""
        x = readable(expect(x, "*B D", where="Linear.forward", D=self.W.shape[0]), mask)
        y = affine(x, self.W, self.b)
        return y, LinearTrace(x, y, mask)

    def backward(
        self, dy: Float[Array, "*B H"], trace: LinearTrace
    ) -> tuple[Float[Array, "*B D"], "Linear", LinearTrace]:
        """dx = dy W^T; dW sums x^T dy, and db sums dy, over all positions."""
        dy = readable(expect_shape(dy, trace.y.shape, what="dy", where="Linear.backward"), trace.mask)
        dx = pull_back(dy, self.W)
        return dx, Linear(outer(trace.x, dy), total(dy)), LinearTrace(dx, dy, trace.mask)
