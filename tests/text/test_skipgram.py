"""Skip-gram: its gradient, its windows, its random words, and that it learns who stands near whom."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.sparse import RowAdagrad
from course_utils.text.skipgram import SkipGram, SkipGramLoss, Windows, negative_sampling, subsample, windows
from course_utils.train import fit

V, D = 9, 4


@pytest.fixture
def batch(rng):
    """Two blocks of 3 centres with 2 tokens on both sides, and 4 drawn words each; tokens repeat."""
    distance = np.abs(np.arange(3)[:, None] + 2 - np.arange(7))
    near = (distance > 0) & (distance <= 2) & (rng.random((2, 3, 7)) < 0.8)
    return Windows(rng.integers(0, V, size=(2, 7)), near, rng.integers(0, V, size=(2, 4)))


@pytest.fixture
def model(rng):
    return SkipGram(rng.normal(size=(V, D)), rng.normal(size=(V, D)))


def test_gradient_of_negative_sampling(rng):
    w, c, n = rng.normal(size=(5, D)), rng.normal(size=(5, D)), rng.normal(size=(5, 3, D))
    loss, *gradients = negative_sampling(w, c, n)
    sigma = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    by_hand = -sum(np.log(sigma(w[p] @ c[p])) + sum(np.log(sigma(-w[p] @ n[p, k])) for k in range(3)) for p in range(5))
    assert loss == pytest.approx(by_hand, rel=1e-12)
    for a, gradient in zip((w, c, n), gradients, strict=True):
        numerical = numerical_gradient(lambda: negative_sampling(w, c, n)[0], a)
        np.testing.assert_allclose(gradient, numerical, atol=1e-8)


def dense(model, gradient):
    """The rows as whole tables."""
    tables = [np.zeros_like(model.W), np.zeros_like(model.C)]
    for table, rows in zip(tables, gradient, strict=True):
        np.add.at(table, rows.numbers, rows.d)
    return tables


@pytest.mark.parametrize("k", [1, 5])
def test_the_fast_gradient_is_that_of_the_loss(model, batch, k):
    loss_of = SkipGramLoss(k)
    pairs = batch.near.sum()
    for table, gradient in zip((model.W, model.C), dense(model, loss_of(model, batch)[1]), strict=True):
        numerical = numerical_gradient(lambda: loss_of(model, batch)[0] * pairs, table)
        np.testing.assert_allclose(gradient, numerical, atol=1e-7)


def test_the_fast_loss_is_that_of_its_pairs_one_by_one(model, batch):
    """With k = K every pair has exactly the drawn words of its block, each with weight 1."""
    places = np.argwhere(batch.near)
    w = model.W[[batch.tokens[b, 2 + place] for b, place, _ in places]]
    c = model.C[[batch.tokens[b, j] for b, _, j in places]]
    n = model.C[batch.drawn[places[:, 0]]]
    loss, dw, dc, dn = negative_sampling(w, c, n)
    fast, gradient = SkipGramLoss(k=4)(model, batch)
    assert fast == pytest.approx(loss / len(places), rel=1e-12)
    dW, dC = dense(model, gradient)
    wanted_W, wanted_C = np.zeros_like(dW), np.zeros_like(dC)
    for (b, place, j), one, other in zip(places, dw, dc, strict=True):
        wanted_W[batch.tokens[b, 2 + place]] += one
        wanted_C[batch.tokens[b, j]] += other
    np.add.at(wanted_C, batch.drawn[places[:, 0]], dn)
    np.testing.assert_allclose(dW, wanted_W, atol=1e-12)
    np.testing.assert_allclose(dC, wanted_C, atol=1e-12)


def texts(rng, lengths=(300, 500, 200)):
    return [rng.integers(2, V, size=length) for length in lengths]


def test_windows_stay_within_their_text(rng):
    """Tokens that say which text they are from: no pair crosses, none is a token with itself, none is too far."""
    marked = [np.full(length, k + 2) for k, length in enumerate((300, 500, 200))]
    counts = np.array([0, 0, 300, 500, 200], float)
    batches = list(windows(marked, counts, reach=3, batch=128, drawn=7, threshold=1e9, rng=rng))
    assert len(batches) == (1000 - 6) // 128
    for batch in batches:
        blocks, place, other = np.nonzero(batch.near)
        assert (batch.tokens[blocks, place + 3] == batch.tokens[blocks, other]).all()
        distance = np.abs(place + 3 - other)
        assert set(distance) == {1, 2, 3}
        assert batch.near.shape == (4, 32, 38)
        assert batch.centres.shape == (4, 32)
        assert batch.drawn.shape == (4, 7)


def test_the_window_is_as_often_short_as_long(rng):
    """Reach 1, 2 and 3 with a third each: distance 1 always counts, distance 3 every third time."""
    many = [rng.integers(2, V, size=20_000, dtype=np.intp)]
    counts = np.bincount(many[0], minlength=V).astype(float)
    distances = [0, 0, 0, 0]
    for batch in windows(many, counts, reach=3, batch=1024, threshold=1e9, rng=rng):
        _, place, other = np.nonzero(batch.near)
        for d in (1, 2, 3):
            distances[d] += (np.abs(place + 3 - other) == d).sum()
    assert distances[2] / distances[1] == pytest.approx(2 / 3, abs=0.02)
    assert distances[3] / distances[1] == pytest.approx(1 / 3, abs=0.02)


def test_drawn_words_follow_the_counts_to_the_power_of_three_quarters(rng):
    counts = np.array([0, 0, 1, 16, 81], float)
    drawn = [b.drawn for b in windows([np.full(40_000, 4)], counts, batch=64, drawn=32, threshold=1e9, rng=rng)]
    shares = np.bincount(np.ravel(drawn), minlength=5) / np.size(drawn)
    np.testing.assert_allclose(shares, [0, 0, 1 / 36, 8 / 36, 27 / 36], atol=0.01)


def test_subsampling(rng):
    counts = np.array([0, 0, 100_000, 1_000, 100], float)
    tokens = np.repeat([1, 2, 3, 4], [1000, 50_000, 50_000, 1000])
    kept = np.bincount(tokens[subsample(tokens, counts, threshold=1e-3, rng=rng)], minlength=5)
    f = counts / counts.sum()
    wanted = np.sqrt(1e-3 / f[2:4]) + 1e-3 / f[2:4]  # for word 3 the second term is a fourth of the share
    np.testing.assert_allclose(kept[2:4] / 50_000, wanted, atol=0.01)
    assert kept[4] == 1000
    assert kept[1] == 0
    with pytest.raises(ValueError, match="wanted threshold > 0, got 0"):
        subsample(tokens, counts, threshold=0.0, rng=rng)


def test_the_start(rng):
    model = SkipGram.init(V, D, rng=rng)
    assert not model.W[0].any(), "padding"
    assert 0 < np.abs(model.W[1:]).max() <= 2 / D
    assert not model.C.any()
    assert model.W.dtype == np.float32


def test_every_pass_is_another_sample_of_windows(rng):
    counts = np.ones(V)
    counts[:2] = 0
    once, twice = (list(windows(texts(rng), counts, batch=128, epochs=e, threshold=1e9, rng=rng)) for e in (1, 2))
    assert len(twice) == 2 * len(once)
    np.testing.assert_array_equal(twice[0].tokens, twice[len(once)].tokens)  # here all tokens are kept
    assert not np.array_equal(twice[0].near, twice[len(once)].near)
    assert not np.array_equal(twice[0].drawn, twice[len(once)].drawn)


def test_too_little_text_is_refused(rng):
    with pytest.raises(ValueError, match="wanted at least 1034 tokens after subsampling, got"):
        next(windows(texts(rng), np.ones(V), rng=rng))
    with pytest.raises(ValueError, match="wanted k >= 1, got 0"):
        SkipGramLoss(0)


def test_words_that_share_their_neighbours_come_to_lie_together(rng):
    """Two kinds of sentences, told apart by their frames; the words within a frame are drawn at random."""
    kinds = np.array([[2, 3, 4, 5], [6, 7, 8, 9]])
    corpus = [rng.choice(kinds[rng.integers(2)], size=12) for _ in range(3_000)]
    counts = np.bincount(np.concatenate(corpus), minlength=10).astype(float)
    batches = windows(corpus, counts, reach=3, batch=256, drawn=16, epochs=2, threshold=1e9, rng=rng)
    start = SkipGram.init(10, 8, rng=rng)
    run = fit(start, SkipGramLoss(), batches, RowAdagrad(0.3), progress=None)
    unit = run.model.W[2:] / np.linalg.norm(run.model.W[2:], axis=1, keepdims=True)
    cosine = unit @ unit.T
    assert cosine[:4, :4].min() > cosine[:4, 4:].max() + 0.5
    assert np.mean(run.losses[-20:]) < 0.9 * run.losses[0]
    assert not start.C.any(), "the model that training started from is untouched"
