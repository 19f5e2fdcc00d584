"""Attention with queries, keys and values of their own: weights by hand, what is hidden, and widths that differ."""

import autograd
import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.layers.attention import AdditiveAttention, DotProductAttention
from course_utils.tree import astype, leaves
from tests.layers import reference

T, S, D, K, D_v, H = 3, 5, 4, 2, 6, 7
LAYERS = {
    "dot product": lambda rng: DotProductAttention(),
    "dot product, unscaled": lambda rng: DotProductAttention(1.0),
    "additive": lambda rng: AdditiveAttention.init(D, K, H, rng=rng),
}
BATCHES = [(), (2,), (2, 3)]


@pytest.fixture(params=LAYERS)
def layer(request, rng):
    return LAYERS[request.param](rng)


def qkv(layer, batch, rng):
    width = K if isinstance(layer, AdditiveAttention) else D
    return [rng.normal(size=(steps, *batch, features)) for steps, features in ((T, D), (S, width), (S, D_v))]


def some_hidden(batch, rng):
    """At least one sequence sees nothing at all."""
    mask = rng.random((S, *batch)) < 0.6
    mask[:, *[0] * len(batch)] = False
    return mask


def test_weights_by_hand():
    q, k, v = (
        np.array([[2.0, 0.0]]),
        np.array([[1.0, 5.0], [0.0, 7.0], [-1.0, 0.0]]),
        np.array([[1.0], [10.0], [100.0]]),
    )
    y, trace = DotProductAttention().forward(q, k, v)
    np.testing.assert_allclose(trace.scores, [[2**0.5, 0, -(2**0.5)]])
    e = np.exp([2**0.5, 0, -(2**0.5)])
    np.testing.assert_allclose(trace.a, [e / e.sum()])
    np.testing.assert_allclose(y, [[(e * [1, 10, 100]).sum() / e.sum()]])


def test_additive_scores_by_hand(rng):
    layer = AdditiveAttention.init(D, K, H, rng=rng)
    q, k, v = qkv(layer, (), rng)
    _, trace = layer.forward(q, k, v)
    for t in range(T):
        for s in range(S):
            h = np.tanh(q[t] @ layer.W_q + k[s] @ layer.W_k)
            np.testing.assert_allclose(trace.h[t, s], h)
            np.testing.assert_allclose(trace.scores[t, s], h @ layer.w_v)


@pytest.mark.parametrize(
    ("batch", "causal", "hidden"),
    [((), False, False), ((), True, True), ((2,), True, False), ((2,), False, True), ((2, 3), True, True)],
    ids=str,
)
def test_backward_equals_finite_differences(layer, batch, causal, hidden, rng):
    inputs, mask = qkv(layer, batch, rng), some_hidden(batch, rng) if hidden else None
    y, trace = layer.forward(*inputs, mask, causal=causal)
    dy = rng.normal(size=y.shape)

    def fake_loss():
        return float((layer.forward(*inputs, mask, causal=causal)[0] * dy).sum())

    gradients, dlayer, dtrace = layer.backward(dy, trace)
    for x, gradient, also in zip(inputs, gradients, (dtrace.q, dtrace.k, dtrace.v), strict=True):
        np.testing.assert_allclose(gradient, numerical_gradient(fake_loss, x), atol=1e-8)
        assert also is gradient
    found = dict(leaves(dlayer))
    for name, parameter in leaves(layer):
        np.testing.assert_allclose(found[name], numerical_gradient(fake_loss, parameter), atol=1e-8, err_msg=name)


