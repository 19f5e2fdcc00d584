"""Gated recurrent unit: a state that is mixed from its past and a candidate, by gates that decide how much of each."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.recurrent import expect_sequence, outputs, state_gradients, state_rows
from course_utils.math import affine, outer, product, pull_back, sigmoid, sigmoid_slope, tanh_slope, total
from course_utils.shapes import expect_rng, expect_shape, expect_whole
from course_utils.tree import Array, Tree, tree


@tree
class GRUTrace(Tree):
    """Both gates and the candidate at every step. The state h has T+1 rows: row 0 is what came in."""

    x: Float[Array, "T *B D"]
    r: Float[Array, "T *B H"]
    z: Float[Array, "T *B H"]
    h_tilde: Float[Array, "T *B H"]
    h: Float[Array, "T+1 *B H"]
    mask: Bool[Array, "T *B"] | None

    @property
    def state(self) -> Float[Array, "*B H"]:
        """The last state, to be carried on: ``gru.forward(next_x, state=trace.state)``."""
        return self.h[-1]


@tree
class GRU(Tree):
    """h_t = z_t * h_{t-1} + (1 - z_t) * h_tilde_t with h_tilde_t = tanh(x_t W_xh + (r_t * h_{t-1}) W_hh + b_h).

    The gates r, z = sigmoid(x_t W_x + h_{t-1} W_h + b) and the candidate h_tilde stand along the first axis of the
    weights in the order r, z, h_tilde (Cho et al. 2014, equations 5 to 8). 3·H·(D + H + 1) parameters. At padded steps
    the state is carried over unchanged and y is 0. For the variant of PyTorch and cuDNN see `ResetAfterGRU`.
    """

    W_x: Float[Array, "3 D H"]
    W_h: Float[Array, "3 H H"]
    b: Float[Array, "3 H"]

    @classmethod
    def init(cls, D: int, H: int, *, rng: np.random.Generator, dtype: type = np.float64) -> "GRU":
        """Normal weights of variance 1/D and 1/H, biases 0: both gates start half open."""
        expect_whole("GRU.init", D=D, H=H)
        expect_rng("GRU.init", rng)
        W_x = (rng.normal(size=(3, D, H)) / np.sqrt(D)).astype(dtype)
        W_h = (rng.normal(size=(3, H, H)) / np.sqrt(H)).astype(dtype)
        return cls(W_x, W_h, np.zeros((3, H), dtype))

    def forward(
        self,
        x: Float[Array, "T *B D"],
        mask: Bool[Array, "T *B"] | None = None,
        *,
        state: Float[Array, "*B H"] | None = None,
    ) -> tuple[Float[Array, "T *B H"], GRUTrace]:
        """Read a sequence from the initial `state` h_0, zero if not given. Returns h_1 .. h_T and the trace.

        Raises ValueError if D differs or the mask or the state has another batch.
        """
        D, H = self.W_x.shape[1:]
        x, mask = expect_sequence(x, mask, D=D, where="GRU.forward")
        shape = (*x.shape[:-1], H)
        h = state_rows(state, shape, np.result_type(x, self.W_x), where="GRU.forward")
        gates = affine(x, self.W_x, self.b)  # for all steps at once: the part that does not wait for the state
        r, z, h_tilde = gates
        for t in range(len(x)):
            gates[:2, t] += product(h[t], self.W_h[:2])
            sigmoid(gates[:2, t], out=gates[:2, t])
            h_tilde[t] += (r[t] * h[t]) @ self.W_h[2]
            np.tanh(h_tilde[t], out=h_tilde[t])
            h[t + 1] = z[t] * h[t] + (1 - z[t]) * h_tilde[t]
            if mask is not None:
                np.copyto(h[t + 1], h[t], where=~mask[t][..., None])
        return outputs(h, mask), GRUTrace(x, r, z, h_tilde, h, mask)

    def backward(
        self, dy: Float[Array, "T *B H"], trace: GRUTrace, dstate: Float[Array, "*B H"] | None = None
    ) -> tuple[Float[Array, "T *B D"], "GRU", GRUTrace]:
        """Backpropagation through time; ``dtrace.h[t]`` collects all later influences of the state h_t.

        `dstate` is what the last state receives from outside, beyond dy.
        """
        r, z, h_tilde, h, mask = trace.r, trace.z, trace.h_tilde, trace.h, trace.mask
        dy = expect_shape(dy, h[1:].shape, what="dy", where="GRU.backward")
        dh = state_gradients(dy, mask, dstate, where="GRU.backward")
        past = r * h[:-1]  # what the candidate is shown of the state
        dpast = np.empty_like(past, dtype=dy.dtype)
        # For all steps at once what does not wait for the gradient: how h_t moves with the pre-activations a of z and
        # h_tilde, and `past` with that of r.
        da = np.empty((3, *dy.shape), dy.dtype)
        da_r, da_z, da_h = da
        sigmoid_slope(r, h[:-1], out=da_r)
        sigmoid_slope(z, h[:-1] - h_tilde, out=da_z)
        tanh_slope(h_tilde, 1 - z, out=da_h)
        dh_dh = z
        if mask is not None:
            da *= mask[..., None]
            dh_dh = np.where(mask[..., None], z, 1)  # padding keeps the whole state
        for t in reversed(range(len(dy))):
            da_z[t] *= dh[t + 1]
            da_h[t] *= dh[t + 1]
            dpast[t] = pull_back(da_h[t], self.W_h[2])
            da_r[t] *= dpast[t]
            dh[t] += dh[t + 1] * dh_dh[t] + dpast[t] * r[t] + pull_back(da[:2, t], self.W_h[:2])
        dx = pull_back(da, self.W_x)
        dW_h = np.concatenate([outer(h[:-1], da[:2]), outer(past, da_h)[None]])
        dgru = GRU(outer(trace.x, da), dW_h, np.stack([total(d) for d in da]))
        dh_t = outputs(dh, mask)
        return dx, dgru, GRUTrace(dx, dpast * h[:-1], dh_t * (h[:-1] - h_tilde), dh_t * (1 - z), dh, mask)
