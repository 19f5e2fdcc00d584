"""Losses: how wrong the scores are, in nats, and the gradient by those scores.

Each returns ``(loss, dscores)`` at once, because the gradient of a loss is where every backward pass starts.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.math import logsumexp, sigmoid
from course_utils.shapes import expect
from course_utils.tree import Array


def cross_entropy(
    logits: Float[Array, "*N V"], targets: Int[Array, "*N"], mask: Bool[Array, "*N"] | None = None
) -> tuple[float, Float[Array, "*N V"]]:
    """Mean of -log softmax(logits)[target] over all positions that the mask keeps, in nats per token.

    The gradient by the logits is (softmax - one_hot) / number of kept positions, and 0 where the mask is False
    (Bishop 2006, eq. 4.109). Raises ValueError for targets outside 0..V-1, shapes that differ, an empty mask.
    """
    where = "cross_entropy"
    logits = expect(logits, "*N V", what="logits", where=where)
    *shape, V = logits.shape
    targets = _same_shape(targets, shape, "targets", where, "int")
    mask = np.ones(shape, bool) if mask is None else _same_shape(mask, shape, "mask", where, "bool")
    kept = int(mask.sum())
    if kept == 0:
        raise ValueError(f"{where}: wanted at least one position that counts, got a mask of shape {mask.shape} without")
    real = targets[mask]
    if real.min() < 0 or real.max() >= V:
        raise ValueError(f"{where}: wanted targets from 0 to {V - 1}, got {real.min()} to {real.max()}")
    at = np.where(mask, targets, 0)[..., None]
    log_p = logits - logsumexp(logits)
    loss = -float(np.take_along_axis(log_p, at, -1)[..., 0][mask].mean(dtype=np.float64))
    dlogits = np.exp(log_p)
    np.put_along_axis(dlogits, at, np.take_along_axis(dlogits, at, -1) - 1, axis=-1)
    dlogits *= (mask / np.asarray(kept, dlogits.dtype))[..., None].astype(dlogits.dtype)
    return loss, dlogits


def binary_cross_entropy(
    logits: Float[Array, "*N"], labels: Int[Array, "*N"]
) -> tuple[float, Float[Array, "*N"]]:
    """Mean of -log p(label) with p(1) = sigmoid(logit), in nats per example.

    Computed as softplus(-z) for label 1 and softplus(z) for label 0, so that no logarithm meets a 0. The gradient by
    the logits is (sigmoid - label) / N (Bishop 2006, eq. 4.91). Raises ValueError for labels other than 0 and 1.
    """
    where = "binary_cross_entropy"
    logits = expect(logits, "*N", what="logits", where=where)
    labels = _same_shape(labels, logits.shape, "labels", where, "int")
    if logits.size == 0 or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"{where}: wanted one label 0 or 1 per logit, got {np.unique(labels)[:5]} in {labels.shape}")
    loss = float(np.logaddexp(0, np.where(labels == 1, -logits, logits)).mean(dtype=np.float64))
    return loss, (sigmoid(logits) - labels.astype(logits.dtype)) / logits.size


def _same_shape(array: Array, shape: list[int] | tuple[int, ...], what: str, where: str, kind: str) -> Array:
    array = expect(array, "*N", what=what, where=where, kind=kind)  # type: ignore[arg-type]
    if array.shape != tuple(shape):
        raise ValueError(f"{where}: wanted {what} of shape {tuple(shape)} as the logits have, got {array.shape}")
    return array
