"""What attention costs is drawn as it was measured."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_utils.plots.self_attention import by_length


@pytest.fixture
def ax():
    return Figure().subplots()


def test_time_by_length_with_powers_through_the_last_point(ax):
    by_length({"RNN": [0.001, 0.002], "attention": [0.001, 0.004]}, [10, 20], slopes={"RNN": 1, "attention": 2}, ax=ax)
    measured, powers = ax.lines[:2], ax.lines[2:]
    np.testing.assert_allclose([line.get_ydata() for line in measured], [[1, 2], [1, 4]])
    np.testing.assert_allclose([line.get_ydata() for line in powers], [[1, 2], [1, 4]])
    assert ax.get_xscale() == ax.get_yscale() == "log"
