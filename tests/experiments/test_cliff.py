"""The two-weight network is the package's RNN with one unit, its gradient is right, and there is a cliff."""

import numpy as np
import pytest

from course_utils.experiments.cliff import Cliff
from course_utils.gradcheck import numerical_gradient
from course_utils.layers.rnn import RNN
from course_utils.optim import clip_norm


def one_unit(cliff, w, b):
    """Loss and gradient by (w, b) from the package's RNN, whose input is constantly 0."""
    rnn = RNN(np.zeros((1, 1)), np.array([[w]]), np.array([b]))
    y, trace = rnn.forward(np.zeros((cliff.T, 1)), state=np.array([cliff.h_0]))
    dy = np.zeros_like(y)
    dy[-1] = 2 * (y[-1] - cliff.target)
    _, drnn, _ = rnn.backward(dy, trace)
    return (y[-1, 0] - cliff.target) ** 2, drnn.W_hh[0, 0], drnn.b_h[0]


@pytest.mark.parametrize("cliff", [Cliff(), Cliff(T=1), Cliff(T=7, h_0=-0.5, target=0.2)], ids=repr)
@pytest.mark.parametrize(("w", "b"), [(2.3, -0.2), (1.9, -0.5), (-1.2, 0.3), (0.0, 0.4), (2.5, -1.3)])
def test_loss_and_gradient_are_those_of_the_rnn(cliff, w, b):
    loss, dw, db = one_unit(cliff, w, b)
    assert cliff.loss(w, b) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(cliff.gradient(w, b), (dw, db), rtol=1e-9, atol=1e-15)


def test_gradient_equals_finite_differences():
    cliff, at = Cliff(T=12), np.array([1.6, -0.25])
    np.testing.assert_allclose(cliff.gradient(*at), numerical_gradient(lambda: float(cliff.loss(*at)), at), rtol=1e-6)


def test_the_surface_is_the_loss_at_every_point_of_the_grid():
    cliff, w, b = Cliff(), np.linspace(0.5, 3, 7), np.linspace(-1.4, 0.7, 5)
    surface = cliff.surface(w, b)
    assert surface.shape == (5, 7)
    np.testing.assert_allclose(surface, cliff.loss(w[None, :], b[:, None]), rtol=1e-9)


def test_there_is_a_cliff_at_the_end_of_the_valley():
    b = np.linspace(-0.6, -0.4, 2001)
    loss = Cliff().loss(2.0, b)
    drop = int(np.abs(np.diff(loss)).argmax())
    assert loss[: drop - 20].min() > 2 > 0.1 > loss[drop + 20 :].max()


def test_descent_without_clipping_is_thrown_off_and_with_clipping_is_not():
    free, clipped = (Cliff().descend((2.3, -0.2), 0.1, 60, c) for c in (np.inf, 1.0))
    assert np.hypot(np.diff(free.w), np.diff(free.b)).max() > 100
    assert np.hypot(np.diff(clipped.w), np.diff(clipped.b)).max() <= 0.1 * (1 + 1e-9)
    assert free.norm[-1] == 0, "a saturated unit has no gradient to come back by"
    assert clipped.loss[-10:].min() < 0.05 < free.loss[-1]


def test_descent_takes_the_steps_of_clip_norm_and_several_thresholds_at_once():
    cliff, lr, c = Cliff(T=9), 0.3, 0.05
    way = cliff.descend((1.8, -0.3), lr, 4, np.array([c, np.inf]))
    at = np.array([1.8, -0.3])
    for n in range(5):
        np.testing.assert_allclose((way.w[n, 0], way.b[n, 0]), at)
        gradient = np.array(cliff.gradient(*at))
        assert way.norm[n, 0] == pytest.approx(np.linalg.norm(gradient))
        at = at - lr * clip_norm(gradient, c)
    np.testing.assert_allclose(way.w[1, 1], 1.8 - lr * cliff.gradient(1.8, -0.3)[0])
    np.testing.assert_array_equal(way.loss, cliff.loss(way.w, way.b))


@pytest.mark.parametrize("settings", [{"T": 0}, {"h_0": 1.5}])
def test_refuses_what_no_such_network_has(settings):
    with pytest.raises(ValueError, match="wanted (T >= 1|h_0 in)"):
        Cliff(**settings)


@pytest.mark.parametrize("settings", [{"lr": 0.0}, {"steps": -1}, {"c": 0.0}, {"c": np.array([1.0, -1.0])}])
def test_refuses_a_descent_without_a_direction(settings):
    with pytest.raises(ValueError, match="wanted (lr > 0 and c > 0|steps >= 0)"):
        Cliff().descend((1.0, 0.0), **{"lr": 0.1, "steps": 3, **settings})


@pytest.mark.parametrize("start", [(np.nan, 0.0), (1.0, np.inf), (np.array([1.0, -np.inf]), 0.0)])
def test_refuses_a_start_that_is_nowhere(start):
    with pytest.raises(ValueError, match=r"wanted a finite start \(w, b\), got"):
        Cliff().descend(start, 0.1, 3)
