"""The pictures of chapter 01 show the numbers they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.plots import text as plots
from course_utils.plots.palette import BLUE, RED


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_zipf_finds_the_slope_of_a_power_law_and_names_the_powers_of_ten():
    counts = np.round(1e9 / np.arange(1, 2_001) ** 0.8).astype(int)
    ax = plots.zipf(counts, [f"w{k}" for k in range(1, 2_001)])
    words, line, *dots = ax.lines
    np.testing.assert_array_equal(words.get_xdata(), np.arange(1, 2_001))
    np.testing.assert_array_equal(words.get_ydata(), counts)
    np.testing.assert_allclose(line.get_ydata(), counts, rtol=1e-3)
    assert "-0.80" in line.get_label()
    assert [t.get_text() for t in ax.texts] == ["w1", "w10", "w100", "w1000"]
    assert [dot.get_xdata()[0] for dot in dots] == [1, 10, 100, 1_000]
    assert [dot.get_ydata()[0] for dot in dots] == [counts[0], counts[9], counts[99], counts[999]]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_zipf_without_names_writes_none():
    assert not plots.zipf(np.arange(100, 0, -1)).texts


@pytest.mark.parametrize("counts", [np.arange(1, 50), np.arange(9, 0, -1)], ids=["rising", "too few"])
def test_zipf_wants_falling_counts(counts):
    with pytest.raises(ValueError, match="wanted at least 20 falling counts"):
        plots.zipf(counts)


def test_word_weights_are_the_two_ends_in_order():
    weights = {"fine": 0.5, "awful": -2.0, "the": 0.01, "superb": 3.0, "dull": -1.0, "of": -0.02}
    ax = plots.word_weights(weights, most=2)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["awful", "dull", "fine", "superb"]
    assert [bar.get_width() for bar in ax.patches] == [-2, -1, 0.5, 3]
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == [c.lower() for c in (RED, RED, BLUE, BLUE)]


def test_word_weights_shows_few_words_once():
    ax = plots.word_weights({"good": 1.0, "bad": -1.0, "film": 0.1}, most=2)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["bad", "film", "good"]


def test_sentence_weights_has_a_bar_for_every_token_repeated_ones_too():
    ax = plots.sentence_weights(["not", "good", "not", "bad"], np.array([-0.1, 1.0, -0.1, -2.0]))
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["not", "good", "not", "bad"]
    assert [bar.get_height() for bar in ax.patches] == [-0.1, 1, -0.1, -2]
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == [c.lower() for c in (RED, BLUE, RED, RED)]


def test_mask_picture_lies_as_the_array_does_time_downwards():
    mask = np.array([[True, True], [True, False], [False, False]])
    ax = plots.mask_picture(mask)
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), mask)
    assert ax.yaxis_inverted()
    low, high = (image.to_rgba(np.array([[value]]))[0, 0, :3].sum() for value in (False, True))
    assert low > high, "padding is the lighter one"
    assert "t" in ax.get_ylabel()
