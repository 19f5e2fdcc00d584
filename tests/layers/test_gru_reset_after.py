"""What is special about the GRU of PyTorch and cuDNN: the reset gate acts after the product, and a second bias."""

import numpy as np
import pytest

from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.rnn import RNN
from course_utils.math import sigmoid
from course_utils.tree import count

T, B, D, H = 6, 2, 3, 4


@pytest.fixture
def gru(rng):
    made = ResetAfterGRU.init(D, H, rng=rng)
    return ResetAfterGRU(made.W_x, made.W_h, rng.normal(size=(3, H)), rng.normal(size=H))


def with_gates(gru, r=None, z=None):
    """The same layer with a gate forced open (1) or shut (0) at every unit and step, whatever is read."""
    W_x, W_h, b = gru.W_x.copy(), gru.W_h.copy(), gru.b.copy()
    for k, gate in enumerate((r, z)):
        if gate is not None:
            W_x[k], W_h[k], b[k] = 0, 0, 800.0 if gate else -800.0
    return ResetAfterGRU(W_x, W_h, b, gru.b_past)


def test_parameters(rng):
    made = ResetAfterGRU.init(D, H, rng=rng)
    assert count(made) == 3 * H * (D + H + 1) + H
    other = GRU.init(D, H, rng=np.random.default_rng(0))
    for got, want in zip((made.W_x, made.W_h, made.b), other, strict=True):
        np.testing.assert_array_equal(got, want, err_msg="the same start as the GRU of the notes")
    assert not made.b_past.any()


def test_the_trace_holds_the_equations(gru, rng):
    x = rng.normal(size=(T, B, D))
    y, trace = gru.forward(x)
    h = trace.h[:-1]
    np.testing.assert_allclose(trace.r, sigmoid(x @ gru.W_x[0] + h @ gru.W_h[0] + gru.b[0]), rtol=1e-12)
    np.testing.assert_allclose(trace.z, sigmoid(x @ gru.W_x[1] + h @ gru.W_h[1] + gru.b[1]), rtol=1e-12)
    np.testing.assert_allclose(trace.past, h @ gru.W_h[2] + gru.b_past, rtol=1e-12)
    np.testing.assert_allclose(trace.h_tilde, np.tanh(x @ gru.W_x[2] + gru.b[2] + trace.r * trace.past), rtol=1e-12)
    np.testing.assert_allclose(trace.h[1:], trace.z * h + (1 - trace.z) * trace.h_tilde, rtol=1e-12)
    np.testing.assert_array_equal(y, trace.h[1:])


def test_reset_open_and_update_shut_is_exactly_the_plain_rnn(gru, rng):
    """R = 1, Z = 0; both biases of the candidate add up."""
    limit, rnn = with_gates(gru, r=1, z=0), RNN(gru.W_x[2], gru.W_h[2], gru.b[2] + gru.b_past)
    x, h_0, dy = rng.normal(size=(T, B, D)), rng.normal(size=(B, H)), rng.normal(size=(T, B, H))
    (y, trace), (want, rnn_trace) = limit.forward(x, state=h_0), rnn.forward(x, state=h_0)
    np.testing.assert_allclose(y, want, rtol=1e-14, atol=1e-15)
    (dx, dgru, dtrace), (dx_rnn, drnn, drnn_trace) = limit.backward(dy, trace), rnn.backward(dy, rnn_trace)
    for got, wanted in (
        (dx, dx_rnn),
        (dtrace.h[0], drnn_trace.h[0]),
        (dgru.W_h[2], drnn.W_hh),
        (dgru.b[2], drnn.b_h),
        (dgru.b_past, drnn.b_h),
    ):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-14)


def test_an_open_update_gate_copies_the_state_bit_by_bit(gru, rng):
    h_0, dh = rng.normal(size=(2, B, H))
    _, trace = with_gates(gru, z=1).forward(rng.normal(size=(T, B, D)), state=h_0)
    np.testing.assert_array_equal(trace.h, np.broadcast_to(h_0, (T + 1, B, H)))
    dtrace = with_gates(gru, z=1).backward(np.zeros((T, B, H)), trace, dh)[2]
    np.testing.assert_array_equal(dtrace.h, np.broadcast_to(dh, (T + 1, B, H)))


@pytest.mark.parametrize("r", [0, 1])
def test_both_conventions_agree_where_the_reset_gate_is_all_open_or_all_shut(gru, r, rng):
    """(r h) W = r (h W) for r = 0 or 1 everywhere; without a second bias the two layers are then the same."""
    after = with_gates(ResetAfterGRU(gru.W_x, gru.W_h, gru.b, np.zeros(H)), r=r)
    before = GRU(after.W_x, after.W_h, after.b)
    x, h_0, dy = rng.normal(size=(T, B, D)), rng.normal(size=(B, H)), rng.normal(size=(T, B, H))
    (y, trace), (want, before_trace) = after.forward(x, state=h_0), before.forward(x, state=h_0)
    np.testing.assert_allclose(y, want, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(
        after.backward(dy, trace)[0], before.backward(dy, before_trace)[0], rtol=1e-12, atol=1e-14
    )


def test_one_unit_cannot_tell_the_conventions_apart_and_two_can(rng):
    """With H = 1 the product is one number times another; from H = 2 on r differs from unit to unit."""
    x = rng.normal(size=(T, B, D))
    for units, same in ((1, True), (2, False)):
        after = ResetAfterGRU.init(D, units, rng=rng)
        before = GRU(after.W_x, after.W_h, after.b)
        assert np.allclose(after.forward(x)[0], before.forward(x)[0], rtol=1e-12) is same


def test_the_second_bias_is_behind_the_reset_gate(gru, rng):
    x = rng.normal(size=(T, B, D))
    shifted = ResetAfterGRU(gru.W_x, gru.W_h, gru.b, gru.b_past + 1)
    shut, shut_shifted = (with_gates(layer, r=0).forward(x)[0] for layer in (gru, shifted))
    np.testing.assert_array_equal(shut, shut_shifted, err_msg="a shut reset gate hides b_past")
    assert not np.allclose(gru.forward(x)[0], shifted.forward(x)[0])
