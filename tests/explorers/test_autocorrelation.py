"""The autocorrelation explorer: what it draws is what the numbers say."""

from dataclasses import replace

import numpy as np
import pytest

from course_utils.data.series import eeg, stock
from course_utils.explorers.autocorrelation import LAGS, autocorrelation_explorer
from course_utils.series.autocorrelation import autocorrelation, white_noise_band


@pytest.fixture
def explorer():
    return autocorrelation_explorer()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_stems_dot_and_band_are_the_autocorrelation(explorer):
    x = eeg("PG3").values
    r = autocorrelation(x, LAGS)
    explorer.set(series="EEG PG3", k=7)
    tops = [segment[1, 1] for segment in explorer.artists["stems"].get_segments()]
    np.testing.assert_allclose(tops, r[1:])
    assert explorer.artists["here"].get_xydata().tolist() == [[7, pytest.approx(r[7])]]
    band = explorer.artists["band"]
    assert (band.get_y(), band.get_height()) == pytest.approx((-white_noise_band(800), 2 * white_noise_band(800)))


def test_the_orange_line_is_the_black_one_k_steps_before(explorer):
    explorer.set(k=5)
    now, before = explorer.artists["now"].get_ydata(), explorer.artists["later"].get_ydata()
    np.testing.assert_array_equal(before[5:], now[:-5])
    assert explorer.artists["heading"].texts[0].endswith("5 steps before")


def test_shuffling_moves_the_values_and_keeps_them(explorer):
    explorer.set(k=1)
    ordered = explorer.artists["pairs"].get_ydata()
    r = explorer.artists["here"].get_ydata()[0]
    explorer.set(shuffled=True)
    assert abs(explorer.artists["here"].get_ydata()[0]) < 0.2 * r
    assert not np.array_equal(explorer.artists["pairs"].get_ydata(), ordered)
    assert "shuffled: values 1 step apart" in explorer.reading.value


def test_a_constant_series_is_said_to_be_one():
    still = replace(eeg("PG3"), name="still", values=np.full(300, 0.1))
    explorer = autocorrelation_explorer([still, eeg("PG9")])
    assert "wanted values that vary, got a constant series: its correlation is 0/0" in explorer.reading.value
    explorer.set(series="EEG PG9")
    assert "EEG PG9, in its order" in explorer.reading.value


def test_a_wave_far_from_zero_is_drawn_as_one():
    wave = replace(eeg("PG3"), values=1.7e9 + 1e-4 * np.sin(np.arange(300)))
    x = autocorrelation_explorer([wave]).artists["now"].get_ydata()
    np.testing.assert_allclose(x, np.sqrt(2) * np.sin(np.arange(LAGS, LAGS + len(x))), atol=0.02)


def test_takes_other_series_and_refuses_short_ones():
    assert autocorrelation_explorer([eeg("PG9")]).state == {"series": "EEG PG9", "k": 1, "shuffled": False}
    with pytest.raises(ValueError, match="wanted at least 160 values"):
        autocorrelation_explorer([stock("DELL")])
