"""Positions: the waves by hand, what a mask does to counting, and the end of the table."""

import numpy as np
import pytest

from course_utils.gradcheck import gradcheck
from course_utils.layers.positions import PositionEmbedding, SinusoidalPositions, sinusoids

T_MAX, D = 6, 4


@pytest.fixture(params=["learned", "waves"])
def layer(request, rng):
    return PositionEmbedding.init(T_MAX, D, rng=rng) if request.param == "learned" else SinusoidalPositions(T_MAX)


def test_waves_by_hand():
    P = sinusoids(5, 4)
    for t in range(5):
        np.testing.assert_allclose(P[t], [np.sin(t), np.cos(t), np.sin(t / 100), np.cos(t / 100)])
    assert sinusoids(3, 5).shape == (3, 5), "an odd width ends in a sine"
    np.testing.assert_array_equal(sinusoids(3, 5)[0], [0, 1, 0, 1, 0])


def test_a_step_further_is_a_turn_by_the_same_angle_everywhere():
    """(sin, cos) of t + r is a rotation of that of t which depends on r alone, so products depend on distance alone."""
    P = sinusoids(50, 16)
    products = P @ P.T
    for distance in (0, 3, 11):
        np.testing.assert_allclose(np.diagonal(products, distance), products[0, distance])


def test_nobody_can_write_into_the_shared_table():
    with pytest.raises(ValueError, match="read-only"):
        sinusoids(5, 4)[0, 0] = 1


def test_every_step_gets_the_vector_of_its_number(layer, rng):
    x = rng.normal(size=(5, 2, D))
    table = layer.W if isinstance(layer, PositionEmbedding) else sinusoids(T_MAX, D)
    y, _ = layer.forward(x)
    np.testing.assert_allclose(y - x, np.repeat(table[:5, None], 2, axis=1), atol=1e-12)
    later, _ = layer.forward(x[3:], start=3)
    np.testing.assert_allclose(later, y[3:])


def test_padding_is_not_counted(layer, rng):
    x = rng.normal(size=(5, 2, D))
    mask = np.array([[0, 1], [1, 1], [0, 0], [1, 1], [1, 0]], bool)
    y, trace = layer.forward(x, mask)
    np.testing.assert_array_equal(trace.positions, [[-1, 0], [0, 1], [-1, -1], [1, 2], [2, -1]])
    for b in range(2):
        alone, _ = layer.forward(x[mask[:, b], b])
        np.testing.assert_allclose(y[mask[:, b], b], alone)
    np.testing.assert_array_equal(y[~mask], x[~mask])
    later, _ = layer.forward(x[2:], mask, start=2)
    np.testing.assert_allclose(later, y[2:])


def test_the_gradient_of_a_position_comes_from_every_sequence(rng):
    layer, dy = PositionEmbedding.init(T_MAX, D, rng=rng), rng.normal(size=(3, 2, D))
    dx, dlayer, _ = layer.backward(dy, layer.forward(np.zeros((3, 2, D)), start=2)[1])
    np.testing.assert_array_equal(dx, dy)
    np.testing.assert_allclose(dlayer.W[2:5], dy.sum(1))
    assert not dlayer.W[[0, 1, 5]].any()


def test_beyond_the_end_is_refused(layer, rng):
    name = type(layer).__name__
    with pytest.raises(ValueError, match=rf"{name}\.forward: wanted at most 6 steps, got 7; make it for longer"):
        layer.forward(np.zeros((7, D)))
    with pytest.raises(ValueError, match=rf"{name}\.forward: wanted at most 6 steps, got 7"):
        layer.forward(np.zeros((2, D)), start=5)
    padded = np.arange(9)[:, None] >= 3
    assert layer.forward(np.zeros((9, 1, D)), padded)[0].shape == (9, 1, D), "only real steps count"
    with pytest.raises(ValueError, match=rf"{name}\.forward: wanted at most 6 steps, got 9"):
        layer.forward(np.zeros((9, 1, D)), np.ones((9, 1), bool))


@pytest.mark.parametrize("masked", [False, True])
def test_backward_equals_finite_differences(layer, masked, rng):
    mask = np.array([[0, 1], [1, 1], [0, 0], [1, 1], [1, 0]], bool) if masked else None
    report = gradcheck(layer, rng.normal(size=(5, 2, D)), rng=rng, mask=mask)
    assert report.ok, f"\n{report}"
