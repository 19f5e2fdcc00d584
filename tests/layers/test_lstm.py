"""What is special about the LSTM: gates, memory, and states that are carried on."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.layers.lstm import LSTM
from course_utils.tree import count

T, B, D, H = 6, 2, 3, 4


@pytest.fixture
def lstm(rng):
    return LSTM.init(D, H, rng=rng)


def test_parameters(lstm):
    assert count(lstm) == 4 * H * (D + H + 1)
    np.testing.assert_array_equal(lstm.b, [[0] * H, [1] * H, [0] * H, [0] * H])
    assert LSTM.init(D, H, rng=np.random.default_rng(1), forget_bias=0.5, dtype=np.float32).b.dtype == np.float32
    wide = LSTM.init(400, 100, rng=np.random.default_rng(1))
    assert wide.W_x.std() == pytest.approx(1 / 20, rel=0.02)
    assert wide.W_h.std() == pytest.approx(1 / 10, rel=0.02)


def test_the_trace_holds_the_equations(lstm, rng):
    x = rng.normal(size=(T, B, D))
    y, trace = lstm.forward(x)
    for values in (trace.i, trace.f, trace.o):
        assert ((values > 0) & (values < 1)).all()
    np.testing.assert_allclose(trace.c[1:], trace.f * trace.c[:-1] + trace.i * trace.c_tilde, rtol=1e-12)
    np.testing.assert_allclose(trace.h[1:], trace.o * np.tanh(trace.c[1:]), rtol=1e-12)
    np.testing.assert_array_equal(y, trace.h[1:])
    assert not trace.h[0].any()
    assert not trace.c[0].any()


@pytest.mark.parametrize("f", [-40, 40])
def test_a_shut_input_gate_keeps_the_cell_and_a_shut_forget_gate_empties_it(lstm, f, rng):
    start = rng.normal(size=(2, B, H))
    layer = LSTM(0 * lstm.W_x, 0 * lstm.W_h, np.array([[-40.0] * H, [f] * H, [40.0] * H, [0.0] * H]))
    _, trace = layer.forward(rng.normal(size=(T, B, D)), state=(start[0], start[1]))
    np.testing.assert_allclose(trace.c[-1], start[1] if f > 0 else 0 * start[1], atol=1e-12)


def test_the_gradient_of_the_cell_is_the_product_of_the_forget_gates(lstm, rng):
    """Where no gate looks at h, dc_{t-1} / dc_t = f_t: why memory lasts."""
    layer = LSTM(lstm.W_x, 0 * lstm.W_h, lstm.b)
    _, trace = layer.forward(rng.normal(size=(T, B, D)))
    dstate = np.zeros((B, H)), np.ones((B, H))
    dtrace = layer.backward(np.zeros((T, B, H)), trace, dstate)[2]
    products = np.cumprod(trace.f[::-1], axis=0)[::-1]
    np.testing.assert_allclose(dtrace.c[:-1], products, rtol=1e-12)


def test_two_halves_with_the_state_carried_over_equal_the_whole(lstm, rng):
    x = rng.normal(size=(T, B, D))
    dy = rng.normal(size=(T, B, H))
    y, whole = lstm.forward(x)
    first_y, first = lstm.forward(x[:2])
    second_y, second = lstm.forward(x[2:], state=first.state)
    np.testing.assert_allclose(np.concatenate([first_y, second_y]), y, rtol=1e-12)
    dx, dlstm, _ = lstm.backward(dy, whole)
    dx_2, dlstm_2, dsecond = lstm.backward(dy[2:], second)
    dx_1, dlstm_1, dfirst = lstm.backward(dy[:2], first, (dsecond.h[0], dsecond.c[0]))
    np.testing.assert_allclose(np.concatenate([dx_1, dx_2]), dx, atol=1e-12)
    for part_1, part_2, sum_ in zip(dlstm_1, dlstm_2, dlstm, strict=True):
        np.testing.assert_allclose(part_1 + part_2, sum_, atol=1e-12)
    assert dfirst.h.shape == first.h.shape


@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
@pytest.mark.parametrize("masked", [False, True])
def test_gradient_of_the_initial_state(lstm, batch, masked, rng):
    h_0, c_0 = rng.normal(size=(2, *batch, H))
    x, dy = rng.normal(size=(T, *batch, D)), rng.normal(size=(T, *batch, H))
    dh, dc = rng.normal(size=(2, *batch, H))
    mask = rng.random((T, *batch)) < 0.6 if masked else None

    def fake_loss():
        y, trace = lstm.forward(x, mask, state=(h_0, c_0))
        return float((y * dy).sum() + (trace.h[-1] * dh).sum() + (trace.c[-1] * dc).sum())

    dtrace = lstm.backward(dy, lstm.forward(x, mask, state=(h_0, c_0))[1], (dh, dc))[2]
    np.testing.assert_allclose(dtrace.h[0], numerical_gradient(fake_loss, h_0), atol=1e-7)
    np.testing.assert_allclose(dtrace.c[0], numerical_gradient(fake_loss, c_0), atol=1e-7)


def test_padding_carries_the_state_and_is_silent(lstm, rng):
    mask = np.array([[1, 1], [1, 0], [0, 0], [1, 0], [1, 0], [0, 0]], bool)
    x = np.where(mask[..., None], rng.normal(size=(T, B, D)), -1e6)
    y, trace = lstm.forward(x, mask)
    assert not y[~mask].any()
    for states in (trace.h, trace.c):
        np.testing.assert_array_equal(states[1:][~mask], states[:-1][~mask])
    dy = np.where(mask[..., None], rng.normal(size=y.shape), 1e6)
    quiet = lstm.backward(np.where(mask[..., None], dy, 0), trace)
    for got, want in zip([*lstm.backward(dy, trace)[1]], [*quiet[1]], strict=True):
        np.testing.assert_array_equal(got, want, err_msg="y is 0 at padding, whatever dy says there")


def test_states_of_another_batch_are_refused(lstm, without_type_checks, rng):
    x = rng.normal(size=(T, B, D))
    good, bad = np.zeros((B, H)), np.zeros(H)
    with pytest.raises(ValueError, match=r"LSTM\.forward: wanted state .*\(2, 4\), got float64 of shape \(4,\)"):
        lstm.forward(x, state=(good, bad))
    y, trace = lstm.forward(x)
    with pytest.raises(ValueError, match=r"LSTM\.backward: wanted dstate .*\(2, 4\), got float64 of shape \(4,\)"):
        lstm.backward(y, trace, (bad, good))


def test_no_steps_leave_the_state_as_it_was(lstm, rng):
    state = (rng.normal(size=(B, H)), rng.normal(size=(B, H)))
    y, trace = lstm.forward(np.zeros((0, B, D)), state=state)
    assert y.shape == (0, B, H)
    np.testing.assert_array_equal(trace.state, state)
