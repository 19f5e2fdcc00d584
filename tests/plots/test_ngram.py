"""The pictures of chapter 03 show the numbers they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots import ngram as plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def labels(ax):
    return [line.get_label() for line in ax.lines]


def test_next_words_are_the_likeliest_in_order():
    ax = plots.next_words(np.array([0.1, 0.5, 0.15, 0.25]), ["a", "b", "c", "d"], top=3)
    assert [bar.get_width() for bar in ax.patches] == [0.5, 0.25, 0.15]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "d", "c"]
    assert ax.yaxis_inverted()


def test_surprise_draws_each_word_and_gives_the_mean():
    ax = plots.surprise({"n = 1": np.array([4.0, 2, 6]), "n = 2": np.array([3.0, 0, 3])}, ["not", "bad", "!"])
    assert [line.get_ydata().tolist() for line in ax.lines] == [[4, 2, 6], [3, 0, 3]]
    assert labels(ax) == ["n = 1: 4.0 on average", "n = 2: 2.0 on average"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["not", "bad", "!"]


def test_possible_grows_as_powers_and_seen_is_what_was_given():
    ax = plots.possible_and_seen(10, 100, (10, 40, 90), what="word")
    possible, seen, bound = ax.lines
    assert possible.get_ydata().tolist() == [10, 100, 1000]
    assert seen.get_ydata().tolist() == [10, 40, 90]
    assert set(bound.get_ydata()) == {100}
    assert ax.get_yscale() == "log"


def test_by_order_shows_the_mean_and_the_whole_spread():
    runs = np.array([[1.0, 4.0], [3.0, 8.0]])
    ax = plots.by_order({"add-k": runs}, ylabel="perplexity")
    assert ax.lines[0].get_ydata().tolist() == [2, 6]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (1, 8)
    assert ax.lines[0].get_color() == plots.SMOOTHING["add-k"]


def test_growth_names_the_slope():
    sizes = np.array([10.0, 100, 1000])
    ax = plots.growth(sizes, np.stack([5 * sizes**0.5, sizes], axis=1))
    assert labels(ax)[:2] == ["n = 1, slope 0.50", "n = 2, slope 1.00"]
    (memory,) = ax.child_axes
    ax.figure.canvas.draw()
    np.testing.assert_allclose(memory.get_ylim(), np.array(ax.get_ylim()) * 16 / 1e6)


def test_bits_against_parameters_numbers_the_last_curve():
    curve = np.array([50.0, 2_000]), np.array([4.3, 3.5])
    ax = plots.bits_against_parameters({"add-k": curve, "modified Kneser–Ney": curve}, unit="character")
    assert [text.get_text() for text in ax.texts] == ["1", "2"]
    assert [line.get_xdata().tolist() for line in ax.lines] == [[50, 2_000]] * 2
    assert ax.get_ylabel() == "held-out bits per character"
