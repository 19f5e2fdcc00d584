"""The unrolled network shows what the layer computes, and hides what is not read yet."""

import numpy as np
import pytest

from course_utils.explorers.rnn_drawing import HIDDEN, STEPS, TOP
from course_utils.explorers.unrolling import WORD, unrolling_explorer
from course_utils.math import softmax
from course_utils.pretrained.character_models import first_rnn
from course_utils.text.characters import ALPHABET


@pytest.fixture
def explorer():
    return unrolling_explorer()


def column(explorer, name, t):
    return np.ma.getdata(explorer.artists[name].get_array()).reshape(-1, 2 * STEPS + 1)[::-1, 2 * t]


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_vectors_and_guesses_are_those_of_the_network(explorer):
    tokens = np.array([ALPHABET.index(letter) for letter in WORD])
    logits, trace = first_rnn().forward(tokens)
    for t in range(1, len(WORD) + 1):
        np.testing.assert_array_equal(column(explorer, "x", t), trace.recurrent.x[t - 1])
        np.testing.assert_array_equal(column(explorer, "h", t), trace.recurrent.h[t])
        p = softmax(logits[t - 1])
        np.testing.assert_allclose(column(explorer, "o", t), np.sort(p)[::-1][:TOP])
        best = explorer.artists["guesses"].texts[TOP * (t - 1)]
        assert best.replace("␣", " ") == ALPHABET[int(p.argmax())]
    assert "".join(explorer.artists["letters"].texts).replace("␣", " ") == WORD


def test_a_cut_state_makes_equal_letters_equal(explorer):
    explorer.set(text="that", carry=True)
    assert not np.allclose(column(explorer, "h", 1), column(explorer, "h", 4))
    explorer.set(carry=False)
    np.testing.assert_allclose(column(explorer, "h", 1), column(explorer, "h", 4), atol=1e-6)
    assert explorer.artists["across"][0].get_segments() == []
    assert len(explorer.artists["up"][0].get_segments()) == 4


def test_the_slider_moves_veil_frame_and_arrows(explorer):
    explorer.set(t=4)
    assert explorer.artists["veil"].get_x() == 4.5
    assert explorer.artists["frame"].get_x() < 4 < explorer.artists["frame"].get_x() + 0.72
    up, across, out = explorer.artists["now"].get_segments()
    assert (up[:, 0] == 4).all()
    assert (out[:, 0] == 4).all()
    assert across[0, 0] < across[1, 0] < 4
    assert across[0, 1] == sum(HIDDEN) / 2
    explorer.set(t=0)
    assert explorer.artists["now"].get_segments() == []
    assert "Nothing is read" in explorer.reading.value


@pytest.mark.parametrize(("text", "length"), [("I LAUGHED, a lot!", STEPS), ("é", 1), ("ab", 2)])
def test_text_is_folded_and_cut(explorer, text, length):
    explorer.set(text=text)
    assert explorer.state["t"] == explorer.controls["t"].max == length


@pytest.mark.parametrize("text", ["", "   ", "🎬", "שלום"])
def test_text_without_known_letters_is_answered(explorer, text):
    explorer.set(text=text)
    assert "Type a few letters" in explorer.reading.value
    explorer.set(text="again")
    assert "Step 5" in explorer.reading.value


def test_the_network_that_comes_with_the_course_has_learnt():
    from course_utils.data.reviews import encoded_characters, load_reviews, split
    from course_utils.models.perplexity import bits, nats_per_token

    held_out = encoded_characters(split(load_reviews()).test, 50_000)
    assert bits(nats_per_token(first_rnn(), held_out)) < 3.2
