"""Arrays of wrong rank, kind or size, of no steps, with nan or far too large: layers, losses and mathematics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_utils.analysis.hidden_units import correlations
from course_utils.analysis.projection import principal_directions
from course_utils.analysis.timescales import half_life
from course_utils.gradcheck import compare, numerical_gradient
from course_utils.losses import binary_cross_entropy, cross_entropy
from course_utils.math import log_softmax, one_hot, sigmoid, softmax, softplus
from course_utils.optim import SGD, Adam
from course_utils.train import fit
from course_utils.tree import astype, leaves, norm
from tests.hard_use.strategies import anything, at_most, numbers, reals, result, sizes
from tests.layers.registry import LAYERS, D, V

shapes = array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)
rows = reals(array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5), 1e308)


def layer_of(name):
    return LAYERS[name].make(np.random.default_rng(0))


@pytest.mark.parametrize("name", LAYERS)
@at_most(20)
@given(x=anything, mask=st.one_of(st.none(), anything))
def test_a_layer_reads_what_fits_and_refuses_the_rest(name, x, mask):
    given = x.copy() if isinstance(x, np.ndarray) else None
    if isinstance(x, np.ndarray) and x.dtype.kind in "fc" and not np.all(np.abs(x) < 1e4):
        return  # nan and infinities: below
    passed = result(layer_of(name).forward, x, mask)
    if passed is not None:
        assert np.isfinite(passed[0]).all()
        assert passed[0].dtype.kind == "f"
    if given is not None:
        np.testing.assert_array_equal(x, given)


@pytest.mark.parametrize("name", LAYERS)
@at_most(20)
@given(
    T=st.integers(0, 3), batch=st.lists(st.integers(0, 3), max_size=2), seed=st.integers(0, 99), masked=st.booleans()
)
def test_no_steps_and_no_sequences_are_fine(name, T, batch, seed, masked):
    """Every shape, the empty ones too: y and all gradients have theirs."""
    rng = np.random.default_rng(seed)
    case, layer = LAYERS[name], layer_of(name)
    x = case.input(T, tuple(batch), rng=rng)
    mask = rng.random((T, *batch)) < 0.5 if masked else None
    passed = result(layer.forward, x, mask)
    if passed is None:
        assert case.pools, "only a mean over nothing is refused"
        return
    y, trace = passed
    assert np.isfinite(y).all()
    assert y.shape[:-1] == (tuple(batch) if case.pools else (T, *batch))
    dx, dlayer, dtrace = layer.backward(np.ones_like(y), trace)
    assert dx is None or dx.shape == x.shape
    for tree, gradient in ((layer, dlayer), (trace, dtrace)):
        for (key, a), (_, g) in zip(leaves(tree), leaves(gradient), strict=True):
            assert a.shape == g.shape, key
            assert g.dtype.kind != "f" or np.isfinite(g).all(), key


@pytest.mark.parametrize("name", LAYERS)
@at_most(20)
@given(dy=anything)
def test_a_gradient_of_another_shape_is_refused(name, dy):
    case, layer = LAYERS[name], layer_of(name)
    y, trace = layer.forward(case.input(2, (3,), rng=np.random.default_rng(0)))
    back = result(layer.backward, dy, trace)
    assert (back is None) == (not isinstance(dy, np.ndarray) or dy.shape != y.shape or dy.dtype.kind != "f")


@pytest.mark.parametrize("name", [name for name, case in LAYERS.items() if not case.tokens])
@at_most(20)
@given(t=st.integers(0, 4), b=st.integers(0, 1), d=st.integers(0, D - 1), masked=st.booleans())
def test_nan_is_passed_on_where_it_came_from_and_never_hidden(name, t, b, d, masked):
    """No layer makes a number of it (`fit` stops there, and says so), or lets it into another sequence; padding hides it."""
    case, layer = LAYERS[name], layer_of(name)
    x = case.input(5, (2,), rng=np.random.default_rng(0))
    mask = np.ones((5, 2), bool)
    mask[t, b] = not masked
    x[t, b, d] = np.nan
    y = layer.forward(x, mask)[0]
    other = y[..., 1 - b, :]
    assert np.isfinite(other).all()
    if not masked:
        assert np.isnan(y[..., b, :]).any() or name == "RNN relu" or case.pools


@given(rows)
def test_probabilities_of_any_scores(z):
    p, log_p = softmax(z), log_softmax(z)
    np.testing.assert_allclose(p.sum(-1), 1)
    assert (p >= 0).all()
    assert (log_p <= 0).all()
    assert not np.isnan(log_p).any()


@given(anything)
def test_scores_that_are_none_are_refused(z):
    for f in (softmax, log_softmax):
        p = result(f, z)
        assert p is None or p.shape == np.shape(z)


@given(reals(shapes, 1e308))
def test_sigmoid_and_softplus_never_overflow(z):
    assert ((sigmoid(z) >= 0) & (sigmoid(z) <= 1)).all()
    assert np.isfinite(softplus(z)).all()
    assert (softplus(z) >= 0).all()


@given(anything, sizes)
def test_one_hot_has_one_one_in_a_row(tokens, width):
    vectors = result(one_hot, tokens, width)
    if vectors is not None:
        assert vectors.shape == (*np.shape(tokens), width)
        assert (vectors.sum(-1) == 1).all()


@given(anything, anything, st.one_of(st.none(), anything))
def test_losses_are_numbers_or_refused(logits, targets, mask):
    for loss in (lambda: cross_entropy(logits, targets, mask), lambda: binary_cross_entropy(logits, targets)):
        if isinstance(logits, np.ndarray) and logits.dtype.kind == "f" and not np.isfinite(logits).all():
            continue
        got = result(loss)
        if got is not None:
            assert got[0] >= 0
            assert got[1].shape == np.shape(logits)


@given(reals(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 5)), 1e300), st.integers(0, 99))
def test_a_loss_is_never_negative_and_its_gradient_sums_to_zero(logits, seed):
    rng = np.random.default_rng(seed)
    *N, width = logits.shape
    mask = rng.random(N) < 0.7
    targets = rng.integers(0, width, N)
    got = result(cross_entropy, logits, targets, mask)
    assert (got is None) == (not mask.any())
    if got is not None:
        loss, dlogits = got
        assert loss >= 0
        np.testing.assert_allclose(dlogits.sum(-1), 0, atol=1e-12)
        assert not dlogits[~mask].any()
    loss, dlogits = binary_cross_entropy(logits, rng.integers(0, 2, logits.shape))
    assert loss >= 0
    assert (np.abs(dlogits) <= 1).all()


@given(anything, numbers)
def test_a_numerical_gradient_wants_an_array_of_floats(a, eps):
    before = a.copy() if isinstance(a, np.ndarray) else None
    with np.errstate(all="ignore"):  # of nan and inf in a
        gradient = result(numerical_gradient, lambda: float(np.sum(a)), a, eps)
    assert gradient is None or gradient.shape == a.shape
    if before is not None:
        np.testing.assert_array_equal(a, before, "every entry was put back")


@given(reals((3,)), st.sampled_from([0, 1, 2]))
def test_a_gradient_with_nan_never_agrees(want, k):
    got = want.copy()
    got[k] = np.nan
    assert not compare("x", got, want).error < 1e300


@given(anything, numbers)
def test_directions_of_a_cloud(X, K):
    found = result(principal_directions, X, K)
    if found is not None:
        np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(K), atol=1e-5)
        assert found.share.sum() <= 1 + 1e-6


@given(anything, reals(shapes, 2), reals(st.tuples(st.integers(0, 5))))
def test_what_units_keep(keep, h, values):
    for gate in (keep, np.abs(h) / 2):
        life = result(half_life, gate)
        assert life is None or (life >= 0).all()
    r = result(correlations, h, values)
    assert r is None or (np.abs(r) <= 1 + 1e-9).all()


@given(st.lists(st.sampled_from([0.5, 1e200, np.nan, np.inf]), max_size=4), st.sampled_from([SGD, Adam]))
def test_training_stops_at_the_first_loss_that_is_no_number(losses, optimizer):
    layer = layer_of("Linear")
    run = result(fit, layer, lambda model, loss: (loss, astype(model, float)), losses, optimizer(0.1), progress=None)
    assert (run is None) == (not np.isfinite(losses).all())
    assert run is None or run.losses == losses


@given(arrays("f8", st.integers(0, 6), elements=st.floats(width=64)))
def test_a_norm_neither_overflows_nor_vanishes(a):
    length = norm(a)
    if np.isfinite(a).all():
        top = np.abs(a).max(initial=0)
        assert top <= length * (1 + 1e-15)
        assert length / 3 <= top or length == np.inf, "of at most 6 numbers"
        assert length < np.inf or top > 1e307
    else:
        assert not np.isfinite(length)


@given(anything)
def test_tokens_are_whole_numbers_below_V(tokens):
    for name in ("Embedding", "language model", "transformer language model"):
        passed = result(layer_of(name).forward, tokens)
        if passed is not None:
            assert np.asarray(tokens).dtype.kind in "iu"
            assert np.asarray(tokens).max(initial=0) < V
