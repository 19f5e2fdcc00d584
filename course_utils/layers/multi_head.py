"""Several attentions side by side, each on its own projections of the same sequence."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.attention import AttentionTrace, DotProductAttention
from course_utils.layers.padding import readable
from course_utils.layers.rotary import RotaryAttention
from course_utils.math import affine, outer, product, pull_back, total
from course_utils.shapes import expect, expect_rng, expect_shape, expect_whole
from course_utils.tree import Array, Tree, tree

State = tuple[Float[Array, "P *B N d"], Float[Array, "P *B N d"]]
"""Keys and values of all heads for P past steps: what an attention layer carries on."""


@tree
class MultiHeadTrace(Tree):
    """What came in, and the attention of all heads: its arrays have the head as the last axis of the batch.

    In a gradient, `source` is the gradient of the source, if there was one.
    """

    x: Float[Array, "T *B D"]
    source: Float[Array, "S *B D"] | None
    heads: AttentionTrace
    y: Float[Array, "T *B D"]

    @property
    def a(self) -> Float[Array, "*B N T S"]:
        """The weights: ``a[..., n, t, s]`` is how much head n of step t looks at step s."""
        return self.heads.a

    @property
    def state(self) -> State:
        """All keys and values so far, to be carried on: ``layer.forward(next_x, causal=True, state=trace.state)``."""
        return self.heads.k, self.heads.v

    @property
    def mask(self) -> Bool[Array, "S *B"] | None:
        """Which steps are real, those of a state first; None if that is not known: the mask of a source is not of x."""
        return None if self.source is not None or self.heads.mask is None else self.heads.mask[..., 0]


@tree
class MultiHeadAttention(Tree):
    """y = [head_1, ..., head_N] W_o + b_o (Vaswani et al. 2017, section 3.2.2).

    head_n is the attention of its own D/N columns of q = x W_q + b_q, k = s W_k and v = s W_v + b_v, where s is x itself
    (self-attention) or another sequence, the source (cross-attention). The keys have no bias: q_t · b_k would add the
    same to all scores of a query, which softmax does not see. 4·D·D + 3·D parameters. The attention of the heads may be
    another one than the paper's, with rotary positions.
    """

    W_q: Float[Array, "D D"]
    W_k: Float[Array, "D D"]
    W_v: Float[Array, "D D"]
    W_o: Float[Array, "D D"]
    b_q: Float[Array, "D"]
    b_v: Float[Array, "D"]
    b_o: Float[Array, "D"]
    N: int
    attention: DotProductAttention | RotaryAttention = DotProductAttention()

    @classmethod
    def init(
        cls, D: int, N: int, *, rng: np.random.Generator, scale: float = 1.0, dtype: type = np.float64
    ) -> "MultiHeadAttention":
        """N heads. Normal weights of variance 1/D, biases 0; `scale` shrinks W_o, and so y.

        Raises ValueError unless N divides D.
        """
        expect_whole("MultiHeadAttention.init", D=D, N=N)
        expect_rng("MultiHeadAttention.init", rng)
        if D % N:
            raise ValueError(f"MultiHeadAttention.init: wanted heads that divide the width D = {D}, got {N}")
        W_q, W_k, W_v, W_o = (rng.normal(size=(4, D, D)) / np.sqrt(D)).astype(dtype)
        b: Array = np.zeros(D, dtype)
        return cls(W_q, W_k, W_v, W_o * dtype(scale), b, b.copy(), b.copy(), N)

    def forward(
        self,
        x: Float[Array, "T *B D"],
        mask: Bool[Array, "S *B"] | None = None,
        *,
        source: Float[Array, "S *B D"] | None = None,
        causal: bool = False,
        state: State | None = None,
    ) -> tuple[Float[Array, "T *B D"], MultiHeadTrace]:
        """Every step of x looks at x, or at the `source` if there is one.

        `state` holds keys and values of steps before x, which are looked at as well (and were computed once). The mask
        says which of all steps that are looked at are real, those of the state included. Raises ValueError if shapes
        do not fit together.
        """
        x = expect(x, "T *B D", where="MultiHeadAttention.forward", D=len(self.W_q))
        if source is None:
            x = seen = readable(x, mask)
        else:
            shape = (len(source), *x.shape[1:])
            source = expect_shape(source, shape, what="source", where="MultiHeadAttention.forward")
            source = seen = readable(source, mask)
        q = split(affine(x, self.W_q, self.b_q), self.N)
        k = split(product(seen, self.W_k), self.N)
        v = split(affine(seen, self.W_v, self.b_v), self.N)
        if state is not None:
            k, v = (np.concatenate([before, new]) for before, new in zip(state, (k, v), strict=True))
        if mask is not None:
            mask = expect_shape(mask, k.shape[:-2], what="mask", where="MultiHeadAttention.forward", kind="bool")
            mask = np.broadcast_to(mask[..., None], k.shape[:-1])  # all heads see the same steps
        y, heads = self.attention.forward(q, k, v, mask, causal=causal)
        y = affine(join(y), self.W_o, self.b_o)
        return y, MultiHeadTrace(x, source, heads, y)

    def backward(
        self, dy: Float[Array, "T *B D"], trace: MultiHeadTrace
    ) -> tuple[Float[Array, "T *B D"], "MultiHeadAttention", MultiHeadTrace]:
        """x was read as queries and, without a source, as keys and values too: its gradients add up.

        The gradient of the source is ``dtrace.source``; that of a state are the first rows of ``dtrace.heads.k`` and v.
        """
        dy = expect_shape(dy, trace.y.shape, what="dy", where="MultiHeadAttention.backward")
        dy = readable(dy, trace.mask)
        (dq, dk, dv), _, dheads = self.attention.backward(split(pull_back(dy, self.W_o), self.N), trace.heads)
        seen = trace.x if trace.source is None else trace.source
        before = len(dk) - len(seen)  # steps that only the state held
        dq, dk, dv = join(dq), join(dk[before:]), join(dv[before:])
        dx, dseen = pull_back(dq, self.W_q), pull_back(dk, self.W_k)
        dseen += pull_back(dv, self.W_v)
        if trace.source is None:
            dx += dseen
        dW_q, dW_k, dW_v = outer(trace.x, dq), outer(seen, dk), outer(seen, dv)
        dW_o = outer(join(trace.heads.y), dy)
        dlayer = MultiHeadAttention(dW_q, dW_k, dW_v, dW_o, total(dq), total(dv), total(dy), self.N, self.attention)
        return dx, dlayer, MultiHeadTrace(dx, None if trace.source is None else dseen, dheads, dy)


def split(x: Float[Array, "T *B D"], N: int) -> Float[Array, "T *B N d"]:
    """The columns of N heads, side by side in the features, on an axis of their own."""
    return x.reshape(*x.shape[:-1], N, x.shape[-1] // N)


def join(heads: Float[Array, "T *B N d"]) -> Float[Array, "T *B D"]:
    """The inverse of `split`."""
    return heads.reshape(*heads.shape[:-2], heads.shape[-2] * heads.shape[-1])
