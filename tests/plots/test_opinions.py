"""The picture of the readers of opinions holds every run at its place."""

from course_utils.experiments.opinions import Line
from course_utils.plots.opinions import judged_right
from course_utils.plots.palette import MODELS, MUTED


def test_readers_stand_in_the_order_of_the_board_in_their_colours():
    board = [
        Line("bag of words", "bag", 10, 0.1, (0.8, 0.9), 0.85, 1.0),
        Line("LSTM", "LSTM", 10, 0.1, (0.7,), 0.7, 1.0),
    ]
    ax = judged_right(board)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["bag of words", "LSTM"]
    assert [line.get_color() for line in ax.lines[::2]] == [MUTED, MODELS["LSTM"]]
