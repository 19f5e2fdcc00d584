"""Losses of readers: which scores count, and their gradients by finite differences."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.linear import Linear
from course_utils.models.objectives import opinion_loss, sentiment_loss
from course_utils.models.recurrent import RecurrentReader
from course_utils.models.review_classifier import ReviewClassifier
from course_utils.tree import astype

V, D, H = 7, 3, 4


def reader(rng):
    return RecurrentReader(Embedding.init(V, D, rng=rng), GRU.init(D, H, rng=rng), Linear.init(H, 1, rng=rng))


def classifier(rng):
    return astype(ReviewClassifier.init(rng.normal(size=(V, D)), rng=rng), np.float64)


def batch(rng):
    return rng.integers(1, V, (5, 2)), np.arange(5)[:, None] < [5, 3], np.array([1, 0])


def cost(logit, label):
    return np.log(1 + np.exp(-logit if label else logit))


def test_an_opinion_is_asked_after_every_real_word(rng):
    model, (tokens, mask, labels) = reader(rng), batch(rng)
    logits = model.forward(tokens, mask)[0][..., 0]
    costs = [cost(logits[t, b], labels[b]) for b in (0, 1) for t in range((5, 3)[b])]
    assert opinion_loss(model, (tokens, mask, labels))[0] == pytest.approx(np.mean(costs))


def test_a_text_has_one_score(rng):
    model, (tokens, mask, labels) = classifier(rng), batch(rng)
    logits = model.forward(tokens, mask)[0][:, 0]
    costs = [cost(logits[b], labels[b]) for b in (0, 1)]
    assert sentiment_loss(model, (tokens, mask, labels))[0] == pytest.approx(np.mean(costs))


@pytest.mark.parametrize(("loss", "make"), [(opinion_loss, reader), (sentiment_loss, classifier)])
def test_gradients_agree_with_finite_differences(loss, make, rng):
    model, some = make(rng), batch(rng)
    gradient = loss(model, some)[1]
    for array, wanted in ((model.readout.W, gradient.readout.W), (model.embedding.W, gradient.embedding.W)):
        np.testing.assert_allclose(numerical_gradient(lambda: loss(model, some)[0], array), wanted, atol=1e-8)
