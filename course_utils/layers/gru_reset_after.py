"""The GRU of PyTorch and cuDNN: the reset gate acts after the matrix product, so one product serves all three gates."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.gru import GRU
from course_utils.layers.recurrent import expect_sequence, outputs, state_gradients, state_rows
from course_utils.math import affine, outer, product, pull_back, sigmoid, sigmoid_slope, tanh_slope, total
from course_utils.shapes import expect_shape
from course_utils.tree import Array, Tree, tree


@tree
class ResetAfterGRUTrace(Tree):
    """Both gates, what is reset, and the candidate at every step. The state h has T+1 rows: row 0 is what came in."""

    x: Float[Array, "T *B D"]
    r: Float[Array, "T *B H"]
    z: Float[Array, "T *B H"]
    past: Float[Array, "T *B H"]
    h_tilde: Float[Array, "T *B H"]
    h: Float[Array, "T+1 *B H"]
    mask: Bool[Array, "T *B"] | None

    @property
    def state(self) -> Float[Array, "*B H"]:
        """The last state, to be carried on: ``gru.forward(next_x, state=trace.state)``."""
        return self.h[-1]


@tree
class ResetAfterGRU(Tree):
    """As `GRU`, but h_tilde_t = tanh(x_t W_xh + b_h + r_t * past_t) with past_t = h_{t-1} W_hh + b_past.

    Two biases for the candidate, hence 3·H·(D + H + 1) + H parameters. The order is that of version 1 of Cho et al. 2014
    on arXiv (which has no biases), and of cuDNN and PyTorch (which have two for every gate: see `layers.pytorch`). Gates stand
    in the order r, z, h_tilde; otherwise everything is as in `GRU`.
    """

    W_x: Float[Array, "3 D H"]
    W_h: Float[Array, "3 H H"]
    b: Float[Array, "3 H"]
    b_past: Float[Array, "H"]

    @classmethod
    def init(cls, D: int, H: int, *, rng: np.random.Generator, dtype: type = np.float64) -> "ResetAfterGRU":
        """The weights of `GRU.init`, and a second bias of 0."""
        gru = GRU.init(D, H, rng=rng, dtype=dtype)
        return cls(gru.W_x, gru.W_h, gru.b, np.zeros(H, dtype))

    def forward(
        self,
        x: Float[Array, "T *B D"],
        mask: Bool[Array, "T *B"] | None = None,
        *,
        state: Float[Array, "*B H"] | None = None,
    ) -> tuple[Float[Array, "T *B H"], ResetAfterGRUTrace]:
        """Read a sequence from the initial `state` h_0, zero if not given. Returns h_1 .. h_T and the trace.

        Raises ValueError if D differs or the mask or the state has another batch.
        """
        D, H = self.W_x.shape[1:]
        x, mask = expect_sequence(x, mask, D=D, where="ResetAfterGRU.forward")
        shape = (*x.shape[:-1], H)
        h = state_rows(state, shape, np.result_type(x, self.W_x), where="ResetAfterGRU.forward")
        gates = affine(x, self.W_x, self.b)  # for all steps at once: the part that does not wait for the state
        r, z, h_tilde = gates
        past = np.empty_like(h_tilde)
        for t in range(len(x)):
            recurrent = product(h[t], self.W_h)
            past[t] = recurrent[2] + self.b_past
            gates[:2, t] += recurrent[:2]
            sigmoid(gates[:2, t], out=gates[:2, t])
            h_tilde[t] += r[t] * past[t]
            np.tanh(h_tilde[t], out=h_tilde[t])
            h[t + 1] = z[t] * h[t] + (1 - z[t]) * h_tilde[t]
            if mask is not None:
                np.copyto(h[t + 1], h[t], where=~mask[t][..., None])
        return outputs(h, mask), ResetAfterGRUTrace(x, r, z, past, h_tilde, h, mask)

    def backward(
        self, dy: Float[Array, "T *B H"], trace: ResetAfterGRUTrace, dstate: Float[Array, "*B H"] | None = None
    ) -> tuple[Float[Array, "T *B D"], "ResetAfterGRU", ResetAfterGRUTrace]:
        """Backpropagation through time; ``dtrace.h[t]`` collects all later influences of the state h_t.

        `dstate` is what the last state receives from outside, beyond dy.
        """
        r, z, past, h_tilde, h, mask = trace.r, trace.z, trace.past, trace.h_tilde, trace.h, trace.mask
        dy = expect_shape(dy, h[1:].shape, what="dy", where="ResetAfterGRU.backward")
        dh = state_gradients(dy, mask, dstate, where="ResetAfterGRU.backward")
        # For all steps at once what does not wait for the gradient: how h_t moves with the pre-activations a.
        da = np.empty((3, *dy.shape), dy.dtype)
        da_r, da_z, da_h = da
        sigmoid_slope(r, past, out=da_r)
        sigmoid_slope(z, h[:-1] - h_tilde, out=da_z)
        tanh_slope(h_tilde, 1 - z, out=da_h)
        dh_dh = z
        if mask is not None:
            da *= mask[..., None]
            dh_dh = np.where(mask[..., None], z, 1)  # padding keeps the whole state
        da_r *= da_h
        dpast = da_h * r
        through = np.stack([da_r, da_z, dpast])  # how the three products with h_{t-1} move h_t
        for t in reversed(range(len(dy))):
            through[:, t] *= dh[t + 1]
            dh[t] += dh[t + 1] * dh_dh[t] + pull_back(through[:, t], self.W_h)
        da *= dh[1:]
        dx = pull_back(da, self.W_x)
        db = np.stack([total(d) for d in da])
        dgru = ResetAfterGRU(outer(trace.x, da), outer(h[:-1], through), db, total(through[2]))
        dh_t = outputs(dh, mask)
        dz, dh_tilde = dh_t * (h[:-1] - h_tilde), dh_t * (1 - z)
        return dx, dgru, ResetAfterGRUTrace(dx, da_h * past, dz, through[2], dh_tilde, dh, mask)
