"""Attention: every step asks a question, and gets the mean of the values whose keys answer it best.

Queries q of T steps look at keys k and values v of S steps. How well q_t and k_s fit is a score; softmax over s turns
the scores of a query into weights a, and y_t is the mean of all v_s with these weights. The two layers differ in the score.
"""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.padding import readable
from course_utils.math import outer, product, pull_back, tanh_slope
from course_utils.shapes import expect, expect_rng, expect_shape, expect_whole
from course_utils.tree import Array, Tree, tree

BLOCK = 2**16
"""Scores that are turned into weights at once: few enough to stay in the processor's cache from one step to the next."""


@tree
class AttentionTrace(Tree):
    """Who looked where: ``a[..., t, s]`` is the weight with which step t sees step s. Scores of hidden steps are -inf."""

    q: Float[Array, "T *B D"]
    k: Float[Array, "S *B D"]
    v: Float[Array, "S *B D_v"]
    mask: Bool[Array, "S *B"] | None
    scores: Float[Array, "*B T S"]
    a: Float[Array, "*B T S"]
    y: Float[Array, "T *B D_v"]


@tree
class DotProductAttention(Tree):
    """y_t = sum_s a_ts v_s, a = softmax over s of (q_t · k_s) * scale (Vaswani et al. 2017, equation 1).

    The scale is 1 / sqrt(D) if it is None: a sum of D products of independent numbers of variance 1 has variance D.
    No parameters.
    """

    scale: float | None = None

    def forward(
        self,
        q: Float[Array, "T *B D"],
        k: Float[Array, "S *B D"],
        v: Float[Array, "S *B D_v"],
        mask: Bool[Array, "S *B"] | None = None,
        *,
        causal: bool = False,
    ) -> tuple[Float[Array, "T *B D_v"], AttentionTrace]:
        """Look at the steps that the mask calls real; with `causal`, step t sees those up to S - T + t only.

        So the last query sees all keys, however many there are. A query that may look nowhere gets 0. Keys and values
        of padded steps may hold anything (see `padding.readable`); which queries are padding, only the caller knows.
        Raises ValueError if the shapes do not fit together.
        """
        q = expect(q, "T *B D", what="q", where="DotProductAttention.forward")
        k, v, mask = _expect_source(q, k, v, mask, q.shape[-1], where="DotProductAttention.forward")
        scores, a = _two_of(q, k)
        np.matmul(rows(q * self._scale(q)), rows(k).swapaxes(-1, -2), out=scores)
        y = look(scores, a, v, mask, causal)
        return y, AttentionTrace(q, k, v, mask, scores, a, y)

    def backward(
        self, dy: Float[Array, "T *B D_v"], trace: AttentionTrace
    ) -> tuple[tuple[Array, Array, Array], "DotProductAttention", AttentionTrace]:
        """``(dq, dk, dv), dlayer, dtrace``; ``dtrace.a`` says which looks would have helped, seen or not."""
        q, k = trace.q, trace.k
        dy = expect_shape(dy, trace.y.shape, what="dy", where="DotProductAttention.backward")
        da, dscores, dv = _weights_backward(dy, trace)
        scale = self._scale(q)
        dq, dk = np.empty_like(q), np.empty_like(k)
        np.matmul(dscores, rows(k), out=rows(dq))
        np.matmul(dscores.swapaxes(-1, -2), rows(q * scale), out=rows(dk))
        dq *= scale
        return (dq, dk, dv), self, AttentionTrace(dq, dk, dv, trace.mask, dscores, da, dy)

    def _scale(self, q: Array) -> float:
        return float(q.shape[-1] ** -0.5) if self.scale is None else float(self.scale)


@tree
class AdditiveTrace(Tree):
    """As `AttentionTrace`; ``h[..., t, s, :]`` is what query t and key s have in common, from which the score is read."""

    q: Float[Array, "T *B D"]
    k: Float[Array, "S *B D_k"]
    v: Float[Array, "S *B D_v"]
    mask: Bool[Array, "S *B"] | None
    h: Float[Array, "*B T S H"]
    scores: Float[Array, "*B T S"]
    a: Float[Array, "*B T S"]
    y: Float[Array, "T *B D_v"]


