"""Series, texts as tokens and everything that counts, batches, samples or searches: right, or refused in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_utils.autocorrelation import autocorrelation, mutual_information
from course_utils.autoregression import Autoregression, backtest, lagged, persistence, rmse, time_split
from course_utils.data.date_batches import SIGNS, signs
from course_utils.layers.rnn import RNN
from course_utils.models import RecurrentLanguageModel
from course_utils.sampling import draw, generate, next_token_probabilities
from course_utils.scores import nats_in_windows, nats_per_token
from course_utils.search import beam_search, greedy
from course_utils.text.bag import WordsAndPairs
from course_utils.text.batching import (
    align,
    buckets,
    minibatches,
    pad,
    random_partition,
    sequential_partition,
    truncate,
)
from course_utils.text.kneser_ney import KneserNey, ModifiedKneserNey
from course_utils.text.ngram import NGrams
from course_utils.text.skipgram import SkipGram, SkipGramLoss, negative_sampling, subsample, windows
from course_utils.text.smoothing import MLE, AddK, BackOff
from course_utils.text.stream import join
from course_utils.text.vocabulary import Vocabulary
from course_utils.text.word_vectors import WordVectors
from tests.hard_use.strategies import (
    anything,
    at_most,
    mostly,
    numbers,
    positive,
    reals,
    result,
    sizes,
    small,
    token_arrays,
)

V = 7
VOCABULARY = Vocabulary.build([list("aaabbbccdde")])
MODEL = RecurrentLanguageModel.init(V, 2, RNN.init(2, 2, rng=np.random.default_rng(0)), 2, rng=np.random.default_rng(0))
shares = mostly(st.floats(0.01, 1), numbers)
series = arrays("f8", st.integers(0, 30), elements=st.one_of(st.floats(-1e300, 1e300), st.integers(-2, 2)))
streams = mostly(token_arrays, st.one_of(token_arrays.map(list), anything))


def rng():
    return np.random.default_rng(0)


@given(mostly(series, anything), small)
def test_correlations_lie_between_minus_one_and_one(x, lags):
    r = result(autocorrelation, x, lags)
    if r is not None:
        assert r.shape == (lags + 1,)
        assert np.isclose(r[0], 1)
        assert (np.abs(r) <= 1 + 1e-9).all()


@given(st.one_of(streams, token_arrays.map(lambda t: t.astype("i8") * 10**17)), small)
def test_symbols_tell_at_least_nothing_about_each_other(tokens, k):
    told = result(mutual_information, tokens, k)
    assert told is None or -1e-9 <= told <= np.log2(len(tokens)) + 1e-9


@given(
    mostly(arrays("f8", st.integers(0, 30), elements=st.floats(-1e6, 1e6)), anything),
    small,
    small,
    mostly(st.floats(0.1, 0.9), numbers),
)
def test_forecasts_are_finite_or_refused(x, k, horizon, fraction):
    result(lagged, x, k)
    model = result(Autoregression.fit, x, k)
    past = x if model is None else np.asarray(x, float)
    horizon = min(horizon, 200)
    for forecast in [persistence] if model is None else [model.forecast, persistence]:
        ahead = result(forecast, past, horizon)
        if ahead is not None:
            assert len(ahead) == horizon
            assert np.isfinite(ahead).all() or forecast is persistence
        errors = result(backtest, forecast, x, k, horizon)
        if errors is not None and np.abs(errors).max() < 1e100:
            assert (rmse(errors) >= 0).all()
    if isinstance(x, np.ndarray) and x.ndim:
        parts = result(time_split, x, fraction)
        assert parts is None or (len(parts[0]) + len(parts[1]) == len(x) and min(map(len, parts)) > 0)


@given(streams, small, st.sampled_from(["front", "back", "middle", None]))
def test_texts_are_cut_and_filled_to_the_length_asked_for(tokens, length, at):
    short, long = result(truncate, tokens, length, at), result(pad, tokens, length, at)
    if short is not None:
        assert len(short) == min(len(tokens), length)
        assert len(long) == max(len(tokens), length)
        np.testing.assert_array_equal(result(truncate, long, len(tokens), at) if len(tokens) else [], tokens)


@given(st.lists(streams, max_size=4), st.one_of(st.none(), small))
def test_aligned_texts_come_back_by_their_mask(rows, length):
    aligned = result(align, rows, length)
    if aligned is not None:
        tokens, mask = aligned
        for b, row in enumerate(rows):
            np.testing.assert_array_equal(tokens[mask[:, b], b], np.asarray(row)[: len(tokens)])


@given(streams, small, small, small)
def test_windows_of_a_corpus_are_continued_by_their_targets(corpus, T, B, offset):
    for cut in (
        lambda: list(sequential_partition(corpus, T, B, offset=offset)),
        lambda: list(random_partition(corpus, T, B, rng=rng())),
    ):
        for x, y in result(cut) or ():
            assert x.shape == y.shape == (T, B)
            np.testing.assert_array_equal(x[1:], y[:-1])
    groups = result(minibatches, T, B, rng=rng())
    assert groups is None or sorted(np.concatenate(groups)) == list(range(T))
    groups = result(buckets, corpus, B, rng=rng())
    assert groups is None or sorted(np.concatenate(groups)) == list(range(len(corpus)))


@given(st.lists(streams, max_size=4), mostly(st.just(7), numbers))
def test_a_stream_ends_every_text(texts, boundary):
    stream = result(join, texts, boundary=boundary)
    if stream is not None:
        assert (stream == boundary).sum() == sum(np.size(text) > 0 for text in texts)


@at_most(60)
@given(streams, small, mostly(st.just(V), sizes), st.one_of(st.none(), small), small, positive, streams)
def test_what_counts_gives_probabilities_that_sum_to_one(tokens, n, width, boundary, k, temperature, context):
    counts = result(NGrams.count, tokens, n, width, boundary=boundary)
    if counts is None:
        return
    result(counts.find, context, k)
    result(counts.contexts, context, k)
    seen = result(counts.of, context)
    assert seen is None or 0 <= seen <= len(tokens)
    for make in (
        lambda: MLE(counts),
        lambda: AddK(counts, k=k),
        lambda: BackOff(counts, discount=k),
        lambda: KneserNey(counts),
        lambda: KneserNey(counts, k),
        lambda: ModifiedKneserNey(counts),
    ):
        model = result(make)
        if model is not None:
            p = result(model.next_word, context, temperature=temperature)
            assert p is None or (np.isclose(p.sum(), 1) and (p >= 0).all())
            each = result(model.probabilities, context)
            assert each is None or ((each >= 0) & (each <= 1 + 1e-9)).all()
            drawn = result(model.sample, min(k, 9), context, temperature=temperature, rng=rng())
            assert drawn is None or (drawn < width).all()
            if len(tokens):
                assert model.perplexity(tokens) >= 1 - 1e-9


@given(
    mostly(arrays("f8", array_shapes(max_dims=2), elements=st.floats(-1e308, 1e308)), anything),
    positive,
    small,
    mostly(st.floats(0.01, 1), numbers),
)
def test_next_tokens_have_probabilities(logits, temperature, top_k, top_p):
    p = result(next_token_probabilities, logits, temperature=temperature, top_k=top_k, top_p=top_p)
    plain = result(next_token_probabilities, logits, temperature=temperature)
    for one in (p, plain):
        if one is not None:
            assert np.allclose(one.sum(-1), 1)
            assert (one >= 0).all()
            drawn = draw(one, rng=rng())
            assert (np.take_along_axis(one, drawn[..., None], -1) > 0).all()


@given(anything)
def test_only_probabilities_are_drawn_from(p):
    drawn = result(draw, p, rng=rng())
    assert drawn is None or drawn.shape == np.shape(p)[:-1]


@given(streams, small, positive, small, small)
def test_models_write_and_are_scored(tokens, length, temperature, some, more):
    new = result(generate, MODEL, tokens, length, rng=rng(), temperature=temperature)
    assert new is None or (new.shape == (length,) and ((new >= 0) & (new < V)).all())
    for nats in (
        result(nats_per_token, MODEL, tokens, streams=some, warm_up=more),
        result(nats_in_windows, MODEL, tokens, some, B=more),
    ):
        assert nats is None or nats >= 0


@given(
    arrays("f8", (3, 4), elements=st.floats(-9, 9) | st.sampled_from([np.nan, -np.inf])),
    small,
    small,
    small,
    st.booleans(),
)
def test_searches_find_answers_or_say_that_there_is_none(table, start, length, width, several):
    def step(last, state):
        return table[last % 3], state

    state = np.zeros((2 if several else 1, 1))
    for answers in (
        result(greedy, step, state, start=0, length=length, end=start),
        result(beam_search, step, state, width, start=0, length=length, end=start),
    ):
        if answers is not None:
            assert answers.signs.shape == (length, len(answers.log_p))
            assert not np.isnan(answers.log_p).any()


@given(st.lists(streams, max_size=4), small, streams, small)
def test_words_and_pairs_are_numbered_once(texts, least, text, number):
    bag = result(WordsAndPairs.build, VOCABULARY, texts, min_texts=least)
    if bag is not None:
        found = result(bag.encode, text)
        assert found is None or all(isinstance(bag.name(int(k)), str) for k in found)
        assert found is None or (np.diff(found) > 0).all()
        result(bag.name, number)


@given(arrays("f8", (V, 3), elements=st.floats(-1e300, 1e300)), small, st.lists(st.sampled_from("abcdez"), min_size=3))
def test_neighbours_have_cosines(W, n, words):
    vectors = WordVectors(VOCABULARY, W)
    for near in (result(vectors.nearest, words[0], n), result(vectors.analogy, *words[:3], n)):
        if near is not None:
            cosines = [cosine for _, cosine in near]
            assert cosines == sorted(cosines, reverse=True)
            assert all(abs(cosine) <= 1 + 1e-9 for cosine in cosines)
            assert len(near) <= n
    one = result(vectors.similarity, words[0], words[0])
    assert one is None or np.isclose(one, 1) or not W[vectors.number(words[0])].any()


@given(anything, anything)
def test_vectors_that_are_none_are_refused(W, point):
    assert result(WordVectors, VOCABULARY, W) is None or np.isfinite(W).all()
    near = result(WordVectors(VOCABULARY, np.eye(V)).near, point, 2)
    assert near is None or np.shape(point) == (V,)


@given(st.lists(streams, max_size=3), anything, small, small, positive)
def test_skip_gram_batches_are_made_or_refused(texts, counts, reach, drawn, threshold):
    for given_counts in (counts, np.ones(V)):
        kept = result(subsample, texts[0] if texts else (), given_counts, threshold=threshold, rng=rng())
        assert kept is None or len(kept) <= len(texts[0])
        long = [np.tile(text, 40) if isinstance(text, np.ndarray) else text for text in texts]
        made = result(
            lambda long=long, c=given_counts: next(
                windows(long, c, reach=reach, drawn=drawn, batch=32, threshold=threshold, rng=rng())
            )
        )
        if made is not None:
            loss, _ = SkipGramLoss()(SkipGram.init(V, 2, rng=rng()), made)
            assert loss >= 0


@pytest.mark.parametrize("odd", range(3))
@given(thing=anything)
def test_negative_samples_fit_their_pairs(odd, thing):
    arguments = [np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 4, 3))]
    arguments[odd] = thing
    if isinstance(thing, np.ndarray) and thing.dtype.kind == "f" and not np.isfinite(thing).all():
        return
    got = result(negative_sampling, *arguments)
    assert got is None or got[0] >= 0


@given(streams)
def test_signs_are_those_of_dates(tokens):
    text = result(signs, tokens)
    assert text is None or set(text) <= set(SIGNS)


@given(reals(array_shapes(max_dims=3), 1e100))
def test_errors_have_a_root_mean_square(errors):
    assert (rmse(errors) >= 0).all()
