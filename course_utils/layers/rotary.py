"""Rotary positions: queries and keys are turned by an angle that grows with their step, so scores know how far apart they are."""

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.layers.attention import AttentionTrace, DotProductAttention
from course_utils.layers.padding import readable
from course_utils.shapes import expect, expect_shape
from course_utils.tree import Array, Tree, tree


@tree
class RotaryAttention(Tree):
    """y_t = sum_s a_ts v_s, a = softmax over s of (R_t q_t) · (R_s k_s) / sqrt(D)   (Su et al. 2021, equations 13 to 16).

    R_t turns the numbers 2i and 2i + 1 of a vector, as a point in the plane, by the angle t / 10000^(2i/D): the clocks of
    `positions.sinusoids`. Since R_t and R_s only turn, the score depends on t - s alone, and lengths stay. No parameters.
    """

    def forward(
        self,
        q: Float[Array, "T *B D"],
        k: Float[Array, "S *B D"],
        v: Float[Array, "S *B D_v"],
        mask: Bool[Array, "S *B"] | None = None,
        *,
        causal: bool = False,
    ) -> tuple[Float[Array, "T *B D_v"], AttentionTrace]:
        """As `DotProductAttention.forward`; the last query stands at the place of the last key. Only real steps are counted.

        Raises ValueError for an odd D.
        """
        q = expect(q, "T *B D", what="q", where="RotaryAttention.forward")
        k = expect_shape(k, (len(k), *q.shape[1:]), what="k", where="RotaryAttention.forward")
        if q.shape[-1] % 2:
            raise ValueError(f"RotaryAttention.forward: wanted an even number of features a head, got {q.shape[-1]}")
        if mask is not None:
            mask = expect_shape(mask, k.shape[:-1], what="mask", where="RotaryAttention.forward", kind="bool")
        q, k = readable(q, mask), readable(k, mask)
        y, turned = DotProductAttention().forward(*_turned(q, k, mask), v, mask, causal=causal)
        return y, AttentionTrace(q, k, turned.v, turned.mask, turned.scores, turned.a, y)

    def backward(
        self, dy: Float[Array, "T *B D_v"], trace: AttentionTrace
    ) -> tuple[tuple[Array, Array, Array], "RotaryAttention", AttentionTrace]:
        """``(dq, dk, dv), dlayer, dtrace``: the gradients of the turned vectors are turned back."""
        q, k = _turned(trace.q, trace.k, trace.mask)
        turned = AttentionTrace(q, k, trace.v, trace.mask, trace.scores, trace.a, trace.y)
        (dq, dk, dv), _, dtrace = DotProductAttention().backward(dy, turned)
        dq, dk = _turned(dq, dk, trace.mask, back=True)
        return (dq, dk, dv), self, AttentionTrace(dq, dk, dv, trace.mask, dtrace.scores, dtrace.a, dtrace.y)


def turn(x: Float[Array, "T *B D"], at: Int[Array, "T ..."], *, back: bool = False) -> Float[Array, "T *B D"]:
    """R_t x for vectors at the places t = `at`, one a step or one a step and sequence; `back` undoes it."""
    D = x.shape[-1]
    at = at.reshape(*at.shape, *[1] * (x.ndim - at.ndim))
    angles = at / 10000 ** (np.arange(0, D, 2) / D)
    cos, sin = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
    if back:
        sin = -sin
    y = np.empty_like(x)
    even, odd = x[..., 0::2], x[..., 1::2]
    y[..., 0::2] = even * cos - odd * sin
    y[..., 1::2] = even * sin + odd * cos
    return y


def _turned(q: Array, k: Array, mask: Array | None, *, back: bool = False) -> tuple[Array, Array]:
    """Queries and keys, each turned to the place of its step among the real ones."""
    at = np.arange(len(k)) if mask is None else np.cumsum(mask, 0) - 1
    return turn(q, at[len(k) - len(q) :], back=back), turn(k, at, back=back)
