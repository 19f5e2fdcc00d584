"""What is special about a transformer: the past cannot see the future, order needs positions, x goes straight through."""

import numpy as np
import pytest

from course_utils.gradcheck import gradcheck
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.tree import count, leaves, tree_map

T, B, D, N, H = 6, 2, 4, 2, 5


def shaken(layer, rng):
    return tree_map(lambda a: a + 0.3 * rng.normal(size=a.shape), layer)


@pytest.fixture(params=["block", "two blocks"])
def layer(request, rng):
    made = (
        TransformerBlock.init(D, N, H, rng=rng) if request.param == "block" else Transformer.init(D, 2, N, H, rng=rng)
    )
    return shaken(made, rng)


@pytest.fixture
def x(rng):
    return rng.normal(size=(T, B, D))


@pytest.mark.parametrize("t", range(T))
def test_the_past_does_not_change_when_the_future_does(layer, x, t, rng):
    y, trace = layer.forward(x, causal=True)
    changed = np.concatenate([x[: t + 1], rng.normal(size=(T - t - 1, B, D))])
    np.testing.assert_array_equal(layer.forward(changed, causal=True)[0][: t + 1], y[: t + 1])
    np.testing.assert_allclose(layer.forward(x[: t + 1], causal=True)[0], y[: t + 1], atol=1e-12)
    dy = np.zeros_like(y)
    dy[t] = 1
    dx, _, _ = layer.backward(dy, trace)
    assert not dx[t + 1 :].any(), "nor does a loss at step t depend on what comes later"
    assert dx[: t + 1].any(axis=(1, 2)).all(), "but on every step until then"


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.usefixtures("without_type_checks")
def test_backward_equals_finite_differences(layer, x, masked, rng):
    mask = np.arange(T)[:, None] < [4, T] if masked else None
    report = gradcheck(layer, x, rng=rng, mask=mask)
    assert report.ok, f"\n{report}"


def test_padding_is_not_looked_at(layer, x, rng):
    mask = np.arange(T)[:, None] < [4, T]
    y, _ = layer.forward(x, mask)
    np.testing.assert_allclose(y[:4, 0], layer.forward(x[:4, 0])[0], atol=1e-12)
    other = np.where(mask[..., None], x, rng.normal(size=x.shape))
    np.testing.assert_array_equal(layer.forward(other, mask)[0][mask], y[mask])


def test_without_the_causal_order_every_step_depends_on_every_other(layer, x):
    _, trace = layer.forward(x)
    for t in range(T):
        dy = np.zeros_like(x)
        dy[t] = np.arange(D)
        assert layer.backward(dy, trace)[0].any(axis=(1, 2)).all()


def test_without_positions_a_transformer_does_not_know_the_order(layer, x, rng):
    order = rng.permutation(T)
    y, trace = layer.forward(x)
    shuffled, other = layer.forward(x[order])
    np.testing.assert_allclose(shuffled, y[order], atol=1e-12)
    dy = rng.normal(size=y.shape)
    np.testing.assert_allclose(layer.backward(dy[order], other)[0], layer.backward(dy, trace)[0][order], atol=1e-12)


def test_two_parts_with_the_state_carried_over_equal_the_whole(layer, x, rng):
    mask = rng.random((T, B)) < 0.8
    y, _ = layer.forward(x, mask, causal=True)
    first, before = layer.forward(x[:2], mask[:2], causal=True)
    state = before.state if isinstance(layer, Transformer) else before.attention.state
    second, _ = layer.forward(x[2:], mask, causal=True, state=state)
    np.testing.assert_allclose(np.concatenate([first, second]), y, atol=1e-12)


def test_a_block_whose_parts_say_nothing_passes_x_and_its_gradient_on(x, rng):
    block = TransformerBlock.init(D, N, H, rng=rng, scale=0.0)
    y, trace = block.forward(x)
    np.testing.assert_array_equal(y, x)
    dy = rng.normal(size=y.shape)
    dx, _, dtrace = block.backward(dy, trace)
    np.testing.assert_array_equal(dx, dy)
    np.testing.assert_array_equal(dtrace.h, dy)


def test_the_residual_stream_is_in_the_trace(x, rng):
    block = shaken(TransformerBlock.init(D, N, H, rng=rng), rng)
    y, trace = block.forward(x)
    np.testing.assert_array_equal(trace.h, trace.x + trace.attention.y)
    np.testing.assert_array_equal(trace.y, trace.h + trace.feed_forward.y)
    np.testing.assert_array_equal(trace.y, y)
    np.testing.assert_array_equal(trace.x, x)


def test_parameters_are_counted_and_what_is_added_starts_small(rng):
    D, H = 64, 256
    assert count(TransformerBlock.init(D, 4, H, rng=rng)) == 2 * D * (H + 2 * D) + H + 8 * D
    x = rng.normal(size=(20, 8, D))
    for layers in (1, 8):
        deep = Transformer.init(D, layers, 4, rng=rng)
        assert len(deep.blocks) == layers
        assert deep.blocks[0].feed_forward.W_1.shape == (D, H)
        _, trace = deep.forward(x)
        assert 1.1 < trace.blocks[-1].y.var() < 2.5, "the stream does not grow with the depth"
    assert {a.dtype for _, a in leaves(Transformer.init(8, 2, 2, rng=rng, dtype=np.float32))} == {np.dtype(np.float32)}


def test_a_wrong_number_of_states_is_refused(x, rng):
    deep = Transformer.init(D, 2, N, rng=rng)
    state = deep.forward(x, causal=True)[1].state
    with pytest.raises(ValueError, match=r"Transformer\.forward: wanted 2 states, one a block, got 1"):
        deep.forward(x, causal=True, state=state[:1])
