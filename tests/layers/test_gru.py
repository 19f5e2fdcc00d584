"""What is special about the GRU: gates, its limits, and a state that is carried on."""

import numpy as np
import pytest

from course_utils.layers.gru import GRU
from course_utils.layers.rnn import RNN
from course_utils.math import sigmoid
from course_utils.tree import count

T, B, D, H = 6, 2, 3, 4


@pytest.fixture
def gru(rng):
    made = GRU.init(D, H, rng=rng)
    return GRU(made.W_x, made.W_h, rng.normal(size=(3, H)))


def with_gates(gru, r=None, z=None):
    """The same layer with a gate forced open (1) or shut (0) at every unit and step, whatever is read."""
    W_x, W_h, b = gru.W_x.copy(), gru.W_h.copy(), gru.b.copy()
    for k, gate in enumerate((r, z)):
        if gate is not None:
            W_x[k], W_h[k], b[k] = 0, 0, 800.0 if gate else -800.0
    return GRU(W_x, W_h, b)


def plain(gru):
    """The simple RNN with the weights of the candidate."""
    return RNN(gru.W_x[2], gru.W_h[2], gru.b[2])


def test_parameters(gru):
    assert count(gru) == 3 * H * (D + H + 1)
    wide = GRU.init(400, 100, rng=np.random.default_rng(1))
    assert not wide.b.any(), "both gates start half open"
    assert wide.W_x.std() == pytest.approx(1 / 20, rel=0.02)
    assert wide.W_h.std() == pytest.approx(1 / 10, rel=0.02)
    assert {a.dtype for a in GRU.init(D, H, rng=np.random.default_rng(1), dtype=np.float32)} == {np.dtype(np.float32)}


def test_the_trace_holds_the_equations_in_the_order_r_z_candidate(gru, rng):
    x = rng.normal(size=(T, B, D))
    y, trace = gru.forward(x)
    h = trace.h[:-1]
    np.testing.assert_allclose(trace.r, sigmoid(x @ gru.W_x[0] + h @ gru.W_h[0] + gru.b[0]), rtol=1e-12)
    np.testing.assert_allclose(trace.z, sigmoid(x @ gru.W_x[1] + h @ gru.W_h[1] + gru.b[1]), rtol=1e-12)
    candidate = np.tanh(x @ gru.W_x[2] + (trace.r * h) @ gru.W_h[2] + gru.b[2])
    np.testing.assert_allclose(trace.h_tilde, candidate, rtol=1e-12)
    np.testing.assert_allclose(trace.h[1:], trace.z * h + (1 - trace.z) * trace.h_tilde, rtol=1e-12)
    np.testing.assert_array_equal(y, trace.h[1:])
    assert not trace.h[0].any()
    for gate in (trace.r, trace.z):
        assert ((gate > 0) & (gate < 1)).all()


@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
def test_reset_open_and_update_shut_is_exactly_the_plain_rnn(gru, batch, rng):
    """R = 1, Z = 0: outputs, and the gradients of the input, the initial state and the candidate's weights."""
    limit, rnn = with_gates(gru, r=1, z=0), plain(gru)
    x, h_0, dy = rng.normal(size=(T, *batch, D)), rng.normal(size=(*batch, H)), rng.normal(size=(T, *batch, H))
    (y, trace), (want, rnn_trace) = limit.forward(x, state=h_0), rnn.forward(x, state=h_0)
    np.testing.assert_array_equal(trace.r, 1)
    np.testing.assert_array_equal(trace.z, 0)
    np.testing.assert_allclose(y, want, rtol=1e-14, atol=1e-15)
    (dx, dgru, dtrace), (dx_rnn, drnn, drnn_trace) = limit.backward(dy, trace), rnn.backward(dy, rnn_trace)
    for got, wanted in (
        (dx, dx_rnn),
        (dtrace.h[0], drnn_trace.h[0]),
        (dgru.W_x[2], drnn.W_xh),
        (dgru.W_h[2], drnn.W_hh),
        (dgru.b[2], drnn.b_h),
    ):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-14)
    assert not any(part[:2].any() for part in dgru), "a gate that is stuck learns nothing"


def test_an_open_update_gate_copies_the_state_bit_by_bit(gru, rng):
    """Z = 1: nothing that is read gets in, and the gradient comes back as it went."""
    h_0, dh = rng.normal(size=(2, B, H))
    _, trace = with_gates(gru, z=1).forward(rng.normal(size=(T, B, D)), state=h_0)
    np.testing.assert_array_equal(trace.h, np.broadcast_to(h_0, (T + 1, B, H)))
    dx, dgru, dtrace = with_gates(gru, z=1).backward(np.zeros((T, B, H)), trace, dh)
    np.testing.assert_array_equal(dtrace.h, np.broadcast_to(dh, (T + 1, B, H)))
    assert not dx.any()
    assert not any(part.any() for part in dgru)


def test_a_shut_reset_gate_makes_the_candidate_forget(gru, rng):
    """R = 0, Z = 0: each step sees its own input and nothing else."""
    x = rng.normal(size=(T, B, D))
    y, _ = with_gates(gru, r=0, z=0).forward(x, state=rng.normal(size=(B, H)))
    np.testing.assert_allclose(y, np.tanh(x @ gru.W_x[2] + gru.b[2]), rtol=1e-12)


def test_states_stay_between_the_first_state_and_one(gru, rng):
    """Each is a weighted mean of the one before and a candidate in (-1, 1)."""
    y, _ = GRU(10 * gru.W_x, 10 * gru.W_h, gru.b).forward(rng.normal(size=(200, B, D)))
    assert np.abs(y).max() <= 1


def test_the_gradient_along_the_copy_is_the_product_of_the_update_gates(gru, rng):
    """With the candidate deaf to the state and gates that do not look at it, dh_{t-1} / dh_t = z_t."""
    W_h = np.zeros_like(gru.W_h)
    layer = GRU(gru.W_x, W_h, gru.b)
    _, trace = layer.forward(rng.normal(size=(T, B, D)))
    dtrace = layer.backward(np.zeros((T, B, H)), trace, np.ones((B, H)))[2]
    np.testing.assert_allclose(dtrace.h[:-1], np.cumprod(trace.z[::-1], axis=0)[::-1], rtol=1e-12)
