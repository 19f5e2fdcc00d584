"""Long short-term memory: a cell that is added to, with gates that decide what to keep, add and tell."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.recurrent import expect_sequence, outputs, state_gradients, state_rows, step_rows
from course_utils.math import affine, outer, pull_back, sigmoid_slope, tanh_slope, total
from course_utils.shapes import expect_rng, expect_shape, expect_whole
from course_utils.tree import Array, Tree, tree


@tree
class LSTMTrace(Tree):
    """Every gate at every step. The states c and h have T+1 rows: row 0 is what came in, row t+1 the state after x_t."""

    x: Float[Array, "T *B D"]
    i: Float[Array, "T *B H"]
    f: Float[Array, "T *B H"]
    o: Float[Array, "T *B H"]
    c_tilde: Float[Array, "T *B H"]
    c: Float[Array, "T+1 *B H"]
    h: Float[Array, "T+1 *B H"]
    mask: Bool[Array, "T *B"] | None

    @property
    def state(self) -> tuple[Array, Array]:
        """The last h and c, to be carried on: ``lstm.forward(next_x, state=trace.state)``."""
        return self.h[-1], self.c[-1]


@tree
class LSTM(Tree):
    """c_t = f_t * c_{t-1} + i_t * c_tilde_t and h_t = o_t * tanh(c_t).

    The gates i, f, o = sigmoid(x_t W_x + h_{t-1} W_h + b) and the candidate c_tilde = tanh(of the same form) stand
    along the first axis of the weights in the order i, f, o, c_tilde (Hochreiter & Schmidhuber 1997; forget gate: Gers
    et al. 2000). 4·H·(D + H + 1) parameters. At padded steps the state is carried over unchanged and y is 0.
    """

    W_x: Float[Array, "4 D H"]
    W_h: Float[Array, "4 H H"]
    b: Float[Array, "4 H"]

    @classmethod
    def init(
        cls, D: int, H: int, *, rng: np.random.Generator, forget_bias: float = 1.0, dtype: type = np.float64
    ) -> "LSTM":
        """Normal weights of variance 1/D and 1/H; the forget gate starts open (bias 1: Jozefowicz et al. 2015)."""
        expect_whole("LSTM.init", D=D, H=H)
        expect_rng("LSTM.init", rng)
        b: Array = np.zeros((4, H), dtype)
        b[1] = forget_bias
        W_x = (rng.normal(size=(4, D, H)) / np.sqrt(D)).astype(dtype)
        W_h = (rng.normal(size=(4, H, H)) / np.sqrt(H)).astype(dtype)
        return cls(W_x, W_h, b)

    def forward(
        self,
        x: Float[Array, "T *B D"],
        mask: Bool[Array, "T *B"] | None = None,
        *,
        state: tuple[Float[Array, "*B H"], Float[Array, "*B H"]] | None = None,
    ) -> tuple[Float[Array, "T *B H"], LSTMTrace]:
        """Read a sequence from the initial `state` (h_0, c_0), zero if not given. Returns h_1 .. h_T and the trace.

        Raises ValueError if D differs or the mask or the state has another batch.
        """
        D, H = self.W_x.shape[1:]
        x, mask = expect_sequence(x, mask, D=D, where="LSTM.forward")
        shape = (*x.shape[:-1], H)
        h_0, c_0 = (None, None) if state is None else state
        dtype = np.result_type(x, self.W_x)
        h = state_rows(h_0, shape, dtype, where="LSTM.forward")
        c = state_rows(c_0, shape, dtype, where="LSTM.forward")
        # sigmoid(a) = 0.5 tanh(0.5 a) + 0.5: the weights of i, f and o are halved beforehand, which rounds nothing, so
        # that one tanh serves all four.
        half = np.array([0.5, 0.5, 0.5, 1], self.b.dtype)[:, None]
        W_h = self.W_h * half[..., None]
        # for all steps at once: the part that does not wait for the state
        gates = affine(x, self.W_x * half[..., None], self.b * half)
        i, f, o, c_tilde = gates
        a_rows, h_rows = step_rows(gates, gates=1), step_rows(h)
        for t in range(len(x)):
            a = a_rows[:, t]
            a += h_rows[t] @ W_h
            np.tanh(a, out=a)
            ifo = a[:3]
            ifo *= 0.5
            ifo += 0.5
            np.multiply(f[t], c[t], out=c[t + 1])  # c_t = f_t * c_{t-1} + i_t * c_tilde_t
            c[t + 1] += i[t] * c_tilde[t]
            np.multiply(o[t], np.tanh(c[t + 1]), out=h[t + 1])  # h_t = o_t * tanh(c_t)
            if mask is not None:
                padded = ~mask[t][..., None]
                np.copyto(c[t + 1], c[t], where=padded)
                np.copyto(h[t + 1], h[t], where=padded)
        return outputs(h, mask), LSTMTrace(x, i, f, o, c_tilde, c, h, mask)

    def backward(
        self,
        dy: Float[Array, "T *B H"],
        trace: LSTMTrace,
        dstate: tuple[Float[Array, "*B H"], Float[Array, "*B H"]] | None = None,
    ) -> tuple[Float[Array, "T *B D"], "LSTM", LSTMTrace]:
        """Backpropagation through time; ``dtrace.c[t]`` and ``dtrace.h[t]`` collect all later influences of a state.

        `dstate` is what the last h and c receive from outside, beyond dy.
        """
        i, f, o, c_tilde, c, h, mask = trace.i, trace.f, trace.o, trace.c_tilde, trace.c, trace.h, trace.mask
        dy = expect_shape(dy, h[1:].shape, what="dy", where="LSTM.backward")
        dh_T, dc_T = (None, None) if dstate is None else dstate
        dh = state_gradients(dy, mask, dh_T, where="LSTM.backward")
        dc = state_gradients(np.zeros_like(dy), mask, dc_T, where="LSTM.backward")
        # For all steps at once what does not wait for the gradient: how c_t and h_t move with the pre-activations a of
        # the gates, and h_t with c_t.
        tanh_c = np.tanh(c[1:])
        da = np.empty((4, *dy.shape), dy.dtype)
        da_i, da_f, da_o, da_c = da
        sigmoid_slope(i, c_tilde, out=da_i)
        sigmoid_slope(f, c[:-1], out=da_f)
        sigmoid_slope(o, tanh_c, out=da_o)
        tanh_slope(c_tilde, i, out=da_c)
        dh_dc, dc_dc = tanh_slope(tanh_c, o), f
        if mask is not None:
            da *= mask[..., None]
            dh_dc *= mask[..., None]
            dc_dc = np.where(mask[..., None], f, 1)  # padding keeps the whole cell
        W_h_T = np.ascontiguousarray(self.W_h.swapaxes(1, 2))
        da_rows, dh_rows = step_rows(da, gates=1), step_rows(dh)
        for t in reversed(range(len(dy))):
            dh_t, dc_t = dh[t + 1], dc[t + 1]
            dc_t += dh_t * dh_dc[t]
            da_i[t] *= dc_t
            da_f[t] *= dc_t
            da_o[t] *= dh_t
            da_c[t] *= dc_t
            np.multiply(dc_t, dc_dc[t], out=dc[t])
            dh_rows[t] += (da_rows[:, t] @ W_h_T).sum(0)
            if mask is not None:
                np.add(dh[t], dh[t + 1], out=dh[t], where=~mask[t][..., None])
        dx = pull_back(da, self.W_x)
        dlstm = LSTM(outer(trace.x, da), outer(h[:-1], da), np.stack([total(d) for d in da]))
        dh_t, dc_t = outputs(dh, mask), outputs(dc, mask)
        return dx, dlstm, LSTMTrace(dx, dc_t * c_tilde, dc_t * c[:-1], dh_t * tanh_c, dc_t * i, dc, dh, mask)
