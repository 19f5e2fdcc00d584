"""The curves hold every run at its place."""

import numpy as np
import pytest

from course_utils.experiments.learning_curves import Point
from course_utils.plots.learning_curves import against_characters, against_seconds
from course_utils.plots.palette import MODELS


def point(model, budget, *scores, parameters=28_000, seconds=10.0, size="28k"):
    return Point(model, size, parameters, budget, 0.1, scores, float(np.mean(scores)), seconds)


POINTS = [
    point("RNN", 3_000_000, 2.2, 2.4),
    point("RNN", 800_000, 2.6),
    point("GRU", 800_000, 2.5, seconds=20.0),
    point("GRU", 3_000_000, 2.1, seconds=80.0),
    point("LSTM, two layers", 3_000_000, 2.15),
    point("n-gram", 800_000, 2.0, parameters=900_000, seconds=0.01, size="any"),
]


def test_means_are_joined_and_every_seed_is_a_dot():
    ax = against_characters(POINTS)
    lines = [line for line in ax.lines if line.get_markersize() > 4]
    means = dict(zip((text.get_text() for text in ax.texts), lines, strict=True))
    assert set(means) == {"RNN", "GRU", "LSTM, 2 layers", "n-grams"}
    np.testing.assert_allclose(means["RNN"].get_xydata(), [(800_000, 2.6), (3_000_000, 2.3)])
    assert means["LSTM, 2 layers"].get_color() == MODELS["LSTM"]
    assert means["LSTM, 2 layers"].get_linestyle() == "--"
    dots = np.concatenate([line.get_ydata() for line in ax.lines if line.get_markersize() < 4])
    assert sorted(dots) == sorted(score for point in POINTS for score in point.scores)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.8 M", "3 M"]


def test_names_do_not_lie_on_one_another_and_stay_inside():
    ax = against_characters(POINTS)
    heights = sorted(text.xyann[1] for text in ax.texts)
    low, high = ax.get_ylim()
    assert np.diff(heights).min() >= 0.0649 * (high - low)
    ax.figure.canvas.draw()
    edge = ax.get_window_extent().x1
    assert all(text.get_window_extent().x1 <= edge for text in ax.texts)


def test_seconds_join_the_budgets_of_a_size_and_larger_models_are_wider():
    large = [point("RNN", budget, 2.0, parameters=90_000, size="90k") for budget in (800_000, 3_000_000)]
    ax = against_seconds([*POINTS, *large])
    lines = {tuple(line.get_ydata()): line for line in ax.lines}
    small, wide, counted = lines[2.6, 2.3], lines[2.0, 2.0], lines[2.0,]
    assert wide.get_linewidth() > small.get_linewidth()
    assert counted.get_xdata() == pytest.approx([0.1])
    assert [text.get_text() for text in ax.legend().get_texts()] == ["RNN", "GRU", "LSTM, 2 layers", "n-grams"]
