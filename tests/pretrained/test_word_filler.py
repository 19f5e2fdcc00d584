"""Blanks: what is replaced, what each view keeps, and a shipped model that knows what the last word says of the first."""

import numpy as np
import pytest

from course_utils.data.tasks import blank_out
from course_utils.pretrained.word_filler import VIEWS, H, untrained_filler, views, word_filler


def test_blanks_replace_what_is_asked_and_nothing_else(rng):
    tokens = rng.integers(2, 9, (30, 8))
    task = blank_out(tokens, share=0.3, blank=9, rng=rng)
    np.testing.assert_array_equal(task.y, tokens)
    np.testing.assert_array_equal(task.x[~task.mask], tokens[~task.mask])
    assert (task.x[task.mask] == 9).all()
    assert 0.2 < task.mask.mean() < 0.4


def test_padding_is_never_asked_for(rng):
    mask = rng.random((30, 8)) < 0.5
    task = blank_out(np.ones((30, 8), int), mask, share=1.0, blank=9, rng=rng)
    np.testing.assert_array_equal(task.mask, mask)


def test_bad_shares_are_refused(without_type_checks, rng):
    with pytest.raises(ValueError, match=r"wanted 0 < share <= 1, got 0"):
        blank_out(np.ones((3, 2), int), share=0, blank=9, rng=rng)
    with pytest.raises(ValueError, match=r"wanted at least one blank, got none in \(3, 2\)"):
        blank_out(np.ones((3, 2), int), np.zeros((3, 2), bool), share=0.5, blank=9, rng=rng)


def test_views_silence_one_half_each(rng):
    h = rng.normal(size=(4, 5))
    left, right, both = views(h, 3)
    np.testing.assert_array_equal(left, h * [1, 1, 1, 0, 0])
    np.testing.assert_array_equal(right, h * [0, 0, 0, 1, 1])
    np.testing.assert_array_equal(both, h)


def probability(text, word, at=0):
    filler = word_filler()
    return dict(zip(VIEWS, np.exp(filler.guesses(text).log_p[:, at, filler.vocabulary.index[word]]), strict=True))


def test_the_left_knows_nothing_of_a_first_word_and_the_right_does():
    of_me, of_it = ("I was very disappointed.", "It was very disappointing.")
    assert probability(of_me, "i")["from the left"] == pytest.approx(probability(of_it, "i")["from the left"])
    for view in ("from the right", "both"):
        assert probability(of_me, "i")[view] > 2 * probability(of_it, "i")[view]
    assert probability(of_it, "it")["both"] > 1.3 * probability(of_me, "it")["both"]


def test_the_hidden_word_does_not_matter_at_its_own_blank():
    one, other = (word_filler().guesses(f"this is a {word} film .").log_p for word in ("good", "terrible"))
    np.testing.assert_allclose(one[:, 3], other[:, 3], rtol=1e-5)
    assert not np.allclose(one[:, 2], other[:, 2])


def test_guesses_are_probabilities_of_known_words():
    log_p = word_filler().guesses("Nobody explodes, and I was never bored.").log_p
    p = np.exp(log_p)
    np.testing.assert_allclose(p.sum(-1), 1, rtol=1e-6)
    assert not p[..., :2].any()
    assert log_p.shape == (3, 9, len(word_filler().vocabulary))


def test_both_know_more_than_either_on_our_own_sentences():
    from course_utils.data.examples import EXAMPLES

    cost = []
    for review in EXAMPLES:
        _, numbers, log_p = word_filler().guesses(review.text)
        known = np.flatnonzero(numbers > 1)
        cost.append(-log_p[:, known, numbers[known]])
    left, right, both = np.concatenate(cost, axis=1).mean(axis=1)
    assert both < min(left, right) - 0.3


def test_the_untrained_one_has_the_shape_of_the_trained_one(rng):
    assert untrained_filler(rng=rng).readout.W.shape == word_filler().model.readout.W.shape
    assert word_filler().model.recurrent.from_left.W_h.shape == (4, H, H)
