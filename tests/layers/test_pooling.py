"""A mean over time leaves padding out, and needs at least one real step."""

import numpy as np
import pytest

from course_utils.layers.pooling import MeanOverTime


def test_the_mean_counts_real_steps_only():
    x = np.array([[[2.0], [1.0]], [[4.0], [1e6]]])
    y, _ = MeanOverTime().forward(x, np.array([[True, True], [True, False]]))
    np.testing.assert_array_equal(y, [[3], [1]])


def test_a_sequence_without_a_real_step_is_refused():
    with pytest.raises(ValueError, match=r"MeanOverTime\.forward: wanted at least one real step in every sequence"):
        MeanOverTime().forward(np.ones((2, 2, 1)), np.array([[True, False], [True, False]]))
    with pytest.raises(ValueError, match="at least one real step"):
        MeanOverTime().forward(np.ones((0, 2, 1)))
