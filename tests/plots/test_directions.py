"""Chapter 11's pictures show the numbers they were given."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from course_utils.plots.bidirectional import DIRECTIONS, compared, pull, reading_order, tint
from course_utils.plots.palette import RED


@pytest.fixture
def ax():
    return Figure().subplots()


def test_tints_are_the_colours_made_pale():
    for name, color in DIRECTIONS.items():
        assert (np.array(tint(name)) > np.array(to_rgb(color))).any()
        np.testing.assert_allclose(tint(name, 1.0), to_rgb(color))


def test_the_order_of_reading_and_what_is_wrong_with_it(ax):
    mask = np.array([True, True, True, False, False])
    reading_order(["a", "b", "c", "", ""], mask, {"right": mask[::-1], "not turned": mask, "none": None}, ax=ax)
    cells = np.array(ax.patches).reshape(3, 5)
    words = np.array([text.get_text() for text in ax.texts]).reshape(3, 5)
    assert words.tolist() == [["–", "–", "c", "b", "a"]] * 3
    hatched = [[cell.get_hatch() is not None for cell in row] for row in cells]
    assert hatched == [[True, True, False, False, False], [False, False, False, True, True], [False] * 5]
    red = [[cell.get_facecolor()[:3] == to_rgb(RED) for cell in row] for row in cells]
    assert red == [[False] * 5, [True, True, False, True, True], [True, True, False, False, False]]


def test_compared_shows_every_seed_and_the_mean(ax):
    scores = {"from the left": [0.2, 0.4], "both": [0.6, 0.8, 0.7]}
    compared(scores, ax=ax)
    means, seeds = ax.lines[::2], ax.lines[1::2]
    for line, values in zip(means, scores.values(), strict=True):
        np.testing.assert_allclose(line.get_xdata(), np.mean(values))
    for line, (name, values) in zip(seeds, scores.items(), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), values)
        assert line.get_color() == DIRECTIONS[name]
    assert [label.get_text() for label in ax.get_yticklabels()] == list(scores)


def test_pull_draws_a_bar_for_each_direction_and_word(ax):
    norms = {"from the left": np.array([1.0, 0.5]), "from the right": np.array([0.0, 2.0])}
    pull(["a", "b"], norms, ylabel="norm", ax=ax)
    for container, values in zip(ax.containers, norms.values(), strict=True):
        np.testing.assert_array_equal([bar.get_height() for bar in container], values)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]
