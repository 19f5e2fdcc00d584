"""The explorer of depth shows what the branches compute."""

import numpy as np
import pytest

from course_utils.explorers.residual import DEEPEST, passage, residual_explorer


@pytest.fixture
def explorer():
    return residual_explorer()


def curves(explorer):
    return [line.get_ydata() for line in explorer.artists["lines"]]


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_gradients_survive_with_residual_paths_and_vanish_without(explorer):
    explorer.set(blocks=DEEPEST, residual=True, place="before")
    size, gradient, same = curves(explorer)
    assert len(size) == len(gradient) == len(same) == 2 * DEEPEST
    assert 0.1 < gradient[0] / gradient[-1] < 10
    assert same[-1] < 0.9
    explorer.set(residual=False, place="none")
    size, gradient, same = curves(explorer)
    assert gradient[0] < 1e-6 * gradient[-1]
    assert same[-1] > 0.99
    assert "times shorter at the bottom" in explorer.reading.value


@pytest.mark.parametrize(
    ("top", "bottom", "words"),
    [
        (1.0, 1.0, "1.0 times as long"),
        (2.0, 0.4, "0.2 times as long"),
        (1.0, 1234.4, "1,234 times as long"),
        (1.0, 3.68e-5, "27,174 times shorter"),
        (1.0, np.inf, "beyond all bounds"),
        (0.0, 0.0, "nothing"),
        (1.0, 1e-30, "nothing"),
    ],
)
def test_what_became_of_the_gradient_is_said_in_words(top, bottom, words):
    assert words in passage(top, bottom)


@pytest.mark.parametrize("place", ["none", "before", "after"])
def test_nothing_leaves_the_picture(explorer, place):
    for residual in (True, False):
        for weights in (0.1, 3.0):
            explorer.set(blocks=DEEPEST, residual=residual, place=place, weights=weights)
            assert all(np.isfinite(values).all() for values in curves(explorer))
