"""What a comparison of one direction with two needs: models of equal size, and features at the end of a sequence."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.lstm import LSTM
from course_utils.shapes import expect_shape, expect_whole
from course_utils.tree import Array, Tree, tree


def equal_width(D: int, H: int, outputs: int) -> int:
    """The width of each of two LSTMs that together have at most the parameters of one with H units.

    Counted with a readout from all their units to `outputs` numbers. Raises ValueError if not even one unit fits.
    """

    expect_whole("equal_width", D=D, H=H, outputs=outputs)

    def parameters(H: int) -> int:
        return 4 * H * (D + H + 1) + H * outputs

    width = max((h for h in range(1, H) if 2 * parameters(h) <= parameters(H)), default=0)
    if width == 0:
        raise ValueError(f"equal_width: wanted H large enough for two directions of equal size, got {H}")
    return width


def reader(D: int, H: int, *, both: bool, rng: np.random.Generator) -> LSTM | Bidirectional:
    """One LSTM with H units, or one with H units in each direction, in float32."""
    if not both:
        return LSTM.init(D, H, rng=rng, dtype=np.float32)
    return Bidirectional(*(LSTM.init(D, H, rng=rng, dtype=np.float32) for _ in range(2)))


@tree
class Ends(Tree):
    """The state h that each pass of an LSTM, or of a bidirectional one, ended in, side by side: one vector a sequence.

    At padded steps states are carried over, so this is what was reached at the last real step, and in a pass from the
    right at the first.
    """

    recurrent: Any

    def forward(self, x: Float[Array, "T *B D"], mask: Bool[Array, "T *B"] | None = None) -> tuple[Array, Any]:
        """Read the whole sequence; ``(*B, F)`` and the trace of the recurrent layer."""
        _, trace = self.recurrent.forward(x, mask)
        return np.concatenate([h for h, _ in self._states(trace)], axis=-1), trace

    def backward(self, dy: Float[Array, "*B F"], trace: Any) -> tuple[Array, "Ends", Any]:
        """All gradient enters at the ends, and goes back through time from there."""
        h = [h for h, _ in self._states(trace)]
        ends = np.cumsum([part.shape[-1] for part in h])
        dy = expect_shape(dy, (*h[0].shape[:-1], int(ends[-1])), what="dy", where="Ends.backward")
        dstates = tuple((dh, np.zeros_like(dh)) for dh in np.split(dy, ends[:-1], axis=-1))
        T = len(self._passes(trace)[0].x)
        dx, drecurrent, dtrace = self.recurrent.backward(
            np.zeros((T, *dy.shape), dy.dtype), trace, dstates if len(dstates) > 1 else dstates[0]
        )
        return dx, Ends(drecurrent), dtrace

    def _passes(self, trace: Any) -> list[Any]:
        return [trace.from_left, trace.from_right] if isinstance(self.recurrent, Bidirectional) else [trace]

    def _states(self, trace: Any) -> list[tuple[Array, Array]]:
        return [one.state for one in self._passes(trace)]