@pytest.mark.parametrize("batch", BATCHES, ids=str)
@pytest.mark.parametrize("causal", [False, True])
def test_weights_scores_and_all_else_in_the_trace_against_autograd(layer, batch, causal, rng):
    inputs, mask = qkv(layer, batch, rng), some_hidden(batch, rng)
    y, trace = layer.forward(*inputs, mask, causal=causal)
    dy = rng.normal(size=y.shape)
    compute = reference.additive if isinstance(layer, AdditiveAttention) else reference.dot_product
    probes = {name: np.zeros(a.shape) for name, a in leaves(trace) if a.dtype == float}

    def projection(probe):
        return (compute(layer, dict(leaves(layer)), inputs, mask, probe, causal) * dy).sum()

    wanted, dtrace = autograd.grad(projection)(probes), layer.backward(dy, trace)[2]
    assert set(probes) == {name for name, a in leaves(dtrace) if a.dtype == float}
    for name in probes:
        np.testing.assert_allclose(getattr(dtrace, name), wanted[name], atol=1e-10, err_msg=name)


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_rows_of_weights_sum_to_1_and_what_is_hidden_has_0(layer, batch, rng):
    inputs, mask = qkv(layer, batch, rng), some_hidden(batch, rng)
    _, trace = layer.forward(*inputs, mask)
    assert trace.a.shape == trace.scores.shape == (*batch, T, S)
    seen = np.broadcast_to(np.moveaxis(mask, 0, -1)[..., None, :], trace.a.shape)
    np.testing.assert_allclose(trace.a.sum(-1), seen.any(-1), atol=1e-12)
    assert (trace.a[seen] > 0).all()
    assert not trace.a[~seen].any()
    assert np.isneginf(trace.scores[~seen]).all()


def test_who_may_look_nowhere_gets_0_and_moves_nothing(layer, rng):
    inputs = qkv(layer, (2,), rng)
    mask = np.repeat([[False, True]], S, axis=0)
    y, trace = layer.forward(*inputs, mask)
    gradients, dlayer, dtrace = layer.backward(np.ones_like(y), trace)
    assert not y[:, 0].any()
    for gradient in gradients:
        assert not gradient[:, 0].any()
        assert gradient[:, 1].any()
    assert all(np.isfinite(a).all() for _, a in leaves((dlayer, dtrace)))


def test_causal_order_lines_up_at_the_end(layer, rng):
    """The last query sees all; with as many queries as keys, query t sees keys 0 to t."""
    q, k, v = qkv(layer, (2,), rng)
    queries = rng.normal(size=(S, 2, D))
    y, whole = layer.forward(queries, k, v, causal=True)
    np.testing.assert_array_equal(whole.a[0] > 0, np.tri(S, dtype=bool))
    last, few = layer.forward(queries[-T:], k, v, causal=True)
    np.testing.assert_allclose(last, y[-T:], atol=1e-12)
    np.testing.assert_array_equal(few.a > 0, whole.a[:, -T:] > 0)
    more, many = layer.forward(np.concatenate([q, queries]), k, v, causal=True)
    np.testing.assert_allclose(more[T:], y, atol=1e-12)
    assert not more[:T].any(), "queries before the first key see nothing"
    assert not many.a[:, :T].any()


def test_order_of_the_source_does_not_matter(layer, rng):
    q, k, v = qkv(layer, (2,), rng)
    order, mask = rng.permutation(S), some_hidden((2,), rng)
    y, trace = layer.forward(q, k, v, mask)
    again, other = layer.forward(q, k[order], v[order], mask[order])
    np.testing.assert_allclose(again, y, atol=1e-12)
    np.testing.assert_allclose(other.a, trace.a[..., order], atol=1e-12)


