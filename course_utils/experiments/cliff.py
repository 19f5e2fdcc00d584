"""The smallest recurrent network that explodes: one unit, two weights, and a loss with a cliff in it.

h_t = tanh(w h_{t-1} + b), run T times from h_0 without any input; loss L = (h_T - target)^2. Pascanu, Mikolov & Bengio
(2013, section 2.3, figure 6) draw the loss of such a unit, with a sigmoid in place of tanh. For w > 1 the unit can have
two states to rest in, and where the upper one ceases to exist the loss jumps from one side of a thin line to the other:
the cliff.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from course_utils.layers.rnn import RNN
from course_utils.shapes import expect_whole, is_real
from course_utils.tree import Array


class Descent(NamedTuple):
    """The N places of a descent, the start included: the loss there, and the norm of the gradient before clipping."""

    w: Float[Array, "N *B"]
    b: Float[Array, "N *B"]
    loss: Float[Array, "N *B"]
    norm: Float[Array, "N *B"]


@dataclass(frozen=True)
class Cliff:
    """The loss of the two weights w and b. With the defaults the best points lie along a valley that ends at the cliff.

    Raises ValueError for T < 1, an h_0 that no tanh can reach, or a target so far away that the loss would overflow.
    """

    T: int = 50
    h_0: float = 1.0
    target: float = 0.7

    def __post_init__(self) -> None:
        expect_whole("Cliff", T=self.T)
        if not -1 <= self.h_0 <= 1 or not abs(self.target) <= 1e6:
            raise ValueError(
                f"Cliff: wanted h_0 in [-1, 1] and a target in [-1e6, 1e6], got {self.h_0} and {self.target}"
            )

    def states(self, w: Any, b: Any) -> Float[Array, "_ *B"]:
        """h_0 ... h_T, T+1 rows, for one pair of weights or, with arrays of shape *B, for many at once."""
        w, b = np.broadcast_arrays(np.asarray(w, float), np.asarray(b, float))
        h = np.empty((self.T + 1, *w.shape))
        h[0] = self.h_0
        for t in range(self.T):
            np.tanh(w * h[t] + b, out=h[t + 1, ...])
        return h

    def loss(self, w: Any, b: Any) -> Float[Array, "*B"]:
        """(h_T - target)^2."""
        return np.asarray((self.states(w, b)[-1] - self.target) ** 2)

    def gradient(self, w: Any, b: Any) -> tuple[Float[Array, "*B"], Float[Array, "*B"]]:
        """dL/dw and dL/db through all T steps; `gradcheck` against the RNN of the package is a test."""
        h = self.states(w, b)
        slope = 1 - h[1:] ** 2
        # dz_t = 2 (h_T - target) slope_T (w slope_{T-1}) ... (w slope_t): chapter 06's product, here of numbers.
        dz = 2 * (h[-1] - self.target) * slope[-1] * np.ones_like(slope)
        dz[:-1] *= np.cumprod((w * slope[:-1])[::-1], axis=0)[::-1]
        return np.asarray((dz * h[:-1]).sum(0)), np.asarray(dz.sum(0))

    def surface(self, w: Float[Array, "W"], b: Float[Array, "N"]) -> Float[Array, "N W"]:
        """The loss on a grid, by one forward pass of the package's RNN, a row for each b.

        A diagonal W_hh makes its W units as many separate one-unit networks, the batch holds the N values of b, which
        come in as the input.
        """
        rnn = RNN(np.ones((1, len(w))), np.diag(w), np.zeros(len(w)))
        x = np.broadcast_to(b[:, None], (self.T, len(b), 1))
        h, _ = rnn.forward(x, state=np.full((len(b), len(w)), self.h_0))
        return (h[-1] - self.target) ** 2

    def descend(self, start: tuple[Any, Any], lr: float, steps: int, c: Any = np.inf) -> Descent:
        """Gradient descent from `start` = (w, b), the gradient clipped to norm `c`; several `c` descend side by side.

        Raises ValueError for a start that is not finite, a rate or a norm that is not positive, or steps below 0.
        """
        expect_whole("Cliff.descend", low=0, steps=steps)
        if not (is_real(lr) and 0 < lr < np.inf) or not np.all(np.asarray(c) > 0):
            raise ValueError(f"Cliff.descend: wanted lr > 0 and c > 0, got lr={lr} and c={c}")
        w, b, c = np.broadcast_arrays(*(np.asarray(a, float) for a in (*start, c)))
        if not (np.isfinite(w).all() and np.isfinite(b).all()):
            raise ValueError(f"Cliff.descend: wanted a finite start (w, b), got {start}")
        rows = []
        for _ in range(steps + 1):
            dw, db = self.gradient(w, b)
            norm = np.hypot(dw, db)
            rows.append((w, b, norm))
            step = lr * (np.minimum(c, norm) / np.maximum(norm, 1e-200))  # a gradient of 0 stays 0
            w, b = w - step * dw, b - step * db
        ws, bs, norms = (np.stack(part) for part in zip(*rows, strict=True))
        return Descent(ws, bs, self.loss(ws, bs), norms)
