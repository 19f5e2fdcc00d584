"""Letters stand where they are put, look like the text they stand for, and forget what was there before."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from course_utils.plots.glyphs import Letters, glyph, outline, visible

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
    assert letters.texts == ["c"]
    assert np.ptp(ink(ax)[1]) < wide / 3
    letters.put("", PLACES)
    assert len(ink(ax)[0]) == 0


def test_spaces_are_empty_unless_made_visible():
    assert len(glyph(" ").vertices) == 0
    assert len(glyph(visible(" ")).vertices) > 0
    assert visible("\n") == "¶"
    assert visible("a") == "a"


@pytest.mark.parametrize(("align", "edge"), [(0.0, 0), (0.5, None), (1.0, -1)])
def test_a_text_is_put_by_its_left_end_its_middle_or_its_right_end(ax, align, edge):
    Letters(ax, size=20.0, family="sans-serif", align=align).put(["HIH"], np.array([[5, 5]]))
    columns, (x, _) = ink(ax)[1], ax.transData.transform((5, 5))
    assert abs((np.ptp(columns) / 2 + columns[0] if edge is None else columns[edge]) - x) < 4


def test_places_may_be_shares_of_the_axes(ax):
    Letters(ax, size=20.0, transform=ax.transAxes).put(["H"], np.array([[0.5, 0.5]]))
    assert abs(ink(ax)[1].mean() - ax.transAxes.transform((0.5, 0.5))[0]) < 2


@pytest.mark.parametrize("family", ["monospace", "sans-serif"])
def test_letters_follow_each_other_as_in_a_text_of_matplotlib(family):
    """But for kerning, which moves a letter by a few hundredths of its size."""
    text = "“seen” here: 9.1 %, no?"
    whole = TextPath((0, 0), text, size=1, prop=FontProperties(family=[family])).get_extents()
    ours = outline(text, 0.0, family).get_extents()
    np.testing.assert_allclose([ours.x0, ours.x1, ours.height], [whole.x0, whole.x1, whole.height], rtol=0.01)


@pytest.mark.parametrize("text", ["", "  ", "\u200b"])
def test_what_leaves_no_ink_is_an_empty_outline(text):
    assert len(outline(text).vertices) == 0


def test_bold_has_more_ink():
    assert outline("I", weight="bold").get_extents().width > outline("I").get_extents().width


def test_more_letters_than_places(ax):
    with pytest.raises(ValueError, match="a place for each of 2 letters, got 1"):
        Letters(ax).put("ab", PLACES[:1])
