"""The few functions that layers and losses share."""

import numpy as np
from jaxtyping import Float, Int

from course_utils.shapes import expect, expect_tokens, expect_whole
from course_utils.tree import Array


def sigmoid(z: Float[Array, "..."], out: Array | None = None) -> Float[Array, "..."]:
    """1 / (1 + exp(-z)), written with tanh so that large |z| cannot overflow; put into `out` if one is given."""
    s = np.multiply(z, 0.5, out=out)
    s = np.tanh(s, out=out)
    s = np.multiply(s, 0.5, out=out)
    return np.add(s, 0.5, out=out)


def softplus(z: Float[Array, "..."]) -> Float[Array, "..."]:
    """log(1 + exp(z)), which is -log(1 - sigmoid(z)); many times as fast as ``np.logaddexp(0, z)``, and as safe."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def sigmoid_slope(s: Float[Array, "..."], times: Float[Array, "..."], out: Array | None = None) -> Float[Array, "..."]:
    """``times * s * (1 - s)``: how fast times * sigmoid(z) changes with z, given s = sigmoid(z)."""
    slope = np.subtract(1, s, out=out)
    slope *= s
    slope *= times
    return slope


def tanh_slope(y: Float[Array, "..."], times: Float[Array, "..."], out: Array | None = None) -> Float[Array, "..."]:
    """``times * (1 - y * y)``: how fast times * tanh(z) changes with z, given y = tanh(z)."""
    slope = np.multiply(y, y, out=out)
    np.subtract(1, slope, out=slope)
    slope *= times
    return slope


def log_softmax(z: Float[Array, "*B V"]) -> Float[Array, "*B V"]:
    """Logarithm (nats) of the probabilities that `softmax` gives.

    The maximum is taken off first, so that exp cannot overflow and no digits are lost to a large z. A score of -inf has a
    probability of 0; raises ValueError for a row without a finite one.
    """
    z = _below_best(z, "log_softmax")
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def softmax(z: Float[Array, "*B V"]) -> Float[Array, "*B V"]:
    """exp(z) scaled to sum to 1 over the last axis: scores (logits) become probabilities. Errors as in `log_softmax`."""
    e = np.exp(_below_best(z, "softmax"))
    return e / e.sum(-1, keepdims=True)


def _below_best(z: Float[Array, "*B V"], where: str) -> Float[Array, "*B V"]:
    """The scores minus the largest of their row. ValueError if that is infinite; nan is passed on, for `fit` to see."""
    z = expect(z, "*B V", what="scores", where=where)
    if z.shape[-1] == 0:
        raise ValueError(f"{where}: wanted at least one score in a row, got shape {z.shape}")
    best = z.max(-1, keepdims=True)
    if np.isinf(best).any():
        raise ValueError(f"{where}: wanted a largest score that is finite in every row, got {best[np.isinf(best)][0]}")
    with np.errstate(over="ignore"):  # a score that is so far below gets a probability of 0
        return z - best


def rescaled(x: Float[Array, "..."], axis: int | tuple[int, ...] = -1) -> tuple[Float[Array, "..."], Int[Array, "..."]]:
    """x / 2^e and e, with e such that the largest number along the axis comes to 0.5 ... 1. The axis stays, of size 1.

    So no square of it overflows, and none that counts vanishes. A power of 2 rounds nothing: what is computed from the
    smaller numbers and brought back by ``np.ldexp(result, e)`` is to the last bit what x itself gives, where that is finite.
    """
    top = np.abs(x).max(axis, keepdims=True, initial=0)
    e = np.frexp(np.where(np.isfinite(top), top, 0))[1]
    return np.ldexp(x, -e), e


def lengths(x: Float[Array, "*B D"]) -> Float[Array, "*B 1"]:
    """L2 norm of every vector along the last axis, whatever its size; the axis stays, of size 1."""
    x, e = rescaled(x)
    with np.errstate(over="ignore"):  # a length can be above all floats though no number is
        return np.ldexp(np.linalg.norm(x, axis=-1, keepdims=True), e)


def one_hot(tokens: Int[Array, "*B"], V: int) -> Float[Array, "*B V"]:
    """Vectors of V numbers, all 0 but a 1 at each token. Raises ValueError for a token outside 0..V-1."""
    expect_whole("one_hot", V=V)
    tokens = expect_tokens(tokens, "*B", V, where="one_hot")
    vectors = np.zeros((*tokens.shape, V))
    np.put_along_axis(vectors, tokens[..., None].astype(np.int64), 1.0, axis=-1)
    return vectors


def product(x: Float[Array, "*B D"], W: Float[Array, "*G D H"]) -> Float[Array, "... H"]:
    """x W at every position; if W has a leading axis of gates, so has the result.

    One matrix product for all positions, where ``x @ W`` would make one for every step of a sequence.
    """
    y = x.reshape(-1, x.shape[-1]) @ W
    return y.reshape(*W.shape[:-2], *x.shape[:-1], W.shape[-1])


def affine(x: Float[Array, "*B D"], W: Float[Array, "*G D H"], b: Float[Array, "*G H"]) -> Float[Array, "... H"]:
    """x W + b at every position, for every gate."""
    y = product(x, W)
    y += b.reshape(*b.shape[:-1], *[1] * (x.ndim - 1), b.shape[-1])
    return y


def pull_back(dy: Float[Array, "... H"], W: Float[Array, "*G D H"]) -> Float[Array, "*B D"]:
    """dy W^T at every position, summed over the gates: the gradient of x in ``product(x, W)``."""
    *gates, D, H = W.shape
    dx = dy.reshape(*gates, -1, H) @ W.swapaxes(-1, -2)
    return (dx.sum(0) if gates else dx).reshape(*dy.shape[len(gates) : -1], D)


def outer(x: Float[Array, "*B D"], dy: Float[Array, "... H"]) -> Float[Array, "*G D H"]:
    """Sum of the outer products x^T dy over every position: the gradient of W in ``product(x, W)``."""
    gates = dy.shape[: dy.ndim - x.ndim]
    return x.reshape(-1, x.shape[-1]).T @ dy.reshape(*gates, -1, dy.shape[-1])


def total(dy: Float[Array, "*B H"]) -> Float[Array, "H"]:
    """Sum over every leading axis: the gradient of b in y = x W + b."""
    return dy.reshape(-1, dy.shape[-1]).sum(0)
