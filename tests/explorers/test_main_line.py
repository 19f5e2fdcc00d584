"""The main line: the colours of the words are terms that add up to the cell that is drawn."""

import numpy as np
import pytest

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import load_reviews
from course_utils.explorers.main_line import WORDS, main_line_explorer
from course_utils.pretrained.first_reader import first_reader
from course_utils.text.preprocessing import words


@pytest.fixture
def explorer():
    return main_line_explorer()


def trace_of(text):
    reader = first_reader()
    return reader.model.forward(reader.vocabulary.encode(words(text)[:WORDS]))[1].recurrent


def order(trace):
    """Units, the longest memory over this text first."""
    return np.argsort(-trace.f.mean(axis=0))


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_the_colours_add_up_to_the_cell(explorer):
    trace = trace_of(EXAMPLES[2].text)
    for t, unit in ((6, 1), (20, 3), (43, 12)):
        explorer.set(t=t, unit=unit)
        u = order(trace)[unit - 1]
        assert explorer.artists["text"].boxes.get_array().sum() == pytest.approx(trace.c[t, u], abs=1e-5)
        np.testing.assert_array_equal(explorer.artists["c"].get_ydata(), trace.c[: t + 1, u])
        kept = explorer.artists["kept"].get_ydata()
        assert kept[-1] == 1
        assert kept[0] == pytest.approx(np.prod(trace.f[1:t, u]), rel=1e-5)
        for line, gate in zip(explorer.artists["gates"], (trace.i, trace.f, trace.o), strict=True):
            np.testing.assert_array_equal(line.get_ydata(), gate[:, u])


def test_a_number_picks_a_real_review(explorer):
    explorer.set(review=3)
    text = load_reviews()[2].text
    trace = trace_of(text)
    assert explorer.state["t"] == len(trace.f) == min(WORDS, len(words(text)))
    assert explorer.artists["text"].boxes.get_array().sum() == pytest.approx(trace.c[-1, order(trace)[0]], abs=1e-5)


@pytest.mark.parametrize("text", ["", "  "])
def test_what_cannot_be_read_is_said_in_the_picture(explorer, text):
    explorer.set(text=text)
    assert "Type a sentence" in explorer.message
    explorer.set(text="so bad")
    assert not explorer.message
    assert explorer.state["t"] == 2
