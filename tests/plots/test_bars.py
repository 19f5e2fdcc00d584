"""Bars and their labels."""

import numpy as np
import pytest

from course_utils.plots.bars import corners, percent


def test_a_bar_reaches_from_0_to_its_length_in_its_own_row():
    first, second = corners([0.5, 2.0])
    assert (first[:, 0].min(), first[:, 0].max()) == (0, 0.5)
    assert (second[:, 0].min(), second[:, 0].max()) == (0, 2)
    assert first[:, 1].max() < second[:, 1].min()
    np.testing.assert_allclose([first[:, 1].mean(), second[:, 1].mean()], [0, 1])


@pytest.mark.parametrize(
    ("p", "label"), [(1.0, "100 %"), (0.123, "12 %"), (0.0345, "3.5 %"), (2e-4, "0.02 %"), (1e-9, "0 %"), (0.0, "0 %")]
)
def test_a_share_has_the_digits_worth_reading(p, label):
    assert percent(p) == label
