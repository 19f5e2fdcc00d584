"""The plain recurrent layer: one state that is rewritten at every step by the same three arrays."""

from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.recurrent import expect_sequence, outputs, state_gradients, state_rows
from course_utils.math import affine, outer, pull_back, total
from course_utils.shapes import expect_rng, expect_shape, expect_whole, is_real
from course_utils.tree import Array, Tree, tree

Activation = Literal["tanh", "relu", "identity"]


@tree
class RNNTrace(Tree):
    """Every step of a pass. The state h has T+1 rows: h[0] is what came in, h[t+1] the state after x[t]."""

    x: Float[Array, "T *B D"]
    z: Float[Array, "T *B H"]
    h: Float[Array, "T+1 *B H"]
    mask: Bool[Array, "T *B"] | None

    @property
    def state(self) -> Float[Array, "*B H"]:
        """The last state, to be carried on: ``rnn.forward(next_x, state=trace.state)``."""
        return self.h[-1]


@tree
class RNN(Tree):
    """h_t = phi(z_t), z_t = x_t W_xh + h_{t-1} W_hh + b_h (Elman 1990).

    H·(D + H + 1) parameters, however long the sequence. phi is tanh, relu or identity. At padded steps the state is
    carried over unchanged and y is 0.
    """

    W_xh: Float[Array, "D H"]
    W_hh: Float[Array, "H H"]
    b_h: Float[Array, "H"]
    activation: Activation = "tanh"

    def __post_init__(self) -> None:
        if self.activation not in ("tanh", "relu", "identity"):
            raise ValueError(f"RNN: wanted activation tanh, relu or identity, got {self.activation!r}")

    @classmethod
    def init(
        cls,
        D: int,
        H: int,
        *,
        rng: np.random.Generator,
        activation: Activation = "tanh",
        radius: float | None = None,
        dtype: type = np.float64,
    ) -> "RNN":
        """Normal weights of variance 1/D and 1/H.

        The spectral radius of W_hh is then close to 1 (Girko's circular law); `radius` scales W_hh to have exactly
        this one, which chapter 06 uses. Raises ValueError for an unknown activation or a negative radius.
        """
        expect_whole("RNN.init", D=D, H=H)
        expect_rng("RNN.init", rng)
        W_hh = rng.normal(size=(H, H)) / np.sqrt(H)
        if radius is not None:
            if not (is_real(radius) and 0 <= radius < 1e9):
                raise ValueError(f"RNN.init: wanted radius >= 0 and below 1e9, got {radius!r:.60}")
            W_hh *= radius / np.abs(np.linalg.eigvals(W_hh)).max()
        W_xh = rng.normal(size=(D, H)) / np.sqrt(D)
        return cls(W_xh.astype(dtype), W_hh.astype(dtype), np.zeros(H, dtype), activation)

    def forward(
        self,
        x: Float[Array, "T *B D"],
        mask: Bool[Array, "T *B"] | None = None,
        *,
        state: Float[Array, "*B H"] | None = None,
    ) -> tuple[Float[Array, "T *B H"], RNNTrace]:
        """Read a sequence from the initial `state` h_0, zero if not given. Returns h_1 .. h_T and the trace.

        Raises ValueError if D differs or the mask or the state has another batch.
        """
        D, H = self.W_xh.shape
        x, mask = expect_sequence(x, mask, D=D, where="RNN.forward")
        shape = (*x.shape[:-1], H)
        h = state_rows(state, shape, np.result_type(x, self.W_xh), where="RNN.forward")
        z = affine(x, self.W_xh, self.b_h)  # for all steps at once: the part that does not wait for the state
        for t in range(len(x)):
            z[t] += h[t] @ self.W_hh
            phi(self.activation, z[t], out=h[t + 1])
            if mask is not None:
                np.copyto(h[t + 1], h[t], where=~mask[t][..., None])
        return outputs(h, mask), RNNTrace(x, z, h, mask)

    def backward(
        self, dy: Float[Array, "T *B H"], trace: RNNTrace, dstate: Float[Array, "*B H"] | None = None
    ) -> tuple[Float[Array, "T *B D"], "RNN", RNNTrace]:
        """Backpropagation through time (Werbos 1990).

        ``dtrace.h[t]`` is the gradient of the loss by the state h_t through everything that comes after it, ``dtrace.z``
        the one before the activation. `dstate` is what the last state receives from outside, beyond dy.
        """
        x, z, h, mask = trace.x, trace.z, trace.h, trace.mask
        dy = expect_shape(dy, h[1:].shape, what="dy", where="RNN.backward")
        dh = state_gradients(dy, mask, dstate, where="RNN.backward")
        dz = slope(self.activation, z, h[1:])
        if mask is not None:
            dz *= mask[..., None]
        W_hh_T = np.ascontiguousarray(self.W_hh.T)
        for t in reversed(range(len(dy))):
            dz[t] *= dh[t + 1]  # until here dz[t] holds phi'(z_t)
            dh[t] += dz[t] @ W_hh_T
            if mask is not None:
                np.add(dh[t], dh[t + 1], out=dh[t], where=~mask[t][..., None])
        dx = pull_back(dz, self.W_xh)
        drnn = RNN(outer(x, dz), outer(h[:-1], dz), total(dz), self.activation)
        return dx, drnn, RNNTrace(dx, dz, dh, mask)


def phi(activation: Activation, z: Float[Array, "..."], out: Float[Array, "..."]) -> None:
    """The activation function, written into `out`."""
    if activation == "tanh":
        np.tanh(z, out=out)
    elif activation == "relu":
        np.maximum(z, 0, out=out)
    else:
        out[...] = z


def slope(activation: Activation, z: Float[Array, "..."], h: Float[Array, "..."]) -> Float[Array, "..."]:
    """phi'(z), given h = phi(z) as well: 1 - h^2 for tanh, a step for relu, 1 for the identity."""
    if activation == "tanh":
        return 1 - h * h
    return (z > 0).astype(z.dtype) if activation == "relu" else np.ones_like(z)
