"""What is special about the RNN: the activation, the radius, and a state that is carried on."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
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
    """h_T = sum over t of x_t W_xh W_hh^(T-t): the factor that chapter 05 is about."""
    rnn = RNN.init(D, H, rng=rng, activation="identity")
    x = rng.normal(size=(T, D))
    powers = [x[t] @ rnn.W_xh @ np.linalg.matrix_power(rnn.W_hh, T - 1 - t) for t in range(T)]
    np.testing.assert_allclose(rnn.forward(x)[0][-1], sum(powers), rtol=1e-10)


def test_two_halves_with_the_state_carried_over_equal_the_whole(rnn, rng):
    x, dy = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, H))
    y, whole = rnn.forward(x)
    first_y, first = rnn.forward(x[:2])
    second_y, second = rnn.forward(x[2:], state=first.state)
    np.testing.assert_allclose(np.concatenate([first_y, second_y]), y, atol=1e-12)
    dx, drnn, _ = rnn.backward(dy, whole)
    dx_2, drnn_2, dsecond = rnn.backward(dy[2:], second)
    dx_1, drnn_1, _ = rnn.backward(dy[:2], first, dsecond.h[0])
    np.testing.assert_allclose(np.concatenate([dx_1, dx_2]), dx, atol=1e-12)
    for name in ("W_xh", "W_hh", "b_h"):
        parts = getattr(drnn_1, name) + getattr(drnn_2, name)
        np.testing.assert_allclose(parts, getattr(drnn, name), atol=1e-12)


@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
@pytest.mark.parametrize("masked", [False, True])
def test_gradient_of_the_initial_state(rnn, batch, masked, rng):
    h_0, dh = rng.normal(size=(2, *batch, H))
    x, dy = rng.normal(size=(T, *batch, D)), rng.normal(size=(T, *batch, H))
    mask = rng.random((T, *batch)) < 0.6 if masked else None

    def fake_loss():
        y, trace = rnn.forward(x, mask, state=h_0)
        return float((y * dy).sum() + (trace.state * dh).sum())

    dtrace = rnn.backward(dy, rnn.forward(x, mask, state=h_0)[1], dh)[2]
    np.testing.assert_allclose(dtrace.h[0], numerical_gradient(fake_loss, h_0), atol=1e-7)


def test_padding_is_silent_and_deaf(rnn, rng):
    mask = np.array([[1, 1], [1, 0], [0, 0], [1, 0], [1, 0], [0, 0]], bool)
    x = np.where(mask[..., None], rng.normal(size=(T, B, D)), -1e6)
    y, trace = rnn.forward(x, mask)
    assert not y[~mask].any()
    np.testing.assert_array_equal(trace.h[1:][~mask], trace.h[:-1][~mask])
    dy = np.where(mask[..., None], rng.normal(size=y.shape), 1e6)
    quiet = rnn.backward(np.where(mask[..., None], dy, 0), trace)[1]
    for got, want in zip(list(rnn.backward(dy, trace)[1])[:3], list(quiet)[:3], strict=True):
        np.testing.assert_array_equal(got, want)


def test_bad_settings_are_refused(without_type_checks, rng):
    with pytest.raises(ValueError, match=r"wanted activation tanh, relu or identity, got 'sigmoid'"):
        RNN.init(D, H, rng=rng, activation="sigmoid")
    with pytest.raises(ValueError, match=r"wanted radius >= 0, got -1"):
        RNN.init(D, H, rng=rng, radius=-1)
    rnn = RNN.init(D, H, rng=rng)
    with pytest.raises(ValueError, match=r"RNN\.forward: wanted state .*\(2, 4\), got float64 of shape \(4,\)"):
        rnn.forward(np.zeros((T, B, D)), state=np.zeros(H))
