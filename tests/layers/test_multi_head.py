"""Heads are attentions side by side; a source, and keys and values that were computed before."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.layers.attention import DotProductAttention
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.tree import count, leaves, tree_map

T, S, B, D, N = 4, 6, 2, 6, 3


@pytest.fixture
def layer(rng):
    return tree_map(lambda a: a + rng.normal(size=a.shape), MultiHeadAttention.init(D, N, rng=rng))


@pytest.fixture
def x(rng):
    return rng.normal(size=(T, B, D))


def test_each_head_is_an_attention_of_its_own_columns(layer, x, rng):
    mask = rng.random((T, B)) < 0.8
    y, trace = layer.forward(x, mask, causal=True)
    assert trace.a.shape == (B, N, T, T)
    heads = []
    for n, columns in enumerate(np.split(np.arange(D), N)):
        q = x @ layer.W_q[:, columns] + layer.b_q[columns]
        k = x @ layer.W_k[:, columns]
        v = x @ layer.W_v[:, columns] + layer.b_v[columns]
        head, alone = DotProductAttention().forward(q, k, v, mask, causal=True)
        np.testing.assert_allclose(trace.a[:, n], alone.a, atol=1e-12)
        heads.append(head)
    np.testing.assert_allclose(y, np.concatenate(heads, -1) @ layer.W_o + layer.b_o)


def test_a_bias_of_the_keys_would_change_nothing(layer, x, rng):
    q, k, v = (rng.normal(size=(T, B, D)) for _ in range(3))
    y, _ = DotProductAttention().forward(q, k, v)
    np.testing.assert_allclose(DotProductAttention().forward(q, k + rng.normal(size=D), v)[0], y)


@pytest.mark.parametrize("batch", [(), (B,), (2, 3)], ids=str)
@pytest.mark.parametrize("hidden", [False, True])
def test_gradients_of_x_and_of_the_source(layer, batch, hidden, rng):
    x, source = rng.normal(size=(T, *batch, D)), rng.normal(size=(S, *batch, D))
    mask = rng.random((S, *batch)) < 0.6 if hidden else None
    y, trace = layer.forward(x, mask, source=source)
    dy = rng.normal(size=y.shape)

    def fake_loss():
        return float((layer.forward(x, mask, source=source)[0] * dy).sum())

    dx, dlayer, dtrace = layer.backward(dy, trace)
    np.testing.assert_allclose(dx, numerical_gradient(fake_loss, x), atol=1e-7)
    np.testing.assert_allclose(dtrace.source, numerical_gradient(fake_loss, source), atol=1e-7)
    found = dict(leaves(dlayer))
    for name, parameter in leaves(layer):
        np.testing.assert_allclose(found[name], numerical_gradient(fake_loss, parameter), atol=1e-7, err_msg=name)


def test_x_as_its_own_source_is_self_attention(layer, x, rng):
    y, trace = layer.forward(x)
    dy = rng.normal(size=y.shape)
    crossed, cross = layer.forward(x, source=x)
    np.testing.assert_array_equal(crossed, y)
    dx, _, dtrace = layer.backward(dy, trace)
    dx_of_queries, _, dcross = layer.backward(dy, cross)
    np.testing.assert_allclose(dx, dx_of_queries + dcross.source, atol=1e-12)
    assert dtrace.source is None


def test_two_parts_with_the_state_carried_over_equal_the_whole(layer, x, rng):
    mask = rng.random((T, B)) < 0.8
    y, whole = layer.forward(x, mask, causal=True)
    first, before = layer.forward(x[:1], mask[:1], causal=True)
    second, after = layer.forward(x[1:], mask, causal=True, state=before.state)
    np.testing.assert_allclose(np.concatenate([first, second]), y, atol=1e-12)
    for got, want in zip(after.state, whole.state, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-12)


def test_gradient_through_and_of_a_state(layer, x, rng):
    state = tuple(rng.normal(size=(3, B, N, D // N)) for _ in range(2))
    y, trace = layer.forward(x, causal=True, state=state)
    dy = rng.normal(size=y.shape)

    def fake_loss():
        return float((layer.forward(x, causal=True, state=state)[0] * dy).sum())

    dx, dlayer, dtrace = layer.backward(dy, trace)
    np.testing.assert_allclose(dx, numerical_gradient(fake_loss, x), atol=1e-7)
    for before, gradient in zip(state, (dtrace.heads.k, dtrace.heads.v), strict=True):
        np.testing.assert_allclose(gradient[:3], numerical_gradient(fake_loss, before), atol=1e-7)
    found = dict(leaves(dlayer))
    for name, parameter in leaves(layer):
        np.testing.assert_allclose(found[name], numerical_gradient(fake_loss, parameter), atol=1e-7, err_msg=name)


def test_init_counts_and_scales(rng):
    layer = MultiHeadAttention.init(8, 4, rng=rng, dtype=np.float32)
    assert count(layer) == 4 * 8 * 8 + 3 * 8
    assert layer.N == 4
    assert {a.dtype for _, a in leaves(layer)} == {np.dtype(np.float32)}
    small = MultiHeadAttention.init(8, 4, rng=np.random.default_rng(3), scale=0.1)
    large = MultiHeadAttention.init(8, 4, rng=np.random.default_rng(3))
    np.testing.assert_allclose(small.W_o, 0.1 * large.W_o)
    np.testing.assert_array_equal(small.W_q, large.W_q)
    wide = MultiHeadAttention.init(256, 4, rng=rng)
    assert wide.W_q.var() == pytest.approx(1 / 256, rel=0.05)


@pytest.mark.parametrize("heads", [0, -2, 4, 7])
def test_heads_that_do_not_divide_the_width_are_refused(heads, rng):
    with pytest.raises(ValueError, match=rf"wanted (heads that divide the width D = 6|N >= 1), got {heads}"):
        MultiHeadAttention.init(D, heads, rng=rng)


def test_a_source_or_a_mask_of_another_shape_is_refused(layer, x, without_type_checks, rng):
    with pytest.raises(
        ValueError, match=r"MultiHeadAttention\.forward: wanted source .* \(6, 2, 6\), got .*\(6, 1, 6\)"
    ):
        layer.forward(x, source=rng.normal(size=(S, 1, D)))
    with pytest.raises(ValueError, match=r"MultiHeadAttention\.forward: wanted mask of bool numbers of shape \(6, 2\)"):
        layer.forward(x, np.ones((T, B), bool), source=rng.normal(size=(S, B, D)))


ANYTHING = [np.nan, np.inf, -np.inf, 1e300]


def everything(layer, x, mask, dy, **settings):
    """Output and all gradients of a pass, that of a source and of a state, too."""
    y, trace = layer.forward(x, mask, **settings)
    dx, dlayer, dtrace = layer.backward(dy, trace)
    found = {"y": y, "dx": dx} | dict(leaves(dlayer))
    return found | {"source": dtrace.source, "k": dtrace.heads.k, "v": dtrace.heads.v}


def the_same(got, want, real=...):
    for key, a in want.items():
        if a is not None:
            at = real if key in ("y", "dx") else ...
            np.testing.assert_array_equal(got[key][at], a[at], err_msg=key)
            assert np.isfinite(got[key][at]).all(), key


@pytest.mark.parametrize("anything", ANYTHING)
def test_padded_steps_of_a_source_may_hold_anything(layer, x, anything, rng):
    mask = rng.random((S, B)) < 0.5
    source, dy = rng.normal(size=(S, B, D)), rng.normal(size=x.shape)
    hidden = ~mask[..., None]
    got, want = (everything(layer, x, mask, dy, source=np.where(hidden, a, source)) for a in (anything, 0.0))
    the_same(got, want)
    assert not got["source"][~mask].any()


def test_a_step_of_x_that_is_nan_is_seen_though_the_source_is_padded_there(layer, x, rng):
    """The mask is that of the source: what the query holds is never hidden."""
    mask = np.ones((T, B), bool)
    mask[1, 0] = False
    x[1, 0] = np.nan
    y = layer.forward(x, mask, source=rng.normal(size=x.shape))[0]
    assert np.isnan(y[1, 0]).all()
    assert np.isfinite(np.delete(y, 1, 0)).all()


@pytest.mark.parametrize("anything", ANYTHING)
def test_padded_steps_of_a_state_and_of_x_may_hold_anything(layer, x, anything, rng):
    mask = rng.random((2 + T, B)) < 0.6
    state, dy = rng.normal(size=(2, 2, B, N, D // N)), rng.normal(size=x.shape)

    def run(a):
        k, v = np.where(mask[:2, ..., None, None], state, a)
        given, dgiven = (np.where(mask[2:, ..., None], z, a) for z in (x, dy))
        return everything(layer, given, mask, dgiven, state=(k, v), causal=True)

    got = run(anything)
    the_same(got, run(0.0), mask[2:])
    assert not got["dx"][~mask[2:]].any()
