"""Layer normalisation: every step's features are brought to mean 0 and variance 1, then scaled and shifted as learned."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.padding import readable
from course_utils.math import rescaled, total
from course_utils.shapes import expect, expect_shape, expect_whole
from course_utils.tree import Array, Tree, tree


@tree
class LayerNormTrace(Tree):
    """What came in, its standard deviation over the features, and what it is without mean and deviation."""

    x: Float[Array, "*B D"]
    deviation: Float[Array, "*B 1"]
    x_hat: Float[Array, "*B D"]
    y: Float[Array, "*B D"]
    mask: Bool[Array, "..."] | None = None


@tree
class LayerNorm(Tree):
    """y = gain * x_hat + bias with x_hat = (x - mean) / sqrt(variance + eps), over the features of each step alone.

    Ba et al. (2016, equation 4); eps inside the root as in PyTorch. 2·D parameters.
    """

    gain: Float[Array, "D"]
    bias: Float[Array, "D"]
    eps: float = 1e-5

    @classmethod
    def init(cls, D: int, *, dtype: type = np.float64) -> "LayerNorm":
        """Gain 1 and bias 0: nothing but the normalisation. Nothing is random here."""
        expect_whole("LayerNorm.init", D=D)
        return cls(np.ones(D, dtype), np.zeros(D, dtype))

    def forward(
        self, x: Float[Array, "*B D"], mask: Bool[Array, "..."] | None = None
    ) -> tuple[Float[Array, "*B D"], LayerNormTrace]:
        """Every position on its own; of the mask see `padding.readable`. ValueError if D differs."""
        x = readable(expect(x, "*B D", where="LayerNorm.forward", D=len(self.gain)), mask)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # looked at at once
            x_hat, deviation = _normalised(x, self.eps)
        limits = np.finfo(deviation.dtype)
        lost = ~((deviation > (limits.tiny / limits.eps) ** 0.5) & (deviation < np.inf))
        if lost.any():  # squares too large or too small for floats
            e = np.where(lost, rescaled(x)[1], 0)
            x_hat, deviation = _normalised(np.ldexp(x, -e), np.ldexp(x.dtype.type(self.eps), -2 * e))
            deviation = np.ldexp(deviation, e)
        y = x_hat * self.gain
        y += self.bias
        return y, LayerNormTrace(x, deviation, x_hat, y, mask)

    def backward(
        self, dy: Float[Array, "*B D"], trace: LayerNormTrace
    ) -> tuple[Float[Array, "*B D"], "LayerNorm", LayerNormTrace]:
        """dx = (dx_hat - mean(dx_hat) - x_hat * mean(dx_hat * x_hat)) / deviation.

        The two means are what moves through the mean and the variance of x: a step in these two directions would be
        undone by the normalisation.
        """
        dy = readable(expect_shape(dy, trace.y.shape, what="dy", where="LayerNorm.backward"), trace.mask)
        x_hat, deviation = trace.x_hat, trace.deviation
        dx_hat = dy * self.gain
        along = _mean(dx_hat * x_hat)
        dx = x_hat * -along
        dx += dx_hat
        dx -= _mean(dx_hat)
        dx *= 1 / deviation
        ddeviation = along * -x_hat.shape[-1] / deviation
        dlayer = LayerNorm(total(dy * x_hat), total(dy), self.eps)
        return dx, dlayer, LayerNormTrace(dx, ddeviation, dx_hat, dy, trace.mask)


def _normalised(x: Float[Array, "*B D"], eps: Any) -> tuple[Float[Array, "*B D"], Float[Array, "*B 1"]]:
    """x without mean and deviation, and the deviation."""
    x_hat = x - _mean(x)
    deviation = np.sqrt(_mean(x_hat * x_hat) + eps)
    x_hat *= 1 / deviation
    return x_hat, deviation


def _mean(x: Float[Array, "*B D"]) -> Float[Array, "*B 1"]:
    D = x.shape[-1]
    return x @ np.ones((D, 1), x.dtype) / D  # a product is faster than a sum over so few numbers
