"""Every run of a contest is a dot, at its place and with its score."""

import numpy as np
import pytest

from course_utils.plots.contest import by_setting, chance, rows, scores, side_by_side

RUNS = [
    {"task": "recall", "kind": kind, "setting": setting, "seed": seed, "score": setting / 100 + seed / 10}
    for kind in ("RNN", "LSTM")
    for setting in (5, 20)
    for seed in range(3)
]
COLORS = {"LSTM": "#0000ff", "RNN": "#ff0000", "GRU": "#00ff00"}


def test_scores_are_those_of_the_task_kind_and_setting():
    np.testing.assert_allclose(scores(RUNS, "recall", "RNN", 20), [0.2, 0.3, 0.4])
    assert len(scores(RUNS, "recall", "RNN")) == 6
    with pytest.raises(ValueError, match=r"wanted one of .*got \('adding', 'RNN', None\)"):
        scores(RUNS, "adding", "RNN")


@pytest.mark.parametrize("spaced", [False, True])
def test_means_are_lines_and_seeds_are_dots(spaced):
    ax = by_setting(RUNS, "recall", COLORS, spaced=spaced)
    assert ax.get_legend_handles_labels()[1] == ["LSTM", "RNN"]
    lines = [line for line in ax.lines if line.get_linestyle() == "-"]
    for line in lines:
        np.testing.assert_allclose(line.get_ydata(), [0.15, 0.3])
        np.testing.assert_array_equal(line.get_xdata(), [5, 20] if spaced else [0, 1])
    dots = np.concatenate([line.get_ydata() for line in ax.lines if line.get_marker() == "o"])
    assert sorted(dots) == pytest.approx(sorted(run["score"] for run in RUNS))
    if not spaced:
        assert [label.get_text() for label in ax.get_xticklabels()] == ["5", "20"]


def test_side_by_side_and_chance():
    ax = chance(0.25, "guessing", ax=side_by_side(RUNS, "recall", COLORS))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["LSTM", "RNN"]
    assert sum(len(line.get_ydata()) for line in ax.lines if line.get_marker() == "o") == len(RUNS)
    assert ax.lines[-1].get_ydata()[0] == 0.25
    assert ax.texts[-1].get_text() == "guessing"


def test_rows_stand_in_order_with_all_their_runs():
    ax = rows({"one": [1.0, 3.0], "two": [2.0]}, {"one": "#ff0000", "two": "#0000ff"})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]
    bar, dots, other, dot = ax.lines
    assert list(bar.get_xdata()) == [2.0, 2.0]
    assert bar.get_color() == "#ff0000"
    assert list(dots.get_xdata()) == [1.0, 3.0]
    assert list(other.get_xdata()) == [2.0, 2.0]
    assert list(dot.get_xdata()) == [2.0]
    assert ax.yaxis_inverted()
