"""The scoreboard's pictures hold every run at its place."""

import numpy as np
import pytest

from course_utils.experiments.scoreboard import Line
from course_utils.plots.palette import MODELS, MUTED
from course_utils.plots.scoreboard import bits_against, judged_right

BOARD = [
    Line("RNN", "RNN", "small", 1_000, 0.1, (2.2, 2.4), 2.3, 3.0),
    Line("RNN", "RNN", "large", 9_000, 0.1, (2.0, 2.2), 2.1, 9.0),
    Line("LSTM", "LSTM", "small", 1_000, 0.1, (2.25, 2.35), 2.3, 5.0),
    Line("n-gram, n = 4", "n-gram", "small", 900, None, (2.5,), 2.5, 0.0),
    Line("n-gram, n = 6", "n-gram", "any", 99_000, None, (1.9,), 1.9, 0.5),
]


@pytest.mark.parametrize("cost", ["parameters", "seconds"])
def test_means_are_joined_by_model_and_every_seed_is_a_dot(cost):
    ax = bits_against(BOARD, cost)
    means = {line.get_color(): line for line in ax.lines if line.get_markersize() > 5}
    for model, sizes in (("RNN", BOARD[:2]), ("LSTM", BOARD[2:3]), ("n-gram", BOARD[3:])):
        line = means[MODELS[model]]
        np.testing.assert_allclose(line.get_ydata(), [size.mean for size in sizes])
        np.testing.assert_allclose(line.get_xdata(), [max(getattr(size, cost), 0.1) for size in sizes])
    dots = np.concatenate([line.get_ydata() for line in ax.lines if line.get_markersize() < 5])
    assert sorted(dots) == sorted(score for line in BOARD for score in line.scores)
    assert {text.get_text() for text in ax.texts} == {"RNN", "LSTM", "n-grams"}


def test_names_do_not_lie_on_one_another():
    ax = bits_against(BOARD)
    heights = sorted(text.xyann[1] for text in ax.texts)
    low, high = ax.get_ylim()
    assert np.diff(heights).min() >= 0.0599 * (high - low)


def test_judges_stand_in_the_order_of_the_board_in_their_colours():
    judges = [
        Line("bag of words", "bag", "small", 10, 0.1, (0.8, 0.9), 0.85, 1.0),
        Line("LSTM", "LSTM", "small", 10, 0.1, (0.7,), 0.7, 1.0),
    ]
    ax = judged_right(judges)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["bag of words", "LSTM"]
    assert [line.get_color() for line in ax.lines[::2]] == [MUTED, MODELS["LSTM"]]
