"""The pictures of gradients hold the numbers they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from course_utils.plots import gradients
from course_utils.plots.palette import MODELS, RED


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def fading(factor, T=30, shape=(), H=3):
    """dh whose norm is factor**k at k steps before the end."""
    k = np.arange(T + 1)[::-1].reshape(-1, *[1] * (len(shape) + 1))
    return factor**k * np.ones((T + 1, *shape, H)) / np.sqrt(H)


def test_norm_by_distance_draws_a_labelled_curve_each_and_the_spread_of_a_batch():
    both = np.concatenate([fading(0.5, shape=(5,)), fading(0.25, shape=(5,))], axis=1)
    ax = gradients.norm_by_distance({"RNN": 7 * both, "my net": fading(0.9)}, steps=20)
    rnn, other = ax.lines
    np.testing.assert_allclose(rnn.get_ydata(), np.sqrt(0.125) ** np.arange(21))  # the geometric mean, relative
    np.testing.assert_allclose(other.get_ydata(), 0.9 ** np.arange(21))
    assert rnn.get_color() == MODELS["RNN"] != other.get_color()
    assert (ax.get_yscale(), ax.get_xlabel()) == ("log", "distance from the loss (steps back)")
    (band,) = ax.collections
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(1)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["RNN", "my net"]


def test_a_gradient_that_is_zero_leaves_a_gap_and_absolute_norms_stay():
    dh = fading(0.5)
    dh[:10] = 0
    y = gradients.norm_by_distance({"a": 3 * dh}, relative=False).lines[0].get_ydata()
    assert y[0] == pytest.approx(3)
    assert np.isnan(y[-10:]).all()
    assert np.isfinite(y[:-10]).all()


def test_reference_rates_are_powers():
    ax = gradients.reference_rates({"ρ": 0.5, "σ": 2.0}, steps=4)
    assert [line.get_ydata().tolist() for line in ax.lines] == [[1, 0.5, 0.25, 0.125, 0.0625], [1, 2, 4, 8, 16]]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_text_dependence_colours_what_was_read_and_frames_what_comes():
    ax = gradients.text_dependence("go home", np.array([1, 2, 4, 0, 0, 0, 0.0]), at=3)
    colours, frame = ax.collections
    np.testing.assert_allclose(colours.get_array(), [0.25, 0.5, 1])
    assert len(colours.get_paths()) == 3
    assert tuple(frame.get_edgecolor()[0]) == to_rgba(RED)
    assert frame.get_paths()[0].get_extents().x0 == 3
    read, rest = ax.patches
    assert read.get_path().get_extents().x1 < 4 < rest.get_path().get_extents().x0


def test_strengths_below_three_decades_and_a_gradient_of_zero_stay_white():
    np.testing.assert_allclose(gradients.relative_strength(np.array([0, 1e-9, 5.0])), [1e-3, 1e-3, 1])
    np.testing.assert_allclose(gradients.relative_strength(np.zeros(2)), 1e-3)


@pytest.mark.parametrize(("strength", "at"), [(np.ones(3), 2), (np.ones(5), 0), (np.ones(5), 5)])
def test_text_dependence_says_what_does_not_fit(strength, at):
    with pytest.raises(ValueError, match="text_dependence: wanted one strength for each of 5 pieces"):
        gradients.text_dependence("hello", strength, at=at)
