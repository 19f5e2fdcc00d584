"""What gates keep and write, computed from a trace, is what the layers compute step by step."""

import numpy as np
import pytest

from course_utils.analysis import gates
from course_utils.layers.gru import GRU
from course_utils.layers.lstm import LSTM

T, D, H = 6, 3, 4


@pytest.mark.parametrize("layer", [GRU, LSTM])
def test_values_are_those_after_each_step(layer, rng):
    layer = layer.init(D, H, rng=rng)
    y, trace = layer.forward(rng.normal(size=(T, D)))
    for one in (trace, layer.backward(y, trace)[2]):
        for gate in ("r", "z", "h_tilde", "h") if isinstance(layer, GRU) else ("i", "f", "o", "c_tilde", "c", "h"):
            whole = getattr(one, gate)
            np.testing.assert_array_equal(gates.values(one, gate), whole[1:] if len(whole) > T else whole)


def test_products_multiply_what_comes_after(rng):
    keep = rng.random((5, 2, 3))
    left = gates.products(keep, 1)
    np.testing.assert_array_equal(left[0], np.ones((2, 3)))
    np.testing.assert_allclose(left[2], keep[2] * keep[3])
    assert left.shape == (4, 2, 3)
    assert gates.products(keep, 4).shape == (1, 2, 3)
    for since in (-1, 5):
        with pytest.raises(ValueError, match=f"wanted 0 <= since < T = 5, got {since}"):
            gates.products(keep, since)


def test_products_are_what_an_lstm_without_feedback_keeps(rng):
    """Where no gate looks at h, the cell's own path from step s to t is the product of the forget gates."""
    lstm = LSTM.init(D, H, rng=rng)
    lstm = LSTM(lstm.W_x, 0 * lstm.W_h, lstm.b)
    _, trace = lstm.forward(rng.normal(size=(T, D)))
    dtrace = lstm.backward(np.zeros((T, H)), trace, (np.zeros(H), np.ones(H)))[2]
    for since in range(T):
        np.testing.assert_allclose(gates.products(trace.f, since)[-1], dtrace.c[since + 1])


def test_contributions_add_up_to_the_cell(rng):
    lstm = LSTM.init(3, 4, rng=rng)
    _, trace = lstm.forward(rng.normal(size=(7, 3)))
    for t in (0, 3, 6):
        parts = gates.contributions(trace, t)
        assert parts.shape == (t + 1, 4)
        np.testing.assert_allclose(parts.sum(axis=0), trace.c[t + 1], atol=1e-14)
        np.testing.assert_allclose(parts[t], trace.i[t] * trace.c_tilde[t], atol=1e-14)
    _, started = lstm.forward(trace.x, state=(np.zeros(4), np.ones(4)))
    rest = started.c[-1] - gates.contributions(started, 6).sum(axis=0)
    np.testing.assert_allclose(rest, np.prod(started.f, axis=0), atol=1e-14)
    with pytest.raises(ValueError, match=r"wanted 0 <= t < T = 7, got 7"):
        gates.contributions(trace, 7)
