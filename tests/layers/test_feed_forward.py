"""The feed-forward layer: by hand, step by step on its own, and nothing flows through what is silent."""

import numpy as np

from course_utils.gradcheck import gradcheck
from course_utils.layers.feed_forward import FeedForward

D, H = 4, 7


def test_by_hand():
    layer = FeedForward(np.array([[1.0, -1.0]]), np.array([0.0, 0.5]), np.array([[2.0], [10.0]]), np.array([0.25]))
    y, trace = layer.forward(np.array([[3.0], [-2.0]]))
    np.testing.assert_array_equal(trace.h, [[3, 0], [0, 2.5]])
    np.testing.assert_array_equal(y, [[6.25], [25.25]])
    dx, dlayer, dtrace = layer.backward(np.array([[1.0], [0.0]]), trace)
    np.testing.assert_array_equal(dx, [[2], [0]])
    np.testing.assert_array_equal(dtrace.h, [[2, 10], [0, 0]])
    np.testing.assert_array_equal(dlayer.W_1, [[6, 0]])
    np.testing.assert_array_equal(dlayer.b_1, [2, 0])


def test_backward_equals_finite_differences(rng):
    layer = FeedForward(*(rng.normal(size=shape) for shape in ((D, H), (H,), (H, D), (D,))))
    report = gradcheck(layer, rng.normal(size=(3, 2, D)), rng=rng)
    assert report.ok, f"\n{report}"


def test_a_unit_at_exactly_0_is_silent():
    layer = FeedForward(np.ones((1, 1)), np.zeros(1), np.ones((1, 1)), np.zeros(1))
    _, trace = layer.forward(np.zeros((1, 1)))
    assert not layer.backward(np.ones((1, 1)), trace)[0].any()


def test_init_keeps_the_variance_and_scales_the_output(rng):
    layer = FeedForward.init(64, 256, rng=np.random.default_rng(1))
    y, _ = layer.forward(rng.normal(size=(2000, 64)))
    assert 1.6 < y.var() < 2.6
    small = FeedForward.init(64, 256, rng=np.random.default_rng(1), scale=0.5)
    np.testing.assert_allclose(small.W_2, 0.5 * layer.W_2)
    np.testing.assert_array_equal(small.W_1, layer.W_1)
