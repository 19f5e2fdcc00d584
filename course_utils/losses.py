"""Losses: how wrong the scores are, in nats, and the gradient by those scores.

Each returns ``(loss, dscores)`` at once, because the gradient of a loss is where every backward pass starts.
"""

import math
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.math import log_softmax, sigmoid, softplus
from course_utils.shapes import expect, expect_shape
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
    targets = expect_shape(targets, shape, what="targets", where=where, kind="int").ravel()
    keep: Any = slice(None)
    if mask is not None:
        keep = expect_shape(mask, shape, what="mask", where=where, kind="bool").ravel()
    targets = targets[keep]
    if targets.size == 0:
        raise ValueError(f"{where}: wanted at least one position that counts, got none among those of shape {shape}")
    if targets.min() < 0 or targets.max() >= V:
        raise ValueError(f"{where}: wanted targets from 0 to {V - 1}, got {targets.min()} to {targets.max()}")
    log_p = log_softmax(logits.reshape(-1, V)[keep])
    hit = np.arange(len(targets)), targets
    loss = -float(log_p[hit].mean(dtype=np.float64))
    gradient = np.exp(log_p)
    gradient[hit] -= 1
    dlogits = np.zeros((math.prod(shape), V), logits.dtype)
    dlogits[keep] = gradient / len(targets)
    return loss, dlogits.reshape(logits.shape)


def binary_cross_entropy(logits: Float[Array, "*N"], labels: Int[Array, "*N"]) -> tuple[float, Float[Array, "*N"]]:
    """Mean of -log p(label) with p(1) = sigmoid(logit), in nats per example.

    Computed as softplus(-z) for label 1 and softplus(z) for label 0, so that no logarithm meets a 0. The gradient by
    the logits is (sigmoid - label) / N (Bishop 2006, section 4.3). Raises ValueError for labels other than 0 and 1.
    """
    where = "binary_cross_entropy"
    logits = expect(logits, "*N", what="logits", where=where)
    labels = expect_shape(labels, logits.shape, what="labels", where=where, kind="int")
    if logits.size == 0 or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"{where}: wanted one label 0 or 1 per logit, got {np.unique(labels)[:5]} in {labels.shape}")
    z, label = logits.ravel(), labels.ravel()
    loss = float(softplus(np.where(label == 1, -z, z)).mean(dtype=np.float64))
    dlogits = (sigmoid(z) - label.astype(z.dtype)) / z.size
    return loss, dlogits.reshape(logits.shape)
