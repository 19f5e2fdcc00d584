"""Greedy decoding and beam search, against trying out every answer there is."""

from itertools import product

import numpy as np
import pytest

from course_utils.math import log_softmax
from course_utils.models.beam_search import beam_search, greedy
from course_utils.models.encoder_decoder import EncoderDecoder

V, T, START = 3, 4, 3


@pytest.fixture
def step(rng):
    """A made-up model that remembers all it has written: its state is the sum of what each sign adds."""
    table, readout = 2 * rng.normal(size=(V + 1, 5)), rng.normal(size=(5, V))

    def step(signs, state):
        state = np.tanh(0.8 * state + table[signs])
        return log_softmax(2 * state @ readout), state

    return step


def log_p_of(step, signs, end=None):
    state, last, total = np.zeros((1, 5)), START, 0.0
    for sign in signs:
        log_p, state = step(np.array([last]), state)
        total += log_p[0, sign]
        last = sign
        if sign == end:
            break
    return total


def every_answer(step, end=None):
    """All answers with their log-probabilities, likeliest first; after the end there is only the end."""
    answers = {}
    for signs in product(range(V), repeat=T):
        if end in signs:
            first = signs.index(end)
            signs = signs[:first] + (end,) * (T - first)
        answers[signs] = log_p_of(step, signs, end)
    return sorted(answers.items(), key=lambda item: -item[1])


@pytest.mark.parametrize("end", [None, 0, 2])
def test_a_wide_beam_finds_all_answers_in_their_order(step, end):
    want = every_answer(step, end)
    found = beam_search(step, np.zeros((1, 5)), 100, start=START, length=T, end=end)
    assert [tuple(signs) for signs in found.signs.T.tolist()] == [signs for signs, _ in want]
    np.testing.assert_allclose(found.log_p, [log_p for _, log_p in want])
    assert np.exp(found.log_p).sum() == pytest.approx(1), "scores are log-probabilities of whole answers"


@pytest.mark.parametrize("end", [None, 1])
@pytest.mark.parametrize("width", [1, 2, 5])
def test_what_a_beam_returns_has_the_probability_it_says(step, width, end):
    found = beam_search(step, np.zeros((1, 5)), width, start=START, length=T, end=end)
    assert found.signs.shape == (T, width)
    assert (np.diff(found.log_p) <= 0).all(), "likeliest first"
    for signs, log_p in zip(found.signs.T.tolist(), found.log_p, strict=True):
        assert log_p_of(step, signs, end) == pytest.approx(log_p)


@pytest.mark.parametrize("end", [None, 0, 1, 2])
def test_a_beam_of_one_is_greedy(step, end):
    one = beam_search(step, np.zeros((1, 5)), 1, start=START, length=T, end=end)
    best = greedy(step, np.zeros((1, 5)), start=START, length=T, end=end)
    np.testing.assert_array_equal(one.signs, best.signs)
    np.testing.assert_allclose(one.log_p, best.log_p)


def test_greedy_may_miss_what_a_beam_finds():
    """First 0 looks better, but after it nothing is certain; after 1 all is."""

    def step(signs, state):
        after = {2: [0.6, 0.4], 0: [0.5, 0.5], 1: [0.01, 0.99]}
        with np.errstate(divide="ignore"):
            return np.log([after[sign] for sign in signs.tolist()]), state

    state = np.zeros((1, 1))
    assert greedy(step, state, start=2, length=2).signs[:, 0].tolist() == [0, 0]
    found = beam_search(step, state, 2, start=2, length=2)
    assert found.signs[:, 0].tolist() == [1, 1]
    assert np.exp(found.log_p[0]) == pytest.approx(0.4 * 0.99)


def test_greedy_answers_every_row_as_if_it_were_alone(rng):
    model = EncoderDecoder.init(9, V, 4, 6, attention="dot", rng=rng, dtype=float)
    x = rng.integers(1, 9, (5, 3))
    mask = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 0, 0]], bool)
    source = model.encode(x, mask)
    together = greedy(model.stepper(source), source.state, start=START, length=T)
    for b in range(3):
        alone = model.encode(x[mask[:, b], b : b + 1])
        one = greedy(model.stepper(alone), alone.state, start=START, length=T)
        np.testing.assert_array_equal(together.signs[:, [b]], one.signs)
        np.testing.assert_allclose(together.log_p[[b]], one.log_p)


@pytest.mark.parametrize("attention", ["dot", "additive", None])
def test_scores_of_the_search_are_those_of_the_model(attention, rng):
    """What teacher forcing says of an answer is what the search has added up while writing it."""
    model = EncoderDecoder.init(9, V, 4, 6, attention=attention, rng=rng, dtype=float)
    x = rng.integers(1, 9, (5, 1))
    source = model.encode(x)
    found = beam_search(model.stepper(source), source.state, 4, start=START, length=T)
    for signs, log_p in zip(found.signs.T, found.log_p, strict=True):
        given = np.concatenate([[START], signs[:-1]])[:, None]
        logits, _ = model.forward(x, given)
        assert log_softmax(logits)[np.arange(T), 0, signs].sum() == pytest.approx(log_p)


def test_wrong_questions_are_refused(step):
    with pytest.raises(ValueError, match="beam_search: wanted (a state of one row|width >= 1)"):
        beam_search(step, np.zeros((2, 5)), 3, start=START, length=T)
    with pytest.raises(ValueError, match="beam_search: wanted (a state of one row|width >= 1)"):
        beam_search(step, np.zeros((1, 5)), 0, start=START, length=T)
    with pytest.raises(ValueError, match="greedy: wanted (states of the same number of rows|length >= 1)"):
        greedy(step, np.zeros((2, 5)), start=START, length=0)
