"""Layer norm: mean 0, variance 1, blind to shift and scale of a step, and nothing flows back along these two."""

import numpy as np

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
