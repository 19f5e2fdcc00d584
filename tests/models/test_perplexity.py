"""Scores against sums written out by hand, and against the entropy of a source that is known."""

from itertools import pairwise

import numpy as np
import pytest

from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.rnn import RNN
from course_utils.losses import cross_entropy
from course_utils.math import log_softmax
from course_utils.models.perplexity import bits, nats_by_place, nats_in_windows, nats_per_token, perplexity
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.transformer import TransformerLanguageModel


@pytest.fixture
def model(rng):
    made = RecurrentLanguageModel.init(5, 3, RNN.init(3, 6, rng=rng), 6, rng=rng, dtype=np.float64)
    return RecurrentLanguageModel(made.embedding, made.recurrent, Linear(8 * made.readout.W, made.readout.b))


def test_units():
    assert bits(np.log(2.0)) == 1
    np.testing.assert_allclose(bits(np.log(50.0)), np.log2(50))
    np.testing.assert_allclose(bits(np.log([2.0, 4.0])), [1, 2])
    np.testing.assert_allclose(perplexity(np.log(50.0)), 50)
    np.testing.assert_allclose(2 ** bits(1.3), perplexity(1.3))


def test_a_uniform_model_hesitates_between_all_tokens(model, rng):
    silent = RecurrentLanguageModel(model.embedding, model.recurrent, Linear(0 * model.readout.W, 0 * model.readout.b))
    tokens = rng.integers(0, 5, 3_000)
    np.testing.assert_allclose(perplexity(nats_per_token(silent, tokens, streams=4)), 5)


def one_stream(model, tokens, first):
    """-log p of tokens[first], tokens[first + 1], ... each after everything before it, from the first token on."""
    logits, _ = model.forward(tokens[:-1])
    return -np.take_along_axis(log_softmax(logits), tokens[1:, None], 1)[first - 1 :, 0]


@pytest.mark.parametrize("warm_up", [0, 1, 7])
def test_one_stream_scores_every_token_after_the_warm_up_once(model, rng, warm_up):
    tokens = rng.integers(0, 5, 60)
    want = one_stream(model, tokens, warm_up + 1).mean()
    np.testing.assert_allclose(nats_per_token(model, tokens, streams=1, warm_up=warm_up), want)


@pytest.mark.parametrize("length", [60, 61, 62, 63, 67])
@pytest.mark.parametrize("warm_up", [0, 4])
def test_streams_start_warm_and_score_every_token_once(model, rng, length, warm_up):
    tokens, streams = rng.integers(0, 5, length), 3
    ends = np.linspace(warm_up, length - 1, streams + 1).astype(int)
    scored = [one_stream(model, tokens[a - warm_up : b + 1], warm_up + 1) for a, b in pairwise(ends)]
    assert sum(map(len, scored)) == length - 1 - warm_up
    got = nats_per_token(model, tokens, streams=streams, warm_up=warm_up)
    np.testing.assert_allclose(got, np.concatenate(scored).mean())


def test_a_model_that_knows_the_source_scores_its_entropy(rng):
    """A first-order chain, and a network that copies its transition table into the logits."""
    P = rng.dirichlet(np.ones(4), size=4)
    tokens = [0]
    for u in rng.random(40_000):
        tokens.append(int(np.searchsorted(np.cumsum(P[tokens[-1]]), u)))
    tokens = np.minimum(np.array(tokens), 3)
    rnn = RNN(np.eye(4), np.zeros((4, 4)), np.zeros(4), "identity")
    knows = RecurrentLanguageModel(Embedding(np.eye(4)), rnn, Linear(np.log(P), np.zeros(4)))
    stationary = np.linalg.matrix_power(P, 200)[0]
    entropy = -(stationary[:, None] * P * np.log2(P)).sum()
    assert abs(bits(nats_per_token(knows, tokens)) - entropy) < 0.02


def test_the_model_is_asked_about_the_next_token_never_about_the_one_it_reads(rng):
    tokens = np.arange(2_000) % 5
    rnn = RNN(np.eye(5), np.zeros((5, 5)), np.zeros(5), "identity")
    copies, foresees = (
        RecurrentLanguageModel(Embedding(np.eye(5)), rnn, Linear(20 * np.roll(np.eye(5), shift, axis=1), np.zeros(5)))
        for shift in (0, 1)
    )
    assert nats_per_token(foresees, tokens, streams=4) < 1e-6
    assert nats_per_token(copies, tokens, streams=4) > 10


@pytest.mark.parametrize(("length", "streams", "warm_up"), [(10, 0, 2), (10, 1, -1), (10, 2, 4), (0, 1, 0)])
def test_too_little_text_is_refused(model, rng, length, streams, warm_up):
    with pytest.raises(ValueError, match="wanted (streams >= 1|warm_up >= 0|at least streams)"):
        nats_per_token(model, rng.integers(0, 5, length), streams=streams, warm_up=warm_up)


@pytest.mark.parametrize("length", [17, 40, 41, 47, 48])
@pytest.mark.parametrize("B", [1, 128])
def test_in_windows_every_token_is_scored_once_with_half_a_window_before_it(rng, length, B):
    T = 8
    model = TransformerLanguageModel.init(5, 4, 1, 2, T, rng=rng, dtype=np.float64)
    tokens = rng.integers(0, 5, length)
    losses = {}
    for start in [*range(0, length - 1 - T, T // 2), length - 1 - T]:
        logits = model.forward(tokens[start : start + T])[0]
        for t in range(T // 2, T):
            losses.setdefault(start + t + 1, cross_entropy(logits[t : t + 1], tokens[start + t + 1 :][:1])[0])
    assert sorted(losses) == list(range(T // 2 + 1, length))
    assert nats_in_windows(model, tokens, T, B=B) == pytest.approx(np.mean(list(losses.values())))


@pytest.mark.parametrize(("length", "window"), [(8, 8), (30, 1)])
def test_a_window_that_the_text_does_not_fill_is_refused(model, rng, length, window):
    with pytest.raises(ValueError, match="wanted (window >= 2|more tokens than the window)"):
        nats_in_windows(model, rng.integers(0, 5, length), window)


@pytest.mark.parametrize(("length", "B"), [(41, 1), (47, 3), (11, 128)])
def test_by_place_every_window_starts_from_nothing(model, rng, length, B):
    tokens = rng.integers(0, 5, length)
    nats = nats_by_place(model, tokens, 10, B=B)
    windows = range(0, length - 10, 10)
    one_by_one = [nats_by_place(model, tokens[start : start + 11], 10) for start in windows]
    np.testing.assert_allclose(nats, np.mean(one_by_one, axis=0))
    logits, _ = model.forward(tokens[:10])
    first = -log_softmax(logits)[np.arange(10), tokens[1:11]]
    np.testing.assert_allclose(one_by_one[0], first)
    with pytest.raises(ValueError, match="nats_by_place: wanted more tokens than the window of 10, got 10"):
        nats_by_place(model, tokens[:10], 10)
