"""Dropout: during training a random part of the activations is silenced, so that no unit can rely on one other."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.shapes import expect_each_whole, expect_rng, expect_shape, is_real
from course_utils.tree import Array, Tree, tree


@tree
class Dropout(Tree):
    """Which activations are kept, drawn beforehand: an input of the pass like any other, not a mode of the layer."""

    kept: Bool[Array, "T *B H"]
    rate: float

    @classmethod
    def draw(cls, shape: tuple[int, ...], rate: float, *, rng: np.random.Generator) -> "Dropout":
        """Each activation is silenced with probability `rate`. Raises ValueError unless 0 <= rate < 1."""
        expect_each_whole("Dropout.draw", "shape", shape, low=0)
        expect_rng("Dropout.draw", rng)
        if not (is_real(rate) and 0 <= rate < 1):
            raise ValueError(f"Dropout.draw: wanted 0 <= rate < 1, got {rate!r:.60}")
        return cls(rng.random(shape) >= rate, float(rate))  # a NumPy number would turn float32 into float64

    def apply(self, x: Float[Array, "T *B H"]) -> Float[Array, "T *B H"]:
        """Silence x, and scale the rest by 1 / (1 - rate) so that the expected value stays what it was.

        The gradient goes back the same way: dx is ``apply(dy)`` (Srivastava et al. 2014, who mostly scale at test
        time instead, and whose p is the probability to stay). Raises ValueError if x has another shape than what was drawn for.
        """
        kept = expect_shape(self.kept, x.shape, what="kept", where="Dropout.apply", kind="bool")
        return np.where(kept, x / (1 - self.rate), 0)
