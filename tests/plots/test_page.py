"""A text laid out on a page: words stay whole, nothing overlaps, outlines lie in their boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from course_utils.plots.page import LINE, TextPanel, lay_out


def lines(text, columns, **options):
    page = lay_out(text, columns=columns, **options)
    return [
        "".join(token for token, at in zip(text, page.line, strict=True) if at == n) for n in range(page.line[-1] + 1)
    ]


def test_lines_break_before_a_word():
    assert lines("not bad at all", 8) == ["not bad ", "at all"]
    assert lines("antidisestablishment", 8) == ["antidise", "stablish", "ment"]
    assert lines(["not", "bad", "at", "all"], 8, gap=1) == ["notbad", "atall"]


@given(st.text("ab \n", min_size=1, max_size=60), st.integers(1, 20))
def test_every_character_has_its_own_place_on_the_page(text, columns):
    page = lay_out(text, columns=columns)
    places = list(zip(page.line.tolist(), page.column.tolist(), strict=True))
    assert places == sorted(set(places))
    assert all(column < columns or text[k].isspace() for k, (_, column) in enumerate(places))


def test_outlines_lie_in_their_boxes():
    tokens = ["why", "jig,", "Äg", "\n"]
    page = lay_out(tokens, columns=9, gap=1)
    for k, box in enumerate(page.boxes()):
        (left, low), (right, high) = box.min(axis=0), box.max(axis=0)
        ink = page.letters(tokens, slice(k, k + 1)).get_extents()
        assert left <= ink.x0 < ink.x1 <= right
        assert low <= ink.y0 < ink.y1 <= high
    assert np.ptp(page.boxes()[:, :, 1]) > LINE


def test_blanks_leave_no_ink_and_no_tokens_are_an_error():
    assert len(lay_out("  ", columns=5).letters("  ").vertices) == 0
    for tokens, columns in (("", 5), ("a", 0)):
        with pytest.raises(ValueError, match="wanted at least one piece and one column"):
            lay_out(tokens, columns=columns)


def test_a_text_panel_is_an_empty_page_whose_boxes_look_as_told():
    ax = Figure().subplots()
    panel = TextPanel.on(ax, columns=30, lines=2, cmap="Greys", array=np.zeros(0))
    assert (ax.get_xlim(), ax.axison) == ((-0.5, 30.5), False)
    assert [len(panel.boxes.get_paths()), len(panel.frame.get_paths()), len(panel.letters.get_path())] == [0, 0, 0]
    assert panel.boxes.get_cmap().name == "Greys"
    assert set(panel) <= set(ax.get_children())
    assert panel.boxes.zorder < panel.letters.zorder, "letters stand on their boxes"