@tree
class AdditiveAttention(Tree):
    """y_t = sum_s a_ts v_s, a = softmax over s of h_ts · w_v with h_ts = tanh(q_t W_q + k_s W_k).

    Bahdanau et al. (2015, section 3.1 and appendix A.1.2). Queries and keys may differ in width. (D + D_k + 1)·H parameters.
    """

    W_q: Float[Array, "D H"]
    W_k: Float[Array, "D_k H"]
    w_v: Float[Array, "H"]

    @classmethod
    def init(
        cls, D: int, D_k: int, H: int, *, rng: np.random.Generator, dtype: type = np.float64
    ) -> "AdditiveAttention":
        """For queries of width D and keys of width D_k: normal weights of variance 1/D, 1/D_k and 1/H."""
        expect_whole("AdditiveAttention.init", D=D, D_k=D_k, H=H)
        expect_rng("AdditiveAttention.init", rng)
        W_q, W_k, w_v = (rng.normal(size=shape) / np.sqrt(shape[0]) for shape in ((D, H), (D_k, H), (H,)))
        return cls(W_q.astype(dtype), W_k.astype(dtype), w_v.astype(dtype))

    def forward(
        self,
        q: Float[Array, "T *B D"],
        k: Float[Array, "S *B D_k"],
        v: Float[Array, "S *B D_v"],
        mask: Bool[Array, "S *B"] | None = None,
        *,
        causal: bool = False,
    ) -> tuple[Float[Array, "T *B D_v"], AdditiveTrace]:
        """As `DotProductAttention.forward`."""
        q = expect(q, "T *B D", what="q", where="AdditiveAttention.forward", D=len(self.W_q))
        k, v, mask = _expect_source(q, k, v, mask, len(self.W_k), where="AdditiveAttention.forward")
        each_q, each_k = rows(product(q, self.W_q)), rows(product(k, self.W_k))
        h = np.add(each_q[..., :, None, :], each_k[..., None, :, :], order="C")
        np.tanh(h, out=h)
        scores, a = _two_of(q, k)
        np.matmul(h, self.w_v, out=scores)
        y = look(scores, a, v, mask, causal)
        return y, AdditiveTrace(q, k, v, mask, h, scores, a, y)

    def backward(
        self, dy: Float[Array, "T *B D_v"], trace: AdditiveTrace
    ) -> tuple[tuple[Array, Array, Array], "AdditiveAttention", AdditiveTrace]:
        """``(dq, dk, dv), dlayer, dtrace``."""
        dy = expect_shape(dy, trace.y.shape, what="dy", where="AdditiveAttention.backward")
        da, dscores, dv = _weights_backward(dy, trace)
        dh = dscores[..., None] * self.w_v
        dz = tanh_slope(trace.h, dh)
        dz_q, dz_k = np.moveaxis(dz.sum(-2), -2, 0), np.moveaxis(dz.sum(-3), -2, 0)  # back to time first
        dq, dk = pull_back(dz_q, self.W_q), pull_back(dz_k, self.W_k)
        dw_v = outer(trace.h, dscores[..., None])[:, 0]
        dlayer = AdditiveAttention(outer(trace.q, dz_q), outer(trace.k, dz_k), dw_v)
        return (dq, dk, dv), dlayer, AdditiveTrace(dq, dk, dv, trace.mask, dh, dscores, da, dy)


def rows(x: Float[Array, "T *B D"]) -> Float[Array, "*B T D"]:
    """The same numbers with the batch in front, so that ``@`` sees one matrix a sequence. A view: nothing moves."""
    return x.transpose(*range(1, x.ndim - 1), 0, x.ndim - 1)


def look(
    scores: Float[Array, "*B T S"],
    a: Float[Array, "*B T S"],
    v: Float[Array, "S *B D_v"],
    mask: Bool[Array, "S *B"] | None,
    causal: bool,
) -> Float[Array, "T *B D_v"]:
    """Return y_t = sum_s a_ts v_s. Writes -inf into the scores of steps that may not be seen, and the weights into a."""
    *_, T, S = scores.shape
    if mask is not None:
        np.copyto(scores, -np.inf, where=~np.moveaxis(mask, 0, -1)[..., None, :])
    if causal and T > 1:  # the last step sees all
        np.copyto(scores, -np.inf, where=~np.tri(T, S, S - T, dtype=bool))
    flat_scores, flat_a = (z.reshape(z.size // max(S, 1), S) for z in (scores, a))
    size = max(1, BLOCK // max(S, 1))
    lowest = np.finfo(a.dtype).min  # stands in for the maximum where all scores are -inf
    for start in range(0, len(flat_a), size):
        block, e = flat_scores[start : start + size], flat_a[start : start + size]
        np.subtract(block, block.max(-1, keepdims=True, initial=lowest), out=e)
        np.exp(e, out=e)
        # The largest is exp(0), so a sum below 1 is that of a row in which nothing may be seen: its weights stay 0.
        e /= np.maximum(e.sum(-1, keepdims=True), 1)
    y = np.empty((T, *v.shape[1:]), np.result_type(a, v))
    np.matmul(a, rows(v), out=rows(y))
    return y


def _two_of(q: Float[Array, "T *B D"], k: Float[Array, "S *B D_k"]) -> Float[Array, "2 *B T S"]:
    """Room for two arrays of T times S numbers: in one piece, which the system hands out faster than two."""
    return np.empty((2, *q.shape[1:-1], len(q), len(k)), np.result_type(q, k))


def _weights_backward(
    dy: Float[Array, "T *B D_v"], trace: AttentionTrace | AdditiveTrace
) -> tuple[Float[Array, "*B T S"], Float[Array, "*B T S"], Float[Array, "S *B D_v"]]:
    """Back through the mean and the softmax: the gradients of the weights, the scores and the values."""
    da, dscores = _two_of(dy, trace.v)
    np.matmul(rows(dy), rows(trace.v).swapaxes(-1, -2), out=da)
    dv = np.empty(trace.v.shape, dy.dtype)
    np.matmul(trace.a.swapaxes(-1, -2), rows(dy), out=rows(dv))
    # dscores = a * (da - sum_s a da), and sum_s a_ts da_ts is dy_t · y_t: all weights of a step moved together.
    np.subtract(da, rows((dy * trace.y).sum(-1, keepdims=True)), out=dscores)
    dscores *= trace.a
    return da, dscores, dv


def _expect_source(
    q: Array, k: Array, v: Array, mask: Array | None, D_k: int, *, where: str
) -> tuple[Array, Array, Array | None]:
    batch = q.shape[1:-1]
    k = expect_shape(k, (*np.shape(k)[:1], *batch, D_k), what="k", where=where)
    v = expect_shape(v, (len(k), *batch, *np.shape(v)[-1:]), what="v", where=where)
    if mask is not None:
        mask = expect_shape(mask, k.shape[:-1], what="mask", where=where, kind="bool")
    return readable(k, mask), readable(v, mask), mask
