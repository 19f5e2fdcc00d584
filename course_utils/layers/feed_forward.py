"""What a transformer does with every step on its own: a hidden layer of ReLU units, and back to the width it had."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.padding import readable
from course_utils.math import affine, outer, pull_back, total
from course_utils.shapes import expect, expect_rng, expect_shape, expect_whole
from course_utils.tree import Array, Tree, tree


@tree
class FeedForwardTrace(Tree):
    """The hidden units after ReLU: those that are 0 were silent at this step."""

    x: Float[Array, "*B D"]
    h: Float[Array, "*B H"]
    y: Float[Array, "*B D"]
    mask: Bool[Array, "..."] | None = None


@tree
class FeedForward(Tree):
    """y = h W_2 + b_2 with h = max(0, x W_1 + b_1) (Vaswani et al. 2017, equation 2). 2·D·H + H + D parameters."""

    W_1: Float[Array, "D H"]
    b_1: Float[Array, "H"]
    W_2: Float[Array, "H D"]
    b_2: Float[Array, "D"]

    @classmethod
    def init(
        cls, D: int, H: int, *, rng: np.random.Generator, scale: float = 1.0, dtype: type = np.float64
    ) -> "FeedForward":
        """Variance 2/D and 2/H, since ReLU silences half (He et al. 2015); `scale` shrinks W_2, and so y."""
        expect_whole("FeedForward.init", D=D, H=H)
        expect_rng("FeedForward.init", rng)
        W_1 = (rng.normal(size=(D, H)) * np.sqrt(2 / D)).astype(dtype)
        W_2 = (rng.normal(size=(H, D)) * scale * np.sqrt(2 / H)).astype(dtype)
        return cls(W_1, np.zeros(H, dtype), W_2, np.zeros(D, dtype))

    def forward(
        self, x: Float[Array, "*B D"], mask: Bool[Array, "..."] | None = None, *, causal: bool = False
    ) -> tuple[Float[Array, "*B D"], FeedForwardTrace]:
        """Every position on its own, so it plays no part whether steps may look ahead (`causal`, as attention takes it).

        Of the mask see `padding.readable`. Raises ValueError if D differs.
        """
        x = readable(expect(x, "*B D", where="FeedForward.forward", D=len(self.W_1)), mask)
        h = affine(x, self.W_1, self.b_1)
        np.maximum(h, 0, out=h)
        y = affine(h, self.W_2, self.b_2)
        return y, FeedForwardTrace(x, h, y, mask)

    def backward(
        self, dy: Float[Array, "*B D"], trace: FeedForwardTrace
    ) -> tuple[Float[Array, "*B D"], "FeedForward", FeedForwardTrace]:
        """Through a unit that was silent nothing flows."""
        x, h = trace.x, trace.h
        dy = readable(expect_shape(dy, trace.y.shape, what="dy", where="FeedForward.backward"), trace.mask)
        dh = pull_back(dy, self.W_2)
        dz = dh * (h > 0)
        dx = pull_back(dz, self.W_1)
        dlayer = FeedForward(outer(x, dz), total(dz), outer(h, dy), total(dy))
        return dx, dlayer, FeedForwardTrace(dx, dh, dy, trace.mask)
