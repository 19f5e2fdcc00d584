"""Chapter 11's pictures show who reads what, and where that is wrong."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from course_utils.plots.bidirectional import DIRECTIONS, reading_order, tint
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
