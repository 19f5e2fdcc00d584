"""Letters stand where they are put, look like the text they stand for, and forget what was there before."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.glyphs import Letters, glyph, visible

PLACES = np.array([[2, 5], [8, 5]])


@pytest.fixture
def ax():
    figure, ax = plt.subplots(figsize=(3, 2), dpi=100)
    ax.set(xlim=(0, 10), ylim=(0, 10))
    ax.set_axis_off()
    yield ax
    plt.close(figure)


def ink(ax):
    """Rows and columns of the picture that are not white."""
    ax.figure.canvas.draw()
    dark = np.asarray(ax.figure.canvas.buffer_rgba())[..., :3].min(axis=-1) < 128
    return dark.any(axis=1).nonzero()[0], dark.any(axis=0).nonzero()[0]


def test_a_letter_is_centred_on_its_place_and_as_large_as_asked(ax):
    Letters(ax, size=36.0).put("H", np.array([[5, 5]]))
    rows, columns = ink(ax)
    x, y = ax.transData.transform((5, 5))
    assert abs(columns.mean() - x) < 2
    assert abs(rows.mean() - (200 - y)) < 2
    assert abs(len(rows) - 0.729 * 36 / 72 * 100) < 3  # a capital of this font is 0.729 of its size high


def test_putting_again_replaces_and_nothing_leaves_white(ax):
    letters = Letters(ax, size=20.0)
    letters.put("ab", PLACES)
    wide = np.ptp(ink(ax)[1])
    letters.put("c", PLACES, colors="black", bold=[True])
    assert letters.text == "c"
    assert np.ptp(ink(ax)[1]) < wide / 3
    letters.put("", PLACES)
    assert len(ink(ax)[0]) == 0


def test_spaces_are_empty_unless_made_visible():
    assert len(glyph(" ").vertices) == 0
    assert len(glyph(visible(" ")).vertices) > 0
    assert visible("\n") == "↵"
    assert visible("a") == "a"


def test_bold_has_more_ink():
    assert np.ptp(glyph("l", "bold").vertices[:, 0]) > np.ptp(glyph("l").vertices[:, 0])


def test_more_letters_than_places(ax):
    with pytest.raises(ValueError, match="a place for each of 2 letters, got 1"):
        Letters(ax).put("ab", PLACES[:1])
