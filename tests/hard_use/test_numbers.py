"""Sizes, rates, temperatures and orders: every number is either sensible and does what it says, or refused by name."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.dates import draw_dates, draw_lines
from course_utils.data.tasks import adding, at_places, brackets, delayed_recall
from course_utils.experiments.cliff import Cliff
from course_utils.layers.attention import AdditiveAttention
from course_utils.layers.dropout import Dropout
from course_utils.layers.embedding import Embedding
from course_utils.layers.feed_forward import FeedForward
from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.positions import PositionEmbedding
from course_utils.layers.rnn import RNN
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.models.encoder_decoder import EncoderDecoder
from course_utils.models.equal_size import equal_width
from course_utils.models.perplexity import bits, perplexity
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.transformer import TransformerClassifier, TransformerLanguageModel
from course_utils.optim import SGD, Adam, clip_norm, clip_value
from course_utils.schedules import drop, warmup_cosine
from course_utils.series.autocorrelation import white_noise_band
from course_utils.sparse import RowAdagrad
from course_utils.text.skipgram import SkipGram
from course_utils.tree import count, leaves
from tests.hard_use.strategies import at_most, mostly, numbers, positive, result, small

rng = np.random.default_rng(0)  # what is drawn plays no part here
INITS = {
    "Embedding": lambda *n: Embedding.init(n[0], n[1], rng=rng),
    "Linear": lambda *n: Linear.init(n[0], n[1], rng=rng),
    "RNN": lambda *n: RNN.init(n[0], n[1], rng=rng),
    "GRU": lambda *n: GRU.init(n[0], n[1], rng=rng),
    "ResetAfterGRU": lambda *n: ResetAfterGRU.init(n[0], n[1], rng=rng),
    "LSTM": lambda *n: LSTM.init(n[0], n[1], rng=rng),
    "LayerNorm": lambda *n: LayerNorm.init(n[0]),
    "FeedForward": lambda *n: FeedForward.init(n[0], n[1], rng=rng),
    "AdditiveAttention": lambda *n: AdditiveAttention.init(n[0], n[1], n[2], rng=rng),
    "MultiHeadAttention": lambda *n: MultiHeadAttention.init(n[0], n[1], rng=rng),
    "PositionEmbedding": lambda *n: PositionEmbedding.init(n[0], n[1], rng=rng),
    "TransformerBlock": lambda *n: TransformerBlock.init(n[0], n[1], n[2], rng=rng),
    "Transformer": lambda *n: Transformer.init(n[0], n[1], n[2], n[3], rng=rng),
    "SkipGram": lambda *n: SkipGram.init(n[0], n[1], rng=rng),
    "RecurrentLanguageModel": lambda *n: RecurrentLanguageModel.init(
        n[0], n[1], GRU.init(n[1], n[2], rng=rng), n[2], rng=rng
    ),
    "TransformerLanguageModel": lambda *n: TransformerLanguageModel.init(n[0], n[1], n[2], 1, n[3], rng=rng),
    "TransformerClassifier": lambda *n: TransformerClassifier.init(n[0], n[1], 1, n[2], n[3], rng=rng),
    "EncoderDecoder": lambda *n: EncoderDecoder.init(n[0], n[1], n[2], n[3], attention="dot", rng=rng),
}


@given(st.sampled_from(sorted(INITS)), st.tuples(small, small, small, small))
def test_layers_are_made_of_whole_numbers_above_zero(name, n):
    layer = result(INITS[name], *n)
    if layer is not None:
        assert count(layer) > 0
        assert all(np.isfinite(array).all() for _, array in leaves(layer))


@given(positive, mostly(st.floats(0, 0.99), numbers), positive)
def test_optimisers_take_rates_above_zero(lr, beta, eps):
    for make in (
        lambda: SGD(lr),
        lambda: Adam(lr, beta, beta, eps),
        lambda: RowAdagrad(lr),
    ):
        optimizer = result(make)
        assert optimizer is None or (0 < optimizer.lr < np.inf and 0 <= getattr(optimizer, "beta1", 0) < 1)
    gradient = Linear(np.array([[3.0, -4.0]]), np.zeros(2))
    for clip in (clip_norm, clip_value):
        clipped = result(clip, gradient, lr)
        assert clipped is None or np.abs(clipped.W).max() <= lr * (1 + 1e-12)


@given(small, mostly(st.integers(7, 99), numbers), mostly(st.floats(0.01, 1), numbers), small)
def test_schedules_give_factors_above_zero(warmup, steps, floor, step):
    for make in (lambda: warmup_cosine(warmup, steps, floor=floor), lambda: drop({5: floor}, warmup=warmup)):
        schedule = result(make)
        factor = schedule and result(schedule, step)
        assert factor is None or 0 < factor <= 1 + 1e-12


@given(small, small, small, small, st.tuples(small, small))
def test_tasks_are_made_as_asked_for(T, B, delay, symbols, places):
    for make in (
        lambda: delayed_recall(delay, B, rng=rng, symbols=symbols),
        lambda: at_places(places, T, B, rng=rng, symbols=symbols),
        lambda: brackets(T, B, rng=rng, p_open=delay),
    ):
        task = result(make)
        if task is not None:
            assert task.x.shape == task.y.shape == task.mask.shape == (len(task.x), B)
            assert task.x.min() >= 0 <= task.y.min()
    task = result(adding, T, B, rng=rng)
    assert task is None or (task.x.shape == (T, B, 2) and (task.x[..., 1].sum(0) == 2).all())


@given(numbers.filter(lambda nats: not 1e300 < abs(float(nats)) < np.inf))
def test_nats_become_bits_and_choices(nats):
    assert np.isclose(bits(float(nats)) * np.log(2), nats, equal_nan=True)
    choices = perplexity(float(nats))
    assert choices >= 0 or np.isnan(nats)


@given(small, mostly(st.integers(2, 200), numbers), small)
def test_small_counts_and_bands(T, H, outputs):
    band = result(white_noise_band, T)
    assert band is None or band > 0
    width = result(equal_width, T, min(H, 200), outputs)
    assert width is None or 1 <= width < H


@given(small, small, mostly(st.floats(0, 0.99), numbers))
def test_dropout_draws_shapes_and_rates(T, H, rate):
    dropout = result(Dropout.draw, (T, H), rate, rng=rng)
    if dropout is not None:
        assert np.isfinite(dropout.apply(np.ones((T, H)))).all()


@given(small, small, small)
def test_dates_are_drawn(N, least, most):
    days = [date(2024, 2, 29)]
    pairs = result(draw_dates, N, days, rng=rng)
    assert pairs is None or pairs.isos == ("2024-02-29",) * N
    lines = result(draw_lines, N, days, least=least, most=min(most, 5), rng=rng)
    assert lines is None or all(least <= text.count("-") / 2 <= most for text in lines.isos)


@at_most(50)
@given(small, mostly(st.floats(-1, 1), numbers), positive, positive, positive, small, positive)
def test_the_cliff_is_descended_or_refused(T, h_0, target, w, lr, steps, c):
    cliff = result(Cliff, T, h_0, target)
    if cliff is not None:
        w = float(w)
        descent = result(cliff.descend, (w, 0.5), lr, steps, c)
        assert descent is None or not np.isnan(descent.loss).any()


@given(st.sampled_from(["tanh", "relu", "identity", "", "TANH", None, 3]), numbers)
def test_an_rnn_has_the_radius_asked_for(activation, radius):
    rnn = result(RNN.init, 2, 3, rng=np.random.default_rng(0), activation=activation, radius=radius)
    if rnn is not None:
        got = np.abs(np.linalg.eigvals(rnn.W_hh)).max()
        assert np.isclose(got, radius, rtol=1e-6)
