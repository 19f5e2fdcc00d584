"""What is special about a stack: outputs become inputs, states are carried, and dropout stays between the layers."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.chain import Chain
from course_utils.layers.dropout import Dropout
from course_utils.layers.gru import GRU
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.tree import count, leaves

T, B, D, H = 5, 2, 3, 4


def stack_of(kinds, rng):
    layers = [kind.init(D if k == 0 else H, H, rng=rng) for k, kind in enumerate(kinds)]
    return Stacked(tuple(layers))


@pytest.fixture(params=[(LSTM,), (LSTM, LSTM), (GRU, LSTM, RNN)], ids=["1", "2", "3 of all kinds"])
def stack(request, rng):
    return stack_of(request.param, rng)


@pytest.fixture
def x(rng):
    return rng.normal(size=(T, B, D))


def gaps_for(stack, x, rate=0.5):
    return stack.draw_dropout(x, rate, rng=np.random.default_rng(7))


def equal(one, other):
    for (name, a), (_, b) in zip(leaves(one), leaves(other), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_the_outputs_of_one_layer_are_the_inputs_of_the_next(stack, x):
    y, trace = stack.forward(x)
    for lower, upper in zip((x, *(one.h[1:] for one in trace.layers)), trace.layers, strict=False):
        np.testing.assert_array_equal(upper.x, lower)
    np.testing.assert_array_equal(y, trace.layers[-1].h[1:])
    assert trace.dropout is None


@pytest.mark.parametrize("masked", [False, True])
def test_without_dropout_it_is_a_chain(stack, x, masked, rng):
    mask = rng.random((T, B)) < 0.7 if masked else None
    y, trace = stack.forward(x, mask)
    chain_y, chain_trace = Chain(stack.layers).forward(x, mask)
    np.testing.assert_array_equal(y, chain_y)
    dy = rng.normal(size=y.shape)
    dx, dstack, dtrace = stack.backward(dy, trace)
    chain_dx, dchain, chain_dtrace = Chain(stack.layers).backward(dy, chain_trace)
    np.testing.assert_array_equal(dx, chain_dx)
    equal(dstack.layers, dchain.layers)
    equal(dtrace.layers, chain_dtrace.layers)


def test_dropout_of_rate_0_changes_nothing(stack, x, rng):
    y, trace = stack.forward(x)
    same, same_trace = stack.forward(x, dropout=gaps_for(stack, x, rate=0.0))
    np.testing.assert_array_equal(same, y)
    dy = rng.normal(size=y.shape)
    equal(stack.backward(dy, same_trace)[1], stack.backward(dy, trace)[1])


def test_parameters_are_those_of_the_layers(rng):
    assert count(stack_of((LSTM, LSTM, LSTM), rng)) == 4 * H * (D + H + 1) + 2 * 4 * H * (2 * H + 1)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.usefixtures("without_type_checks")
def test_gradients_through_dropout_agree_with_finite_differences(stack, x, masked, rng):
    mask = rng.random((T, B)) < 0.7 if masked else None
    dropout = gaps_for(stack, x)
    dy = rng.normal(size=(T, B, H))

    def fake_loss():
        return float((stack.forward(x, mask, dropout=dropout)[0] * dy).sum())

    dx, dstack, dtrace = stack.backward(dy, stack.forward(x, mask, dropout=dropout)[1])
    np.testing.assert_allclose(dx, numerical_gradient(fake_loss, x), atol=1e-7)
    wanted = dict(leaves(stack))
    for name, gradient in leaves(dstack):
        np.testing.assert_allclose(gradient, numerical_gradient(fake_loss, wanted[name]), atol=1e-7, err_msg=name)
    assert len(dtrace.layers) == len(stack.layers)


def test_dropout_never_acts_on_what_a_layer_hands_on_over_time(x, rng):
    """With nothing let through at any gap, the layers below go on exactly as without dropout, step after step."""
    stack = stack_of((LSTM, GRU, RNN), rng)
    shut = tuple(Dropout(np.zeros((T, B, H), bool), 0.5) for _ in range(2))
    _, trace = stack.forward(x)
    _, silenced = stack.forward(x, dropout=shut)
    equal(silenced.layers[0], trace.layers[0])
    for upper, layer in zip(silenced.layers[1:], stack.layers[1:], strict=True):
        assert not upper.x.any()
        np.testing.assert_array_equal(upper.h, layer.forward(np.zeros((T, B, H)))[1].h)


def test_a_unit_silenced_at_one_step_speaks_of_it_at_the_next(x, rng):
    """Its own state keeps what the layer above was not told."""
    stack = stack_of((LSTM, LSTM), rng)
    kept = np.ones((T, B, H), bool)
    kept[1] = False
    _, trace = stack.forward(x, dropout=(Dropout(kept, 0.0),))
    assert not trace.layers[1].x[1].any()
    np.testing.assert_array_equal(trace.layers[1].x[2:], stack.forward(x)[1].layers[1].x[2:])


@pytest.mark.usefixtures("without_type_checks")
def test_the_expected_input_of_the_next_layer_is_kept(x, rng):
    stack = stack_of((LSTM, LSTM), rng)
    wanted = stack.forward(x)[1].layers[1].x
    drawn = [stack.forward(x, dropout=stack.draw_dropout(x, 0.3, rng=rng))[1].layers[1].x for _ in range(2_000)]
    np.testing.assert_allclose(np.mean(drawn, axis=0), wanted, atol=0.05)
    assert np.mean([one == 0 for one in drawn]) == pytest.approx(0.3, abs=0.01)


def test_states_of_all_layers_are_carried_on(stack, x):
    y, whole = stack.forward(x)
    first_y, first = stack.forward(x[:2])
    second_y, second = stack.forward(x[2:], state=first.state)
    np.testing.assert_allclose(np.concatenate([first_y, second_y]), y, atol=1e-13)
    assert len(first.state) == len(stack.layers)
    for got, want in zip(second.state, whole.state, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-13)


def test_gradients_of_two_pieces_add_up_to_those_of_the_whole(stack, x, rng):
    dy = rng.normal(size=(T, B, H))
    dx, dstack, _ = stack.backward(dy, stack.forward(x)[1])
    _, first = stack.forward(x[:2])
    _, second = stack.forward(x[2:], state=first.state)
    dx_2, dstack_2, dtrace = stack.backward(dy[2:], second)
    dstate = tuple((t.h[0], t.c[0]) if hasattr(t, "c") else t.h[0] for t in dtrace.layers)
    dx_1, dstack_1, _ = stack.backward(dy[:2], first, dstate)
    np.testing.assert_allclose(np.concatenate([dx_1, dx_2]), dx, atol=1e-12)
    for (name, a), (_, b), (_, total) in zip(*map(leaves, (dstack_1, dstack_2, dstack)), strict=True):
        np.testing.assert_allclose(a + b, total, atol=1e-12, err_msg=name)


def test_dropout_is_drawn_for_every_gap_with_its_own_width(x, rng):
    layers = (
        Bidirectional(LSTM.init(D, 2, rng=rng), GRU.init(D, 3, rng=rng)),
        RNN.init(5, 7, rng=rng),
        Stacked((LSTM.init(7, 4, rng=rng), LSTM.init(4, 6, rng=rng))),
        GRU.init(6, 2, rng=rng),
    )
    gaps = gaps_for(Stacked(layers), x)
    assert [gap.kept.shape for gap in gaps] == [(T, B, 5), (T, B, 7), (T, B, 6)]
    assert [gap.rate for gap in gaps] == [0.5] * 3
    assert Stacked(layers[:1]).draw_dropout(x, 0.5, rng=rng) == ()
    assert [gap.kept.shape for gap in gaps_for(Stacked(layers), x[:, 0])] == [(T, 5), (T, 7), (T, 6)]


def test_each_gap_and_each_call_draws_anew(x, rng):
    stack = stack_of((LSTM, LSTM, LSTM), rng)
    one, other = stack.draw_dropout(x, 0.5, rng=rng)
    assert not np.array_equal(one.kept, other.kept)
    assert not np.array_equal(one.kept, stack.draw_dropout(x, 0.5, rng=rng)[0].kept)


def test_the_pass_is_pure(stack, x):
    dropout = gaps_for(stack, x)
    y, _ = stack.forward(x, dropout=dropout)
    plain, _ = stack.forward(x)
    np.testing.assert_array_equal(stack.forward(x, dropout=dropout)[0], y)
    np.testing.assert_array_equal(stack.forward(x)[0], plain)


def test_wrong_numbers_of_states_and_dropouts_are_refused(x, rng):
    stack = stack_of((LSTM, LSTM, LSTM), rng)
    state, dropout = stack.forward(x)[1].state, gaps_for(stack, x)
    with pytest.raises(ValueError, match=r"Stacked\.forward: wanted 3 states for 3 layers, got 2"):
        stack.forward(x, state=state[:2])
    for wrong in ((), dropout[:1], dropout + dropout):
        with pytest.raises(ValueError, match=rf"Stacked\.forward: wanted 2 dropouts for 3 layers, got {len(wrong)}"):
            stack.forward(x, dropout=wrong)
    y, trace = stack.forward(x)
    with pytest.raises(ValueError, match=r"Stacked\.backward: wanted 3 dstates for 3 layers, got 1"):
        stack.backward(y, trace, state[:1])


def test_dropout_drawn_for_another_text_is_refused(x, rng):
    stack = stack_of((LSTM, LSTM), rng)
    with pytest.raises(ValueError, match=r"Dropout\.apply: wanted kept .*\(3, 2, 4\), got bool of shape \(5, 2, 4\)"):
        stack.forward(x[:3], dropout=gaps_for(stack, x))
    with pytest.raises(ValueError, match=r"wanted 0 <= rate < 1, got 1"):
        stack.draw_dropout(x, 1.0, rng=rng)
