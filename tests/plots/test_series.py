"""The pictures of sequences hold the numbers they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.data.series import eeg
from course_utils.plots import series as plots
from course_utils.plots.palette import BLUE, ORANGE, RED
from course_utils.series.autocorrelation import white_noise_band


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_line_has_time_and_value_with_their_units():
    ax = plots.line(eeg())
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), eeg().values)
    assert ax.lines[0].get_xdata()[-1] == pytest.approx(799 / 80)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "standard deviations")


def test_correlogram_leaves_out_lag_0_and_draws_one_band():
    r = np.array([1.0, 0.5, -0.25])
    ax = plots.correlogram(r, 100, label="measured")
    plots.correlogram(-r, 100, color=RED, offset=0.3, label="shuffled", ax=ax)
    first, second = (line for line in ax.lines if line.get_label() in ("measured", "shuffled"))
    assert first.get_xydata().tolist() == [[1, 0.5], [2, -0.25]]
    assert second.get_xydata().tolist() == [[1.3, -0.5], [2.3, 0.25]]
    (band,) = ax.patches
    assert band.get_height() == pytest.approx(2 * white_noise_band(100))


def test_errors_by_horizon_colours_baselines():
    ax = plots.errors_by_horizon({"AR(2)": np.array([1.0, 2.0]), "persistence": np.array([2.0, 3.0])}, unit="$")
    ar, last = ax.lines
    assert ar.get_xydata().tolist() == [[1, 1], [2, 2]]
    assert (ar.get_color(), last.get_color()) == (BLUE, ORANGE)
    assert ax.get_ylabel() == "RMSE ($)"


def test_against_shuffles_marks_what_lies_outside():
    ax = plots.against_shuffles(["a", "b"], np.array([0.9, 0.0]), np.array([[-0.1, 0.1], [-0.2, 0.2]]))
    (outside,) = [line for line in ax.lines if line.get_color() == RED]
    assert outside.get_xydata().tolist() == [[0.9, 0]]
    spans = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert spans == [[-0.1, 0.1], [-0.2, 0.2]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
