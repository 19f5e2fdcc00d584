"""Chapter 14's pictures show the numbers they were given."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_utils.layers.positions import sinusoids
from course_utils.plots.attention import FULL
from course_utils.plots.self_attention import by_length, looks, position_table


@pytest.fixture
def ax():
    return Figure().subplots()


def test_looks(ax):
    a = np.array([[1.0, 0.0], [0.3, 0.7]])
    looks(a, ["a", "b"], ax=ax)
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), a)
    assert image.get_clim() == (0, FULL)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    looks(a, ax=Figure().subplots())
    for wrong in (["a"], ["a", "b", "c"]):
        with pytest.raises(ValueError, match="T words"):
            looks(a, wrong, ax=ax)


def test_position_table(ax):
    P = sinusoids(6, 4)
    position_table(P, ax=ax)
    np.testing.assert_array_equal(ax.images[0].get_array(), P.T)
    assert ax.get_xlabel() == "position t"


def test_time_by_length_with_powers_through_the_last_point(ax):
    by_length({"RNN": [0.001, 0.002], "attention": [0.001, 0.004]}, [10, 20], slopes={"RNN": 1, "attention": 2}, ax=ax)
    measured, powers = ax.lines[:2], ax.lines[2:]
    np.testing.assert_allclose([line.get_ydata() for line in measured], [[1, 2], [1, 4]])
    np.testing.assert_allclose([line.get_ydata() for line in powers], [[1, 2], [1, 4]])
    assert ax.get_xscale() == ax.get_yscale() == "log"
