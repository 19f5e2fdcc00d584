"""Chapter 05's pictures hold the data they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.rnn import coloured_text, page, partition_map, recall_by_delay
from course_utils.text.batching import random_partition, sequential_partition


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_coloured_text_has_a_letter_and_a_value_in_every_cell_and_words_stay_whole():
    text, values = "one two\nthree", np.linspace(-1, 1, 13)
    ax = coloured_text(text, values, columns=5)
    letters = ax.collections[0]
    assert "".join(letters.texts) == "one two¶three"
    lines = ["one ", "two¶", "three"]
    places = [(column, row) for row, line in enumerate(lines) for column in range(len(line))]
    np.testing.assert_array_equal(letters.get_offsets(), places)
    cells = np.ma.filled(ax.images[0].get_array(), np.nan)
    assert cells.shape == (3, 5)
    np.testing.assert_allclose([cells[row, column] for column, row in places], values)
    assert np.isnan(cells).sum() == 15 - 13


def test_coloured_text_wants_a_value_per_letter():
    with pytest.raises(ValueError, match="each of 3 letters, got 2"):
        coloured_text("abc", np.zeros(2))


def test_a_page_keeps_every_word_and_no_line_is_longer_than_asked():
    text = "a film about a snail who wants to be a postman\nand $x$ remains as it is"
    shown = page(text, columns=20, title="t").texts[0]
    lines = shown.get_text().split("\n")
    assert max(map(len, lines)) <= 20
    assert " ".join(lines).split() == text.split()
    assert not shown.get_parse_math()


def test_the_partition_map_shows_where_windows_come_from():
    corpus = np.arange(101)
    windows = list(sequential_partition(corpus, 5, 4))
    bars = partition_map(windows).patches
    assert len(bars) == 4 * len(windows)
    assert [bar.get_x() for bar in bars[:4]] == windows[0][0][0].tolist()
    assert {bar.get_width() for bar in bars} == {5}
    assert [bar.get_x() for bar in bars[4:8]] == [bar.get_x() + 5 for bar in bars[:4]]


def test_the_partition_map_of_random_windows(rng):
    windows = list(random_partition(np.arange(101), 5, 4, rng=rng))
    bars = partition_map(windows).patches
    assert sorted(bar.get_x() for bar in bars) == sorted(int(x[0, b]) for x, _ in windows for b in range(4))
    with pytest.raises(ValueError, match="at least one window"):
        partition_map([])


def test_recall_shows_every_seed_the_mean_and_chance(rng):
    accuracy = {"one": rng.random((3, 2)), "other": rng.random((3, 2))}
    ax = recall_by_delay([5, 10], accuracy, {"one": "red", "other": "blue"}, chance=0.25)
    *curves, guessing = ax.lines
    for (mean, *dots), values in zip((curves[:3], curves[3:]), accuracy.values(), strict=True):
        np.testing.assert_allclose(mean.get_ydata(), values.mean(axis=0))
        np.testing.assert_allclose([dot.get_ydata() for dot in dots], values.T)
        assert {line.get_color() for line in dots} == {mean.get_color()}
    assert set(guessing.get_ydata()) == {0.25}
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["5", "10"]
