"""Bars and their labels."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.plots.bars import corners, grouped, percent


def test_a_bar_reaches_from_0_to_its_length_in_its_own_row():
    first, second = corners([0.5, 2.0])
    assert (first[:, 0].min(), first[:, 0].max()) == (0, 0.5)
    assert (second[:, 0].min(), second[:, 0].max()) == (0, 2)
    assert first[:, 1].max() < second[:, 1].min()
    np.testing.assert_allclose([first[:, 1].mean(), second[:, 1].mean()], [0, 1])


def test_bars_of_a_place_stand_side_by_side_in_their_colours():
    heights = {"left": np.array([1.0, 0.5]), "right": np.array([0.0, 2.0]), "both": [3.0, 1.0]}
    colors = dict(zip(heights, ("#ff0000", "#00ff00", "#0000ff"), strict=True))
    ax = grouped(heights, ["a", "b"], colors)
    for bars, (name, values) in zip(ax.containers, heights.items(), strict=True):
        np.testing.assert_array_equal([bar.get_height() for bar in bars], values)
        assert {to_hex(bar.get_facecolor()) for bar in bars} == {colors[name]}
    left = [bar.get_x() for bars in zip(*ax.containers, strict=True) for bar in bars]
    width = ax.patches[0].get_width()
    assert (np.diff(left) > width).all(), "no bar hides another"
    np.testing.assert_allclose([np.mean(left[:3]), np.mean(left[3:])], [-width / 2, 1 - width / 2])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]
    assert ax.get_legend_handles_labels()[1] == list(heights)


@pytest.mark.parametrize(
    ("p", "label"), [(1.0, "100 %"), (0.123, "12 %"), (0.0345, "3.5 %"), (2e-4, "0.02 %"), (1e-9, "0 %"), (0.0, "0 %")]
)
def test_a_share_has_the_digits_worth_reading(p, label):
    assert percent(p) == label
