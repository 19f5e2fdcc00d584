"""Long short-term memory: a cell that is added to, with gates that decide what to keep, add and tell."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.math import outer, total
from course_utils.shapes import expect, expect_shape
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
        x = expect(x, "T *B D", where="LSTM.forward", D=D)
        T, *batch, _ = x.shape
        if mask is not None:
            mask = expect_shape(mask, (T, *batch), what="mask", where="LSTM.forward", kind="bool")
        h, c = np.zeros((2, T + 1, *batch, H), np.result_type(x, self.W_x))
        if state is not None:
            h[0], c[0] = (expect_shape(s, (*batch, H), what="state", where="LSTM.forward") for s in state)
        # The part of every gate that does not depend on the state: one product for all steps.
        gates = np.stack([x @ W + b for W, b in zip(self.W_x, self.b, strict=True)])
        i, f, o, c_tilde = gates
        for t in range(T):
            for k in range(4):
                gates[k, t] += h[t] @ self.W_h[k]
            gates[:3, t] = 0.5 * np.tanh(0.5 * gates[:3, t]) + 0.5
            np.tanh(c_tilde[t], out=c_tilde[t])
            c[t + 1] = f[t] * c[t] + i[t] * c_tilde[t]
            h[t + 1] = o[t] * np.tanh(c[t + 1])
            if mask is not None:
                real = mask[t][..., None]
                c[t + 1] = np.where(real, c[t + 1], c[t])
                h[t + 1] = np.where(real, h[t + 1], h[t])
        y = h[1:] if mask is None else np.where(mask[..., None], h[1:], 0)
        return y, LSTMTrace(x, i, f, o, c_tilde, c, h, mask)

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
        dh, dc = np.zeros_like(h), np.zeros_like(c)
        if dstate is not None:
            dh[-1], dc[-1] = (expect_shape(s, h[0].shape, what="dstate", where="LSTM.backward") for s in dstate)
        dgates, dz = np.empty((2, 4, *dy.shape), dy.dtype)
        di, df, do, dc_tilde = dgates
        for t in reversed(range(len(dy))):
            real = True if mask is None else mask[t][..., None]
            dh[t + 1] += np.where(real, dy[t], 0)
            dh_t = np.where(real, dh[t + 1], 0)
            tanh_c = np.tanh(c[t + 1])
            dc[t + 1] += dh_t * o[t] * (1 - tanh_c**2)
            dc_t = np.where(real, dc[t + 1], 0)
            do[t] = dh_t * tanh_c
            di[t], df[t], dc_tilde[t] = dc_t * c_tilde[t], dc_t * c[t], dc_t * i[t]
            dz[0, t] = di[t] * i[t] * (1 - i[t])
            dz[1, t] = df[t] * f[t] * (1 - f[t])
            dz[2, t] = do[t] * o[t] * (1 - o[t])
            dz[3, t] = dc_tilde[t] * (1 - c_tilde[t] ** 2)
            dc[t] = np.where(real, dc_t * f[t], dc[t + 1])
            dh[t] = np.where(real, sum(dz[k, t] @ self.W_h[k].T for k in range(4)), dh[t + 1])
        dx = sum(dz[k] @ self.W_x[k].T for k in range(4))
        dlstm = LSTM(
            np.stack([outer(trace.x, d) for d in dz]),
            np.stack([outer(h[:-1], d) for d in dz]),
            np.stack([total(d) for d in dz]),
        )
        return dx, dlstm, LSTMTrace(dx, di, df, do, dc_tilde, dc, dh, mask)
