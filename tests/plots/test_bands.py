"""Bands across the axes: where they are, and that they can be moved in every version of matplotlib."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.bands import column, row


@pytest.fixture
def ax():
    figure, ax = plt.subplots(figsize=(2, 2), dpi=50)
    ax.set(xlim=(0, 10), ylim=(-1, 1))
    ax.set_axis_off()
    ax.set_position((0, 0, 1, 1))
    yield ax
    plt.close(figure)


def covered(ax):
    """The first and last red column and row of pixels, in units of the axes."""
    ax.figure.canvas.draw()
    red = np.asarray(ax.figure.canvas.buffer_rgba())[::-1, :, 1] < 128
    y, x = np.nonzero(red)
    return [
        pytest.approx(bound, abs=0.02)
        for bound in (x.min() / 100, (x.max() + 1) / 100, y.min() / 100, (y.max() + 1) / 100)
    ]


def test_a_column_reaches_from_bottom_to_top_and_moves(ax):
    band = column(ax, 2.0, 4.0, color="red", lw=0)
    assert covered(ax) == [0.2, 0.4, 0, 1]
    band.set_x(7.0)
    assert covered(ax) == [0.7, 0.9, 0, 1]
    ax.set_ylim(-50, 99)
    assert covered(ax) == [0.7, 0.9, 0, 1]


def test_a_row_reaches_from_left_to_right_moves_and_grows(ax):
    band = row(ax, -0.5, 0.5, color="red", lw=0)
    assert covered(ax) == [0, 1, 0.25, 0.75]
    band.set_y(0.0)
    band.set_height(0.2)
    assert covered(ax) == [0, 1, 0.5, 0.6]


@pytest.mark.parametrize("band", [column, row])
def test_a_band_looks_as_it_is_told(ax, band):
    assert band(ax, 0.0, 1.0, facecolor="none", edgecolor="red", lw=3, zorder=7).get_zorder() == 7
    assert ax.patches[-1].get_edgecolor()[:3] == (1, 0, 0)
