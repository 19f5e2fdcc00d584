"""Probabilities to draw from: by hand, and by properties that must always hold; drawing and generating."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.layers.rnn import RNN
from course_utils.math import softmax
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.sampling import draw, generate, next_token_probabilities

P = np.array([0.4, 0.3, 0.2, 0.1])
LOGITS = np.log(P)

rows = st.lists(st.floats(-30, 30), min_size=2, max_size=8).map(np.array)


def test_plain_is_softmax_for_any_batch(rng):
    logits = rng.normal(size=(3, 2, 5))
    np.testing.assert_allclose(next_token_probabilities(logits), softmax(logits))


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_temperature_divides_the_logits(temperature):
    powered = P ** (1 / temperature)
    got = next_token_probabilities(LOGITS, temperature=temperature)
    np.testing.assert_allclose(got, powered / powered.sum())


def test_temperature_zero_is_greedy_and_its_limit():
    np.testing.assert_array_equal(next_token_probabilities(LOGITS, temperature=0.0), [1, 0, 0, 0])
    np.testing.assert_allclose(next_token_probabilities(LOGITS, temperature=1e-3), [1, 0, 0, 0], atol=1e-12)
    tie = next_token_probabilities(np.array([1.0, 3.0, 3.0]), temperature=0.0)
    np.testing.assert_array_equal(tie, [0, 1, 0])


def test_top_k_keeps_the_k_best():
    np.testing.assert_allclose(next_token_probabilities(LOGITS[::-1], top_k=2), [0, 0, 3 / 7, 4 / 7])
    np.testing.assert_allclose(next_token_probabilities(LOGITS, top_k=4), P)
    np.testing.assert_array_equal(next_token_probabilities(np.zeros(5), top_k=3) > 0, [1, 1, 1, 0, 0])


@pytest.mark.parametrize(
    ("top_p", "kept"), [(1e-9, 1), (0.39, 1), (0.41, 2), (0.69, 2), (0.71, 3), (0.89, 3), (0.95, 4), (1.0, 4)]
)
def test_top_p_keeps_the_fewest_that_reach_p(top_p, kept):
    got = next_token_probabilities(LOGITS, top_p=top_p)
    np.testing.assert_allclose(got, np.where(np.arange(4) < kept, P, 0) / P[:kept].sum())


def test_both_limits_hold_together_and_after_the_temperature():
    np.testing.assert_allclose(next_token_probabilities(LOGITS, top_k=3, top_p=0.5), [4 / 7, 3 / 7, 0, 0])
    hot = next_token_probabilities(LOGITS, temperature=100.0, top_p=0.5)
    assert (hot > 0).sum() == 2
    np.testing.assert_allclose(hot[:2], 0.5, atol=0.01)


@given(rows, st.floats(0.05, 20), st.floats(0.01, 1), st.integers(1, 8))
def test_always_probabilities_that_keep_the_best_token(logits, temperature, top_p, top_k):
    p = next_token_probabilities(logits, temperature=temperature, top_p=top_p, top_k=min(top_k, len(logits)))
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(), 1)
    assert p[logits.argmax()] == p.max()
    assert (p > 0).sum() <= top_k


@given(rows)
def test_a_higher_temperature_never_makes_the_best_token_likelier(logits):
    best = [next_token_probabilities(logits, temperature=t).max() for t in (0.25, 0.5, 1.0, 2.0, 4.0)]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(best))


def test_large_logits_do_not_overflow():
    got = next_token_probabilities(np.array([1e4, 0.0, -1e4]), temperature=0.5)
    np.testing.assert_array_equal(got, [1, 0, 0])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"temperature": -0.1}, "temperature >= 0, got -0.1"),
        ({"temperature": float("nan")}, "temperature >= 0, got nan"),
        ({"top_k": 0}, "top_k >= 1, got 0"),
        ({"top_k": 5}, "1 <= top_k <= 4, got 5"),
        ({"top_p": 0.0}, "0 < top_p <= 1, got 0.0"),
        ({"top_p": 1.1}, "0 < top_p <= 1, got 1.1"),
    ],
)
def test_bad_settings_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        next_token_probabilities(LOGITS, **wrong)


def test_draw_has_the_frequencies_asked_for(rng):
    drawn = draw(np.broadcast_to(P, (40_000, 4)), rng=rng)
    np.testing.assert_allclose(np.bincount(drawn) / 40_000, P, atol=0.01)


class Fixed(np.random.Generator):
    """A generator whose next number is known."""

    def __init__(self, u: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.u = u

    def random(self, shape: tuple[int, ...]) -> np.ndarray:  # type: ignore[override]
        return np.full(shape, self.u)


@pytest.mark.parametrize(("u", "token"), [(0.0, 1), (0.2499, 1), (0.25, 3), (0.9999999999999999, 3)])
def test_draw_never_takes_an_impossible_token(u, token):
    p = np.array([0.0, 0.25, 0.0, 0.75, 0.0])
    assert draw(p, rng=Fixed(u)) == token
    short = p * (1 - 1e-12)  # as if rounding had lost a little
    assert p[draw(short, rng=Fixed(1 - 1e-16))] > 0


@pytest.fixture
def model(rng):
    return RecurrentLanguageModel.init(6, 3, RNN.init(3, 8, rng=rng, dtype=np.float32), 8, rng=rng)


def test_generate_reads_the_prompt_and_what_it_wrote(model, rng):
    prompt = np.array([1, 4, 2])
    new = generate(model, prompt, 12, rng=rng, temperature=0.0)
    text = prompt
    for token in new:  # greedy: each token is the best after everything before it, read from the start
        assert token == model.forward(text)[0][-1].argmax()
        text = np.append(text, token)
    assert new.shape == (12,)


def test_generate_is_reproducible_and_follows_its_settings(model):
    prompt = np.array([3])
    one, two, other = (generate(model, prompt, 50, rng=np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()
    best = generate(model, prompt, 50, rng=np.random.default_rng(5), top_k=1)
    np.testing.assert_array_equal(best, generate(model, prompt, 50, rng=np.random.default_rng(9), temperature=0.0))
    assert len(generate(model, prompt, 0, rng=np.random.default_rng(0))) == 0


@pytest.mark.parametrize(("prompt", "length"), [([], 3), ([1], -1)])
def test_generate_wants_a_prompt_and_a_length(model, rng, prompt, length):
    with pytest.raises(ValueError, match="at least 1 token|wanted length >= 0"):
        generate(model, np.array(prompt, np.int64), length, rng=rng)
