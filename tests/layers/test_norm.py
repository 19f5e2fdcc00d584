"""Layer norm: mean 0, variance 1, blind to shift and scale of a step, and nothing flows back along these two."""

import numpy as np
import pytest

from course_utils.gradcheck import gradcheck
from course_utils.layers.norm import LayerNorm

D = 16


def test_every_step_has_mean_0_and_variance_1(rng):
    x = 5 + 3 * rng.normal(size=(7, 2, D))
    y, trace = LayerNorm.init(D).forward(x)
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(-1), 1, atol=1e-4)
    np.testing.assert_allclose(trace.deviation[..., 0], np.sqrt(x.var(-1) + 1e-5))


def test_shift_and_scale_of_a_step_are_not_seen(rng):
    x, layer = rng.normal(size=(7, D)), LayerNorm(rng.normal(size=D), rng.normal(size=D), eps=0.0)
    y, trace = layer.forward(x)
    np.testing.assert_allclose(layer.forward(100 * x - 7)[0], y)
    dx, _, _ = layer.backward(rng.normal(size=y.shape), trace)
    np.testing.assert_allclose(dx.sum(-1), 0, atol=1e-12)
    np.testing.assert_allclose((dx * x).sum(-1), 0, atol=1e-12)


def test_a_constant_step_gives_the_bias(rng):
    layer = LayerNorm(rng.normal(size=D), rng.normal(size=D))
    y, trace = layer.forward(np.full((3, D), 4.0))
    np.testing.assert_array_equal(y, np.broadcast_to(layer.bias, (3, D)))
    assert np.isfinite(layer.backward(np.ones_like(y), trace)[0]).all()


def test_large_numbers_keep_their_digits(rng):
    """The mean is taken off before squaring: E[x²] - E[x]² would lose all digits here."""
    x = rng.normal(size=(5, D))
    y, _ = LayerNorm.init(D).forward(x)
    np.testing.assert_allclose(LayerNorm.init(D).forward(1e6 + x)[0], y, atol=1e-8)


def test_backward_equals_finite_differences_also_where_the_features_hardly_differ(rng):
    """There eps counts."""
    layer = LayerNorm(rng.normal(size=D), rng.normal(size=D))
    for spread in (1.0, 3e-3):
        report = gradcheck(layer, 2 + spread * rng.normal(size=(3, 2, D)), rng=rng, tolerance=1e-5)
        assert report.ok, f"\n{report}"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numbers_whose_squares_are_no_floats_are_normalised_too(dtype, rng):
    """Huge ones, and tiny ones where there is no eps to hide them; each step on its own, forward and back."""
    x, dy = rng.normal(size=(2, 3, 6)).astype(dtype)
    layer = LayerNorm(rng.normal(size=6).astype(dtype), rng.normal(size=6).astype(dtype), 0.0)
    limits = np.finfo(dtype)
    want, trace = layer.forward(x)
    want_dx = layer.backward(dy, trace)[0]
    scale = np.array([[limits.max / 64], [1], [limits.tiny]], dtype)
    got, trace = layer.forward(x * scale)
    np.testing.assert_allclose(got, want, rtol=100 * limits.eps, atol=20 * limits.eps)
    assert got.dtype == trace.deviation.dtype == dtype
    np.testing.assert_allclose(trace.deviation / scale, x.std(-1, keepdims=True), rtol=100 * limits.eps)
    with np.errstate(over="ignore"):  # the gradient of the tiny step is above all floats
        dx, dlayer, _ = layer.backward(dy, trace)
    np.testing.assert_allclose((dx * scale)[:2], want_dx[:2], rtol=1e-3, atol=20 * limits.eps)
    np.testing.assert_allclose(dlayer.gain, layer.backward(dy, layer.forward(x)[1])[1].gain, rtol=1e-3)
    usual = LayerNorm.init(6, dtype=dtype)
    np.testing.assert_array_equal(usual.forward(x * scale)[0][1], usual.forward(x)[0][1], "steps beside it stay")