def test_the_scale_keeps_the_variance_of_the_scores(rng):
    for width in (4, 64, 512):
        q, k = rng.normal(size=(2, 200, width))
        _, scaled = DotProductAttention().forward(q, k, k)
        _, unscaled = DotProductAttention(1.0).forward(q, k, k)
        assert scaled.scores.var() == pytest.approx(1, rel=0.15)
        np.testing.assert_allclose(unscaled.scores, scaled.scores * width**0.5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_scores_neither_overflow_nor_lose_their_row(dtype):
    q, k = np.array([[1000.0], [-1000.0]], dtype), np.array([[1000.0], [0.0], [-1000.0]], dtype)
    y, trace = DotProductAttention(1.0).forward(q, k, np.eye(3, dtype=dtype))
    np.testing.assert_array_equal(trace.a, [[1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(y, trace.a)
    assert y.dtype == dtype


def test_many_rows_are_the_same_as_few(rng):
    """More scores than are turned into weights at once."""
    q, k, v = rng.normal(size=(3, 300, 2, D))
    y, trace = DotProductAttention().forward(q, k, v, causal=True)
    for t in (0, 150, 299):
        alone, _ = DotProductAttention().forward(q[t : t + 1], k[: t + 1], v[: t + 1])
        np.testing.assert_allclose(y[t], alone[0], atol=1e-12)
    np.testing.assert_allclose(trace.a.sum(-1), 1)


@pytest.mark.parametrize("scale", [None, 0.5, np.float64(0.5)])
def test_float32_stays_float32(scale, rng):
    q, k, v = astype(tuple(qkv(DotProductAttention(), (2,), rng)), np.float32)
    y, trace = (layer := DotProductAttention(scale)).forward(q, k, v)
    found = (y, trace, *layer.backward(y, trace))
    assert {a.dtype for _, a in leaves(found)} == {np.dtype(np.float32)}


def test_no_steps(layer, rng):
    q, k, v = qkv(layer, (2,), rng)
    assert layer.forward(q[:0], k, v)[0].shape == (0, 2, D_v)
    y, trace = layer.forward(q, k[:0], v[:0])
    assert y.shape == (T, 2, D_v)
    assert not y.any()
    assert trace.a.shape == (2, T, 0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda q, k, v: (q.astype(int), k, v), r"wanted q of float numbers \(T \*B D"),
        (lambda q, k, v: (q, k[..., :-1], v), r"wanted k of float numbers of shape \(5, 2, \d\), got .*\(5, 2, \d\)"),
        (lambda q, k, v: (q, k[:, :1], v), r"wanted k of float numbers of shape \(5, 2, \d\), got .*\(5, 1, \d\)"),
        (lambda q, k, v: (q, k, v[:-1]), r"wanted v of float numbers of shape \(5, 2, 6\), got .*\(4, 2, 6\)"),
        (lambda q, k, v: (q, k, v, np.ones((T, 2), bool)), r"wanted mask of bool numbers of shape \(5, 2\)"),
        (lambda q, k, v: (q, k, v, np.ones((S, 2))), r"wanted mask of bool numbers of shape \(5, 2\), got float64"),
    ],
)
def test_what_does_not_fit_together_is_refused(layer, wrong, said, without_type_checks, rng):
    with pytest.raises(ValueError, match=rf"{type(layer).__name__}\.forward: {said}"):
        layer.forward(*wrong(*qkv(layer, (2,), rng)))


def test_a_wrong_dy_is_refused(layer, without_type_checks, rng):
    y, trace = layer.forward(*qkv(layer, (2,), rng))
    with pytest.raises(ValueError, match=rf"{type(layer).__name__}\.backward: wanted dy of float numbers of shape"):
        layer.backward(y[:-1], trace)


@pytest.mark.parametrize("anything", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("alone", [False, True], ids=["some", "all of one source"])
def test_keys_and_values_of_padded_steps_may_hold_anything(layer, anything, alone, rng):
    q, k, v = qkv(layer, (2,), rng)
    mask = rng.random(k.shape[:-1]) < 0.5
    mask[:, 0] &= not alone

    def run(at_padding):
        given = (np.where(mask[..., None], z, at_padding) for z in (k, v))
        y, trace = layer.forward(q, *given, mask)
        dqkv, dlayer, _ = layer.backward(np.ones_like(y), trace)
        return [y, *dqkv, *(a for _, a in leaves(dlayer))]

    for got, want in zip(run(anything), run(0.0), strict=True):
        np.testing.assert_array_equal(got, want)
        assert np.isfinite(got).all()
