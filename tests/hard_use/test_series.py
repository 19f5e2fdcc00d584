"""Series of numbers, and texts as tokens on their way into batches: right, or refused in words."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_utils.data.date_batches import SIGNS, signs
from course_utils.series.autocorrelation import autocorrelation, mutual_information
from course_utils.series.autoregression import Autoregression, backtest, lagged, persistence, rmse, time_split
from course_utils.text.batching import align, buckets, minibatches, random_partition, sequential_partition, truncate
from course_utils.text.stream import join
from tests.hard_use.strategies import (
    anything,
    mostly,
    numbers,
    reals,
    result,
    rng,
    small,
    streams,
    token_arrays,
)

series = arrays("f8", st.integers(0, 30), elements=st.one_of(st.floats(-1e300, 1e300), st.integers(-2, 2)))


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
    short = result(truncate, tokens, length, at)
    if short is not None:
        assert len(short) == min(len(tokens), length)
        np.testing.assert_array_equal(short, tokens[:length] if at == "back" else tokens[len(tokens) - len(short) :])


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


@given(streams)
def test_signs_are_those_of_dates(tokens):
    text = result(signs, tokens)
    assert text is None or set(text) <= set(SIGNS)


@given(reals(array_shapes(max_dims=3), 1e100))
def test_errors_have_a_root_mean_square(errors):
    assert (rmse(errors) >= 0).all()
