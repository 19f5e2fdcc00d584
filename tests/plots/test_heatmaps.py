"""Heatmaps: each number stands in its place, 0 is white, blue is positive."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.heatmaps import heatmap


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_time_runs_to_the_right(rng):
    values = rng.normal(size=(7, 3))
    ax = heatmap(values, label="forget gate", rows="unit")
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), values.T)
    assert image.get_clim() == (-np.abs(values).max(), np.abs(values).max())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time step t", "unit")
    assert image.colorbar.ax.get_ylabel() == "forget gate"


def test_colours_mean_what_the_docstring_says():
    (image,) = heatmap(np.array([[-1.0, 0.0, 1.0]])).images
    (red, _, red_blue), white, (blue_red, _, blue) = image.to_rgba(image.get_array())[:, 0, :3]
    assert red > 2 * red_blue
    assert (white > 0.95).all()
    assert blue > 2 * blue_red


def test_words_name_the_steps(rng):
    ax = heatmap(rng.normal(size=(3, 2)), words=["not", "bad", "."], limit=2.0)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["not", "bad", "."]
    assert ax.images[0].get_clim() == (-2, 2)


def test_it_draws_where_it_is_told(rng):
    _, (left, right) = plt.subplots(1, 2)
    assert heatmap(rng.normal(size=(3, 2)), ax=right) is right
    assert not left.images


def test_zeros_are_white_not_an_error():
    (image,) = heatmap(np.zeros((2, 2))).images
    assert (image.to_rgba(image.get_array())[..., :3] > 0.95).all()


def test_what_cannot_be_drawn_is_refused(rng, without_type_checks):
    with pytest.raises(ValueError, match=r"axes \(T H\), got shape \(3, 2, 4\); pick one sequence first"):
        heatmap(rng.normal(size=(3, 2, 4)))
    with pytest.raises(ValueError, match="a word for each of the 3 steps, got 2"):
        heatmap(rng.normal(size=(3, 2)), words=["a", "b"])
