"""The first explorer: words, numbers, states and an opinion."""

import numpy as np
import pytest

from course_utils.explorers.first_look import COLUMNS, SENTENCE, first_look_explorer
from course_utils.pretrained.first_reader import first_reader


@pytest.fixture
def explorer():
    return first_look_explorer()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_it_shows_what_the_reader_computes(explorer):
    reading = first_reader().read(SENTENCE)
    explorer.set(t=6)
    shown = explorer.artists["image"].get_array()
    np.testing.assert_array_equal(shown[:, :6], reading.h[:6].T)
    assert np.isnan(np.ma.filled(shown[:, 6:], np.nan)).all()
    np.testing.assert_allclose(explorer.artists["line"].get_ydata(), reading.opinion[:6])
    words = [text.get_text() for text in explorer.artists["words"]]
    assert words[: len(reading.words)] == reading.words
    assert [text.get_text() for text in explorer.artists["numbers"]][:3] == [str(n) for n in reading.numbers[:3]]


def test_a_new_sentence_sets_the_slider_to_its_end(explorer):
    explorer.set(sentence="not bad")
    assert explorer.state["t"] == explorer.controls["t"].max == 2
    explorer.set(sentence="so " * 40)
    assert explorer.state["t"] == COLUMNS
    assert "first 24 words" in explorer.reading.value


def test_unknown_words_are_named(explorer):
    explorer.set(sentence="Odalinda is bad")
    assert "odalinda" in explorer.reading.value


@pytest.mark.parametrize("text", ["", "   ", "…", "🎬", "שלום", "x" * 500])
def test_strange_sentences_are_answered(explorer, text):
    explorer.set(sentence=text)
    assert "Error" not in explorer.reading.value
