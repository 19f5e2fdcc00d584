"""The explorer of dependence: colours are gradient norms, and the text is the one that was picked."""

import numpy as np
import pytest

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import encoded_characters
from course_utils.explorers.dependence import LONGEST, dependence_explorer
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.math import log_softmax
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.text.characters import ALPHABET, spell

V, D, H = len(ALPHABET), 6, 10
PILE = [EXAMPLES[0], EXAMPLES[1]]


def model(layer=RNN):
    rng = np.random.default_rng(1)
    made = RecurrentLanguageModel.init(V, D, layer.init(D, H, rng=rng), H, rng=rng, dtype=np.float64)
    made.readout.W[:] *= 20  # an untrained readout is nearly silent
    return made


@pytest.fixture
def explorer():
    return dependence_explorer(model(), reviews=PILE)


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_colours_are_gradient_norms_by_finite_differences(explorer):
    explorer.set(t=30)
    tokens = encoded_characters([EXAMPLES[2]])[:31]
    made = model()
    e = made.embedding.W[tokens[:-1]]

    def log_p(vectors):
        h, _ = made.recurrent.forward(vectors)
        return log_softmax(made.readout.forward(h)[0][-1])[..., tokens[-1]]

    norm = np.empty(30)
    for s in range(30):
        nudge = np.zeros((30, D, D))
        nudge[s] = 1e-6 * np.eye(D)
        norm[s] = np.linalg.norm((log_p(e[:, None] + nudge) - log_p(e[:, None] - nudge)) / 2e-6)
    np.testing.assert_allclose(explorer.artists["curve"].get_ydata()[:8], norm[::-1][:8], rtol=1e-4)
    shown = explorer.artists["text"].boxes.get_array()
    np.testing.assert_allclose(shown, np.clip(norm / norm.max(), 1e-3, 1), rtol=1e-4)


def test_words_share_the_norm_of_their_characters(explorer):
    explorer.set(t=11, unit="words")  # "for an hour"
    by_word = explorer.artists["curve"].get_ydata()[::-1]
    explorer.set(unit="characters")
    each = explorer.artists["curve"].get_ydata()[::-1]
    for word in (slice(0, 4), slice(4, 7), slice(7, 11)):
        np.testing.assert_allclose(by_word[word], np.linalg.norm(each[word]))


def test_picking_a_review_shows_it_and_keeps_the_slider_inside(explorer):
    explorer.set(t=explorer.controls["t"].max)
    explorer.set(review=2)
    text = spell(encoded_characters([PILE[1]]))[:LONGEST]
    assert explorer.controls["t"].max == len(text) - 1
    assert explorer.state["t"] <= len(text) - 1
    assert len(explorer.artists["text"].boxes.get_paths()) == explorer.state["t"]
    assert f"what comes is “{text[explorer.state['t']]}”".replace("“\n”", "¶") in explorer.artists["guesses"].texts[0]


def test_it_works_with_any_recurrent_layer():
    explorer = dependence_explorer(model(LSTM), reviews=PILE)
    assert "hold 99% of the" in explorer.reading.value
    assert not explorer.message
