"""Dropout is drawn beforehand, keeps the expected value, and lets the gradient through where it let the value through."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.layers.dropout import Dropout

SHAPE = (50, 4, 30)


def test_the_share_that_is_silenced(rng):
    for rate in (0.0, 0.1, 0.5, 0.9):
        drawn = Dropout.draw(SHAPE, rate, rng=rng)
        assert drawn.kept.shape == SHAPE
        assert drawn.kept.dtype == bool
        assert 1 - drawn.kept.mean() == pytest.approx(rate, abs=0.02)


def test_the_same_generator_draws_the_same(rng):
    one, two = (Dropout.draw(SHAPE, 0.5, rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one.kept, two.kept)
    assert not np.array_equal(one.kept, Dropout.draw(SHAPE, 0.5, rng=rng).kept)


def test_what_is_kept_is_scaled_and_the_rest_is_0(rng):
    x = rng.normal(size=SHAPE)
    drawn = Dropout.draw(SHAPE, 0.2, rng=rng)
    before = x.copy()
    y = drawn.apply(x)
    np.testing.assert_allclose(y[drawn.kept], x[drawn.kept] / 0.8)
    assert not y[~drawn.kept].any()
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_the_expected_value_is_kept(rate, rng):
    x = np.linspace(-1, 2, 8).reshape(4, 2)
    mean = np.mean([Dropout.draw(x.shape, rate, rng=rng).apply(x) for _ in range(20_000)], axis=0)
    np.testing.assert_allclose(mean, x, atol=0.08)


def test_rate_0_is_the_identity(rng):
    x = rng.normal(size=SHAPE)
    np.testing.assert_array_equal(Dropout.draw(SHAPE, 0.0, rng=rng).apply(x), x)


def test_the_gradient_goes_back_the_same_way(rng):
    x, dy = rng.normal(size=(2, 6, 3))
    drawn = Dropout.draw(x.shape, 0.4, rng=rng)
    wanted = numerical_gradient(lambda: float((drawn.apply(x) * dy).sum()), x)
    np.testing.assert_allclose(drawn.apply(dy), wanted, atol=1e-8)


def test_infinite_activations_are_silenced_too():
    drawn = Dropout(np.array([[True, False]]), 0.5)
    np.testing.assert_array_equal(drawn.apply(np.array([[1.0, np.inf]])), [[2.0, 0.0]])


def test_float32_stays_float32(rng):
    x = rng.normal(size=SHAPE).astype(np.float32)
    for rate in (0.3, np.float64(0.3)):
        assert Dropout.draw(SHAPE, rate, rng=rng).apply(x).dtype == np.float32


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, float("nan")])
def test_impossible_rates_are_refused(rate, rng):
    with pytest.raises(ValueError, match=r"Dropout\.draw: wanted 0 <= rate < 1, got"):
        Dropout.draw(SHAPE, rate, rng=rng)


def test_another_shape_is_refused(rng):
    with pytest.raises(ValueError, match=r"Dropout\.apply: wanted kept of bool numbers of shape \(2, 3\), got bool"):
        Dropout.draw((3, 2), 0.5, rng=rng).apply(np.ones((2, 3)))
