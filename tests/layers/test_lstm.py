"""What is special about the LSTM: gates, memory, and states that are carried on."""

import numpy as np
import pytest

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
