"""The cell explorer is a real LSTM of one unit, and the hand at one step changes that step."""

import numpy as np
import pytest

from course_utils.explorers.lstm_cell import NEWS, RESTING, STEPS, drive, lstm_cell_explorer


@pytest.fixture
def explorer():
    return lstm_cell_explorer()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_it_draws_the_equations(explorer):
    explorer.set(t=13, f=0.25, i=0.75, o=0.4, b_f=1.0)
    f, i, o = (np.full(STEPS, value) for value in (1 / (1 + np.exp(-1)), RESTING["i"], RESTING["o"]))
    f[12], i[12], o[12] = 0.25, 0.75, 0.4
    c = np.zeros(STEPS + 1)
    for t in range(STEPS):
        c[t + 1] = f[t] * c[t] + i[t] * NEWS[t]
    np.testing.assert_allclose(explorer.artists["c"].get_ydata(), c, atol=1e-7)
    np.testing.assert_allclose(explorer.artists["h"].get_ydata(), o * np.tanh(c[1:]), atol=1e-7)
    heights = [bars.get_segments()[12][1][1] for bars in explorer.artists["gates"]]
    np.testing.assert_allclose(heights, [0.75, 0.25, 0.4])


def test_the_hand_changes_nothing_before_its_step(explorer):
    explorer.set(t=9, f=0.0)
    driven, untouched = explorer.artists["c"].get_ydata(), explorer.artists["untouched"].get_ydata()
    np.testing.assert_array_equal(driven[:9], untouched[:9])
    assert driven[9] != untouched[9]


def test_an_open_forget_and_a_shut_input_gate_pass_the_step_by():
    c = drive(13, 1.0, 0.0, 0.5, 1.0).c[:, 0]
    assert c[13] == pytest.approx(c[12])


def test_the_output_gate_touches_no_cell():
    shut, wide = drive(10, 0.5, 0.5, 0.0, 2.0), drive(10, 0.5, 0.5, 1.0, 2.0)
    np.testing.assert_array_equal(shut.c, wide.c)
    assert np.flatnonzero((shut.h != wide.h)[1:, 0]).tolist() == [9]


def test_the_reading_names_the_half_life(explorer):
    explorer.set(b_f=0.0)
    assert "halves the cell every 1.0 steps" in explorer.reading.value
