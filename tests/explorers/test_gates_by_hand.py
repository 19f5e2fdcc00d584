"""The GRU that is driven by hand obeys the layer's equations, and its limits are those of the chapter."""

import numpy as np
import pytest

from course_utils.explorers.gates_by_hand import FLOOR, T, W, drive, gates_by_hand_explorer, small_series
from course_utils.layers.gru import GRU
from course_utils.layers.rnn import RNN


@pytest.fixture
def explorer():
    return gates_by_hand_explorer()


def state(explorer):
    return explorer.artists["state"].get_ydata()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_a_drive_is_the_gru_with_these_gates(rng):
    """Biases of the gates chosen so that sigmoid gives r and z: then layer and explorer agree, gradient included."""
    x, r, z = rng.normal(size=8), 0.3, 0.7
    logit = np.log([r, z]) - np.log1p([-r, -z])
    gru = GRU(
        np.array([[[0.0]], [[0.0]], [[1.0]]]), np.array([[[0.0]], [[0.0]], [[W]]]), np.array([*logit, 0.0])[:, None]
    )
    y, trace = gru.forward(x[:, None])
    way = drive(x, np.full(8, r), np.full(8, z))
    np.testing.assert_allclose(way.h, trace.h[:, 0])
    np.testing.assert_allclose(way.h_tilde, trace.h_tilde[:, 0])
    dy = np.zeros_like(y)
    dy[-1] = 1
    np.testing.assert_allclose(way.slope, gru.backward(dy, trace)[2].h[:, 0])


def test_r_1_and_z_0_everywhere_is_the_plain_rnn(explorer):
    for name, x in small_series().items():
        explorer.set(series=name, r=1.0, z=0.0, r_s=1.0, z_s=0.0)
        want = RNN(np.ones((1, 1)), np.array([[W]]), np.zeros(1)).forward(x[:, None])[1].h[:, 0]
        np.testing.assert_allclose(state(explorer), want)
        np.testing.assert_array_equal(state(explorer), explorer.artists["plain state"].get_ydata())


def test_it_samples_one_value_and_holds_it(explorer):
    explorer.set(z=1.0, z_s=0.0, s=5)
    h = state(explorer)
    assert not h[:5].any()
    np.testing.assert_array_equal(h[5:], np.tanh(1.4))
    np.testing.assert_array_equal(explorer.artists["slope"].get_ydata()[5:], 1)
    assert "after step 5, 100% is left at the end; in the simple RNN less than 1%" in explorer.reading.value


def test_a_shut_reset_gate_forgets_and_an_open_update_gate_copies(explorer):
    explorer.set(r=0.0, z=0.0, r_s=0.0, z_s=0.0)
    np.testing.assert_allclose(state(explorer)[1:], np.tanh(small_series()["three pulses"]))
    assert explorer.artists["slope"].get_ydata()[0] < FLOOR
    explorer.set(z=1.0, z_s=1.0)
    assert not state(explorer).any()


def test_bars_stand_at_their_steps(explorer):
    explorer.set(r=0.25, z=0.5, s=3, r_s=1.0, z_s=0.75)
    for name, (elsewhere, there), place in (("r", (0.25, 1.0), -0.2), ("z", (0.5, 0.75), 0.2)):
        values, edges, _ = explorer.artists[name].get_data()
        heights = [values[np.searchsorted(edges, t + place) - 1] for t in range(1, T + 1)]
        assert heights == [there if t == 3 else elsewhere for t in range(1, T + 1)]


def test_the_sentence_follows_every_control(explorer):
    assert "Step 5 drops the old state" in explorer.reading.value
    for change, said in (
        ({"z_s": 1.0}, "Step 5 copies the old state"),
        ({"z": 0.8}, "every other step keeps 80% of the state"),
        ({"r": 0.3}, "its candidate sees 30% of it"),
        ({"r_s": 0.0}, "its candidate sees 0% of that"),
        ({"s": 9}, "Step 9 "),
        ({"series": "S&P 500"}, "The end is"),
    ):
        before = explorer.reading.value
        explorer.set(**change)
        assert said in explorer.reading.value != before
