"""The direction explorer: bars are the model's probabilities, colours say who has read what."""

import numpy as np
import pytest

from course_utils.data.examples import EXAMPLES
from course_utils.explorers.direction import BEST, LONGEST, START, direction_explorer
from course_utils.models.perplexity import bits
from course_utils.plots.bidirectional import tint
from course_utils.pretrained.word_filler import VIEWS, word_filler

PILE = [EXAMPLES[0], EXAMPLES[2]]


@pytest.fixture
def explorer():
    return direction_explorer(word_filler(), reviews=PILE)


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize("t", [1, 3, 5])
def test_bars_are_the_best_guesses_of_each_direction(explorer, t):
    explorer.set(t=t)
    filler = word_filler()
    words, numbers, log_p = filler.guesses(START)
    for k in range(len(VIEWS)):
        best = np.argsort(-log_p[k, t - 1])[:BEST]
        assert explorer.artists["names"][k].texts == [filler.vocabulary.words[w] for w in best]
        lengths = [path.vertices[:, 0].max() for path in explorer.artists["bars"][k].get_paths()]
        np.testing.assert_allclose(lengths, np.exp(log_p[k, t - 1, best]))
        surprise = -bits(log_p[k, np.arange(len(words)), numbers])
        np.testing.assert_allclose(explorer.artists["curves"][k].get_ydata(), surprise)


def test_colours_say_who_reads_which_word(explorer):
    explorer.set(t=3)
    colors = explorer.artists["text"].boxes.get_facecolor()[:, :3]
    want = [tint("from the left")] * 2 + [tint("from the right")] * 2
    np.testing.assert_allclose(colors, want)


def test_a_review_replaces_the_sentence_and_the_slider_fits(explorer):
    explorer.set(review=2)
    words = word_filler().guesses(" ".join(PILE[1].text.split()[:LONGEST])).words[:LONGEST]
    assert explorer.controls["t"].max == len(words) == LONGEST
    explorer.set(t=LONGEST)
    assert f"“{words[-1]}”" in explorer.reading.value
    explorer.set(review=0)
    assert explorer.state["t"] <= len(word_filler().guesses(START).words)


@pytest.mark.parametrize("text", ["", " ", "Zxqv!", "a" * 300, "word " * 60])
def test_odd_sentences_are_shown_without_a_word_of_complaint(explorer, text):
    explorer.set(text=text)
    assert not explorer.message


def test_an_unknown_word_cannot_be_guessed(explorer):
    explorer.set(text="Odalinda was here.")
    assert "not in the vocabulary" in explorer.reading.value
    assert np.isnan(explorer.artists["curves"][0].get_ydata()[0])
