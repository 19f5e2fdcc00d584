"""The heads explorer: colours are the weights of the chosen head, and hiding a word hides it from the model."""

import numpy as np
import pytest

from course_utils.data.examples import EXAMPLES
from course_utils.explorers.heads import LONGEST, START, heads_explorer, tints
from course_utils.pretrained.head_reader import LAYERS, N, head_reader
from course_utils.text.preprocessing import words

PILE = [EXAMPLES[0], EXAMPLES[2]]


@pytest.fixture
def explorer():
    return heads_explorer(head_reader(), reviews=PILE)


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize("hide", [False, True])
@pytest.mark.parametrize(("t", "layer", "head"), [(1, 1, 1), (6, 2, 3)])
def test_colours_are_weights(explorer, t, layer, head, hide):
    explorer.set(t=t, layer=layer, head=head, hide=hide)
    reader = head_reader()
    look = (reader.look_blanked if hide else reader.look)(START)
    row, T = look.a[layer - 1, head - 1, t - 1], len(look.words)
    np.testing.assert_allclose(explorer.artists["text"].boxes.get_facecolor(), tints(row))
    every = explorer.artists["every head"].get_array()
    np.testing.assert_allclose(every[:, :T], look.a[:, :, t - 1].reshape(LAYERS * N, T))
    assert np.isnan(np.ma.filled(every[:, T:], np.nan)).all()
    np.testing.assert_allclose(explorer.artists["all words"].get_array()[:T, :T], look.a[layer - 1, head - 1])
    assert explorer.artists["names"].texts == look.words
    assert f"“{look.words[row.argmax()]}”" in explorer.reading.value
    assert ("best guesses" in explorer.reading.value) == hide


def test_a_review_replaces_the_sentence_and_the_slider_fits(explorer):
    explorer.set(review=2)
    found = words(PILE[1].text)[:LONGEST]
    assert explorer.artists["names"].texts == [word[:12] for word in found]
    assert explorer.controls["t"].max == len(found)
    explorer.set(t=LONGEST, review=0)
    assert explorer.state["t"] <= len(words(START))


@pytest.mark.parametrize("text", ["", " ", "Zxqv!", "a" * 300, "word " * 60])
def test_odd_sentences_are_shown_without_a_word_of_complaint(explorer, text):
    explorer.set(text=text)
    assert not explorer.message
