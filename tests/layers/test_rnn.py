"""What is special about the RNN: the activation, the radius, and a state that is carried on."""

import numpy as np
import pytest

from course_utils.layers.rnn import RNN
from course_utils.tree import count

T, B, D, H = 6, 2, 3, 4
ACTIVATIONS = ("tanh", "relu", "identity")


@pytest.fixture(params=ACTIVATIONS)
def rnn(request, rng):
    return RNN.init(D, H, rng=rng, activation=request.param)


@pytest.mark.parametrize("radius", [0.0, 0.5, 1.0, 2.5])
def test_the_spectral_radius_is_what_was_asked(radius, rng):
    W_hh = RNN.init(D, 30, rng=rng, radius=radius).W_hh
    assert np.abs(np.linalg.eigvals(W_hh)).max() == pytest.approx(radius, rel=1e-12)


def test_parameters_do_not_grow_with_time(rnn, rng):
    assert count(rnn) == H * (D + H + 1)
    assert rnn.forward(rng.normal(size=(100, D)))[0].shape == (100, H)


def test_tanh_keeps_states_inside_one_and_the_others_do_not(rng):
    x = 10 * rng.normal(size=(50, D))
    largest = {
        name: np.abs(RNN.init(D, H, rng=np.random.default_rng(1), activation=name).forward(x)[0]).max()
        for name in ACTIVATIONS
    }
    assert largest["tanh"] <= 1 < min(largest["relu"], largest["identity"])


def test_identity_is_a_sum_of_powers(rng):
    """h_T = sum over t of x_t W_xh W_hh^(T-t): the factor that chapter 06 is about."""
    rnn = RNN.init(D, H, rng=rng, activation="identity")
    x = rng.normal(size=(T, D))
    powers = [x[t] @ rnn.W_xh @ np.linalg.matrix_power(rnn.W_hh, T - 1 - t) for t in range(T)]
    np.testing.assert_allclose(rnn.forward(x)[0][-1], sum(powers), rtol=1e-10)


def test_bad_settings_are_refused(without_type_checks, rng):
    with pytest.raises(ValueError, match=r"wanted activation tanh, relu or identity, got 'sigmoid'"):
        RNN.init(D, H, rng=rng, activation="sigmoid")
    with pytest.raises(ValueError, match=r"wanted activation tanh, relu or identity, got 'sigmoid'"):
        RNN(np.ones((D, H)), np.ones((H, H)), np.ones(H), "sigmoid")
    with pytest.raises(ValueError, match=r"wanted radius >= 0 and below 1e9, got -1"):
        RNN.init(D, H, rng=rng, radius=-1)
