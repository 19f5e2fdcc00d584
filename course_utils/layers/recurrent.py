"""What the recurrent layers share around their loop: rows for the states, and silence at padded steps."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from course_utils.shapes import expect, expect_shape
from course_utils.tree import Array


def expect_sequence(
    x: Float[Array, "T *B D"], mask: Bool[Array, "T *B"] | None, *, D: int, where: str
) -> tuple[Float[Array, "T *B D"], Bool[Array, "T *B"] | None]:
    """The sequence, 0 at padded steps whatever stands there, and its mask.

    So no layer has to guard against nan times 0. Raises ValueError if the features are not D or the mask is not of x's
    steps and batch.
    """
    x = expect(x, "T *B D", where=where, D=D)
    if mask is not None:
        mask = expect_shape(mask, x.shape[:-1], what="mask", where=where, kind="bool")
        x = np.where(mask[..., None], x, x.dtype.type(0))
    return x, mask


def state_rows(
    first: Float[Array, "*B H"] | None, shape: Sequence[int], dtype: np.dtype, *, where: str
) -> Float[Array, "rows *B H"]:
    """Room for the states of a pass of `shape` (T, *B, H): row 0 holds the first one, zero if it is None."""
    T, *batch_and_H = shape
    h = np.empty((T + 1, *batch_and_H), dtype)
    h[0] = 0 if first is None else expect_shape(first, tuple(batch_and_H), what="state", where=where)
    return h


def step_rows(a: Float[Array, "... H"], gates: int = 0) -> Float[Array, "... rows H"]:
    """The same numbers with one axis for the whole batch, so that ``[t] @ W`` is a product of matrices. A view of `a`.

    `gates` is the number of axes before that of time.
    """
    return a.reshape(*a.shape[: gates + 1], math.prod(a.shape[gates + 1 : -1]), a.shape[-1])


def outputs(h: Float[Array, "rows *B H"], mask: Bool[Array, "T *B"] | None) -> Float[Array, "T *B H"]:
    """The states after each step, and 0 at padded steps."""
    return h[1:] if mask is None else np.where(mask[..., None], h[1:], 0)


def state_gradients(
    dy: Float[Array, "T *B H"],
    mask: Bool[Array, "T *B"] | None,
    dstate: Float[Array, "*B H"] | None,
    *,
    where: str,
) -> Float[Array, "rows *B H"]:
    """What each state receives from outside: row t+1 has dy[t], but 0 at padding; the last one `dstate` on top."""
    dh = np.zeros((len(dy) + 1, *dy.shape[1:]), dy.dtype)
    dh[1:] = dy if mask is None else np.where(mask[..., None], dy, 0)
    if dstate is not None:
        dh[-1] += expect_shape(dstate, dh[0].shape, what="dstate", where=where)
    return dh
