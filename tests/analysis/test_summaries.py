"""Running means, power laws and shares by group, compared with what they say."""

import numpy as np
import pytest

from course_utils.analysis.summaries import calibration, power_law, right_by_length, smooth


@pytest.mark.parametrize("window", [1, 3, 100])
def test_the_mean_of_the_last_values(window, rng):
    values = list(rng.normal(size=20))
    want = [np.mean(values[max(0, t + 1 - window) : t + 1]) for t in range(20)]
    np.testing.assert_allclose(smooth(values, window), want, atol=1e-12)


def test_no_values_no_means():
    assert smooth([], 3).shape == (0,)
    with pytest.raises(ValueError, match="a window of at least 1 step, got 0"):
        smooth([1.0], 0)


def test_a_power_law_is_found_again_also_in_noise(rng):
    x = np.geomspace(1, 1e4, 200)
    assert power_law(x, 3 * x**-0.9) == pytest.approx((-0.9, 3))
    slope, factor = power_law(x, 3 * x**-0.9 * np.exp(0.1 * rng.normal(size=200)))
    assert (slope, factor) == (pytest.approx(-0.9, abs=0.02), pytest.approx(3, rel=0.1))


def test_groups_of_lengths():
    got = right_by_length([6, 9, 10, 14], [6, 10, 15, 20], [True, False, True, True])
    np.testing.assert_array_equal(got, [0.5, 1.0, np.nan])


def test_calibration_compares_being_sure_with_being_right():
    p, labels = np.array([0.55, 0.45, 0.97, 0.96, 0.08]), np.array([1, 1, 1, 1, 1])
    groups = calibration(p, labels, (0.5, 0.6, 0.8, 0.95, 1.0))
    np.testing.assert_allclose(groups.sure, [0.55, 0.92, 0.965])
    np.testing.assert_allclose(groups.right, [0.5, 0, 1])
    np.testing.assert_array_equal(groups.n, [2, 1, 2])
    assert calibration(np.array([1.0]), np.array([1]), (0.5, 1.0)).n == [1], "entirely sure is in the last group"
