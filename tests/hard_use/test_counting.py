"""Everything that counts words, samples, scores, searches or compares vectors: right, or refused in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_utils.layers.rnn import RNN
from course_utils.models.beam_search import beam_search, greedy
from course_utils.models.perplexity import nats_in_windows, nats_per_token
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.sampling import draw, generate, next_token_probabilities
from course_utils.text.bag import WordsAndPairs
from course_utils.text.kneser_ney import KneserNey, ModifiedKneserNey
from course_utils.text.ngram import NGrams
from course_utils.text.skipgram import SkipGram, SkipGramLoss, negative_sampling, subsample, windows
from course_utils.text.smoothing import MLE, AddK, BackOff
from course_utils.text.vocabulary import Vocabulary
from course_utils.text.word_vectors import WordVectors
from tests.hard_use.strategies import (
    anything,
    at_most,
    mostly,
    numbers,
    positive,
    result,
    rng,
    sizes,
    small,
    streams,
)

V = 7
VOCABULARY = Vocabulary.build([list("aaabbbccdde")])
MODEL = RecurrentLanguageModel.init(V, 2, RNN.init(2, 2, rng=np.random.default_rng(0)), 2, rng=np.random.default_rng(0))


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
