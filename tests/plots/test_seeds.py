"""Every training is a dot, at its place and with its score, and their mean is in the same colour."""

import numpy as np
import pytest

from course_utils.plots.seeds import BAR, REACH, aside, by_group, by_size, chance

COLORS = {"LSTM": "#0000ff", "RNN": "#ff0000", "GRU": "#00ff00"}


@pytest.mark.parametrize("N", [1, 2, 5])
def test_dots_stand_evenly_beside_the_middle_of_their_group(N):
    assert len(aside(N)) == N
    assert aside(N).mean() == pytest.approx(0)
    assert (np.diff(aside(N)) > 0).all()
    assert np.abs(aside(N)).max() < REACH


@pytest.mark.parametrize("upright", [False, True])
def test_groups_stand_in_order_with_all_their_seeds(upright):
    groups = {"RNN": [1.0, 3.0, 5.0], "LSTM": [2.0]}
    ax = by_group(groups, COLORS, upright=upright)
    names, values_of, places_of = ax.get_yticklabels(), "get_xdata", "get_ydata"
    if upright:
        names, values_of, places_of = ax.get_xticklabels(), "get_ydata", "get_xdata"
    assert [label.get_text() for label in names] == ["RNN", "LSTM"]
    for place, (name, mean, dots) in enumerate(zip(groups, ax.lines[::2], ax.lines[1::2], strict=True)):
        assert mean.get_color() == dots.get_color() == COLORS[name]
        assert set(getattr(mean, values_of)()) == {np.mean(groups[name])}
        assert list(getattr(mean, places_of)()) == [place - REACH, place + REACH]
        assert mean.get_linewidth() == BAR["lw"]
        np.testing.assert_array_equal(getattr(dots, values_of)(), groups[name])
        np.testing.assert_allclose(getattr(dots, places_of)(), place + aside(len(groups[name])))
    assert ax.yaxis_inverted() is not upright, "the first row is the uppermost"


@pytest.mark.parametrize("scale", ["equal", "linear", "log"])
def test_lines_run_through_the_means_and_seeds_are_dots(scale):
    curves = {"LSTM": {5: [0.1, 0.2], 20: [0.4, 0.6]}, "RNN": {20: [0.3], 80: [0.2, 0.4, 0.9]}}
    ax = by_size(curves, COLORS, scale=scale)
    assert ax.get_legend_handles_labels()[1] == ["LSTM", "RNN"]
    at = {5: 0, 20: 1, 80: 2} if scale == "equal" else {5: 5, 20: 20, 80: 80}
    shown = iter(ax.lines)
    for name, curve in curves.items():
        line = next(shown)
        assert (line.get_color(), line.get_linestyle()) == (COLORS[name], "-")
        np.testing.assert_array_equal(line.get_xdata(), [at[size] for size in curve])
        np.testing.assert_allclose(line.get_ydata(), [np.mean(values) for values in curve.values()])
        for size, values in curve.items():
            dots = next(shown)
            assert (dots.get_color(), dots.get_marker()) == (COLORS[name], "o")
            np.testing.assert_array_equal(dots.get_ydata(), values)
            np.testing.assert_allclose(dots.get_xdata(), at[size], atol=0.04, rtol=0.02)
    assert next(shown, None) is None
    assert [label.get_text() for label in ax.get_xticklabels()] == ["5", "20", "80"]
    assert ax.get_xscale() == ("log" if scale == "log" else "linear")


def test_sizes_are_joined_as_they_grow_in_whatever_order_they_come():
    line = by_size({"LSTM": {20: [0.4], 5: [0.1], 80: [0.9]}}, COLORS).lines[0]
    np.testing.assert_array_equal(line.get_xydata(), [(0, 0.1), (1, 0.4), (2, 0.9)])


@pytest.mark.parametrize("scale", ["equal", "log"])
def test_dots_of_two_curves_do_not_hide_one_another(scale):
    ax = by_size({"LSTM": {5: [1.0]}, "RNN": {5: [1.0]}}, COLORS, scale=scale)
    left, right = (line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o")
    assert left < right


def test_chance_is_a_line_with_its_name():
    ax = chance(0.25, "guessing", ax=by_group({"RNN": [0.3]}, COLORS, upright=True))
    assert set(ax.lines[-1].get_ydata()) == {0.25}
    assert ax.texts[-1].get_text() == "guessing"
