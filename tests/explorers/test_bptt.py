"""The explorer of gradient flow: what it draws is what the layer computes, and the bound is one."""

import numpy as np
import pytest

from course_utils.explorers.bptt import STEPS, H, bptt_explorer, flow, matrix
from course_utils.layers.rnn import RNN


@pytest.fixture
def explorer():
    return bptt_explorer()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize("kind", ["random", "orthogonal", "chains"])
def test_matrices_have_spectral_radius_1(kind):
    W, values, sigma_max = matrix(kind, 3)
    assert np.abs(values).max() == pytest.approx(1)
    assert np.trace(W) == pytest.approx(values.sum().real)
    assert sigma_max == pytest.approx(np.linalg.norm(W, 2))
    assert (sigma_max > 1.2) == (kind != "orthogonal")


def test_the_curve_is_the_directional_derivative(explorer):
    """dh_0 by finite differences of v . h_T, in the network that the explorer shows."""
    explorer.set(T=12, radius=0.9, seed=5)
    rng = np.random.default_rng([5, 1])
    v, x = rng.normal(size=H), 0.5 * rng.normal(size=(STEPS, H))[-12:]
    rnn = RNN(np.eye(H), 0.9 * matrix("random", 5).W, np.zeros(H))
    nudges = 1e-5 * np.eye(H)
    pair = [rnn.forward(np.repeat(x[:, None], H, 1), state=sign * nudges)[0][-1] @ v for sign in (1, -1)]
    dh_0 = (pair[0] - pair[1]) / 2e-5 / np.linalg.norm(v)
    shown = explorer.artists["norm"].get_ydata()
    assert len(shown) == 13
    assert shown[-1] == pytest.approx(np.linalg.norm(dh_0), rel=1e-5)


@pytest.mark.parametrize("kind", ["random", "orthogonal", "chains"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_no_gradient_exceeds_the_bound(explorer, activation, kind):
    for seed in range(5):
        explorer.set(activation=activation, kind=kind, seed=seed, T=STEPS, radius=1.2)
        norm, bound = explorer.artists["norm"].get_ydata(), explorer.artists["bound"].get_ydata()
        there = np.isfinite(norm)
        assert (norm[there] <= bound[: len(norm)][there] * (1 + 1e-9)).all()


def test_orthogonal_identity_is_exactly_the_power(explorer):
    explorer.set(activation="identity", kind="orthogonal", radius=0.8, T=STEPS)
    np.testing.assert_allclose(explorer.artists["norm"].get_ydata(), explorer.artists["power"].get_ydata(), rtol=1e-9)


def test_chains_grow_before_they_decay(explorer):
    explorer.set(activation="identity", kind="chains", radius=0.8, T=STEPS)
    norm = explorer.artists["norm"].get_ydata()
    assert norm.max() > 5 * norm[0]
    assert norm[-1] < 1e-4


def test_slopes_are_shown_as_shares(explorer):
    explorer.set(activation="relu", T=50)
    shares = explorer.artists["slopes"].get_data().values
    slopes = flow(matrix("random", 0), "relu", 1.0, 0.5, 50, 0).slopes
    np.testing.assert_allclose(shares[[0, -1]], [np.mean(slopes == 0), np.mean(slopes == 1)])
    assert f"mean slope is {slopes.mean():.2f}" in explorer.reading.value
