"""The language model is its three parts in a row; truncated BPTT carries the state and cuts the gradient."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.losses import cross_entropy
from course_utils.models.objectives import TruncatedBPTT
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.text.batching import sequential_partition
from course_utils.tree import astype, count, leaves, tree_map

V, D, H = 7, 3, 4


@pytest.fixture
def model(rng):
    made = RecurrentLanguageModel.init(V, D, RNN.init(D, H, rng=rng), H, rng=rng, dtype=np.float64)
    return RecurrentLanguageModel(made.embedding, made.recurrent, Linear(10 * made.readout.W, rng.normal(size=V)))


@pytest.fixture
def windows(rng):
    return list(sequential_partition(rng.integers(0, V, 100), 5, 2))


def test_forward_is_the_three_parts(model, rng):
    x, state = rng.integers(0, V, (6, 2)), rng.normal(size=(2, H))
    logits, trace = model.forward(x, state=state)
    h = state
    for t in range(6):
        h = np.tanh(model.embedding.W[x[t]] @ model.recurrent.W_xh + h @ model.recurrent.W_hh + model.recurrent.b_h)
        np.testing.assert_allclose(logits[t], h @ model.readout.W + model.readout.b)
    np.testing.assert_allclose(trace.state, h)


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_any_batch_and_a_text_in_two_pieces(model, rng, batch):
    x = rng.integers(0, V, (6, *batch))
    whole, trace = model.forward(x)
    assert whole.shape == (6, *batch, V)
    first, before = model.forward(x[:4])
    second, after = model.forward(x[4:], state=before.state)
    np.testing.assert_allclose(np.concatenate([first, second]), whole)
    np.testing.assert_allclose(after.state, trace.state)


def test_padding_changes_neither_state_nor_real_logits(model, rng):
    x = rng.integers(1, V, (5, 2))
    mask = np.array([[True, True]] * 3 + [[True, False]] * 2)
    logits, trace = model.forward(x, mask)
    short, short_trace = model.forward(x[:3, 1])
    np.testing.assert_allclose(logits[:3, 1], short)
    np.testing.assert_allclose(trace.state[1], short_trace.state)


def test_backward_agrees_with_finite_differences_through_a_carried_state(model, rng):
    x, y, state = rng.integers(0, V, (5, 2)), rng.integers(0, V, (5, 2)), rng.normal(size=(2, H))

    def loss():
        return cross_entropy(model.forward(x, state=state)[0], y)[0]

    logits, trace = model.forward(x, state=state)
    none, dmodel, dtrace = model.backward(cross_entropy(logits, y)[1], trace)
    assert none is None
    wanted = dict(leaves(model))
    for name, gradient in leaves(dmodel):
        np.testing.assert_allclose(gradient, numerical_gradient(loss, wanted[name]), atol=1e-8, err_msg=name)
    np.testing.assert_allclose(dtrace.recurrent.h[0], numerical_gradient(loss, state), atol=1e-8)


def test_gradients_have_the_class_of_what_they_belong_to(model, rng):
    x = rng.integers(0, V, (5, 2))
    logits, trace = model.forward(x)
    _, dmodel, dtrace = model.backward(np.ones_like(logits), trace)
    assert type(dmodel) is type(model)
    assert [(n, a.shape) for n, a in leaves(dmodel)] == [(n, a.shape) for n, a in leaves(model)]
    assert [(n, a.shape) for n, a in leaves(dtrace)] == [(n, a.shape) for n, a in leaves(trace)]
    assert [type(part) for part in dtrace] == [type(part) for part in trace]


def test_init_guesses_almost_uniformly_in_the_dtype_asked_for(rng):
    model = RecurrentLanguageModel.init(50, 8, RNN.init(8, 16, rng=rng, dtype=np.float32), 16, rng=rng)
    assert isinstance(model.embedding, Embedding)
    assert count(model) == 50 * 8 + (8 + 16 + 1) * 16 + 17 * 50
    assert {a.dtype for _, a in leaves(model)} == {np.dtype(np.float32)}
    x = rng.integers(0, 50, (20, 8))
    loss, _ = cross_entropy(model.forward(x)[0], rng.integers(0, 50, (20, 8)))
    assert abs(loss - np.log(50)) < 0.1


def test_float32_stays_float32_through_training_steps(model, windows):
    small = astype(model, np.float32)
    loss_and_gradient = TruncatedBPTT()
    for window in windows[:2]:
        _, dmodel = loss_and_gradient(small, window)
        assert {a.dtype for _, a in leaves(dmodel)} == {np.dtype(np.float32)}
    assert loss_and_gradient.state.dtype == np.float32


def test_the_state_is_carried_so_losses_are_those_of_one_long_text(model, windows):
    loss_and_gradient = TruncatedBPTT()
    losses = [loss_and_gradient(model, window)[0] for window in windows]
    x, y = (np.concatenate(parts) for parts in zip(*windows, strict=True))
    logits, trace = model.forward(x)
    np.testing.assert_allclose(np.mean(losses), cross_entropy(logits, y)[0])
    np.testing.assert_allclose(loss_and_gradient.state, trace.state)


def test_the_gradient_stops_where_the_window_starts(model, windows):
    loss_and_gradient = TruncatedBPTT()
    loss_and_gradient(model, windows[0])
    handed_over = loss_and_gradient.state
    _, dmodel = loss_and_gradient(model, windows[1])
    x, y = windows[1]
    logits, trace = model.forward(x, state=handed_over.copy())
    constant_state = model.backward(cross_entropy(logits, y)[1], trace)[1]
    for (name, got), (_, want) in zip(leaves(dmodel), leaves(constant_state), strict=True):
        np.testing.assert_allclose(got, want, err_msg=name)
    both_x, both_y = (np.concatenate(parts) for parts in zip(*windows[:2], strict=True))
    later = np.repeat([False, True], 5)[:, None] & np.ones(2, bool)
    logits, trace = model.forward(both_x)
    full = model.backward(cross_entropy(logits, both_y, later)[1], trace)[1]
    assert not np.allclose(full.recurrent.W_hh, dmodel.recurrent.W_hh)


def test_a_new_run_starts_from_zero(model, windows):
    used, fresh = TruncatedBPTT(), TruncatedBPTT()
    used(model, windows[0])
    assert used(model, windows[0])[0] != fresh(model, windows[0])[0]
    np.testing.assert_allclose(
        TruncatedBPTT()(model, windows[0])[0], cross_entropy(model.forward(windows[0][0])[0], windows[0][1])[0]
    )


def test_small_steps_along_the_gradient_lower_the_loss(model, windows):
    losses = []
    for _ in range(30):
        loss, gradient = TruncatedBPTT()(model, windows[0])
        losses.append(loss)
        model = tree_map(lambda p, g: p - 0.1 * g, model, gradient)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] - 0.2


@pytest.fixture
def deep(rng):
    layers = (LSTM.init(D, H, rng=rng), LSTM.init(H, H, rng=rng), RNN.init(H, H, rng=rng))
    made = RecurrentLanguageModel.init(V, D, Stacked(layers), H, rng=rng, dtype=np.float64)
    return RecurrentLanguageModel(made.embedding, made.recurrent, Linear(10 * made.readout.W, rng.normal(size=V)))


@pytest.mark.usefixtures("without_type_checks")
def test_dropout_between_layers_agrees_with_finite_differences(deep, windows, rng):
    x, y = windows[0]
    dropout = deep.draw_dropout(x, 0.5, rng=rng)
    assert [gap.kept.shape for gap in dropout] == [(5, 2, H)] * 2

    def loss():
        return cross_entropy(deep.forward(x, dropout=dropout)[0], y)[0]

    logits, trace = deep.forward(x, dropout=dropout)
    _, dmodel, dtrace = deep.backward(cross_entropy(logits, y)[1], trace)
    wanted = dict(leaves(deep))
    for name, gradient in leaves(dmodel):
        np.testing.assert_allclose(gradient, numerical_gradient(loss, wanted[name]), atol=1e-8, err_msg=name)
    assert [type(part) for part in dtrace] == [type(part) for part in trace]


def test_truncated_bptt_draws_dropout_for_every_window_and_carries_all_states(deep, windows):
    loss_and_gradient = TruncatedBPTT(0.5, rng=np.random.default_rng(1))
    rng, state = np.random.default_rng(1), None
    for x, y in windows[:3]:
        loss, dmodel = loss_and_gradient(deep, (x, y))
        logits, trace = deep.forward(x, state=state, dropout=deep.draw_dropout(x, 0.5, rng=rng))
        state = trace.state
        assert loss == cross_entropy(logits, y)[0]
        want = deep.backward(cross_entropy(logits, y)[1], trace)[1]
        for (name, got), (_, right) in zip(leaves(dmodel), leaves(want), strict=True):
            np.testing.assert_array_equal(got, right, err_msg=name)
    again = TruncatedBPTT(0.5, rng=np.random.default_rng(1))
    assert len({again(deep, windows[0])[0], again(deep, windows[0])[0]}) == 2, "the second window has its own dropout"


def test_without_a_rate_nothing_is_random(deep, model, windows):
    plain = TruncatedBPTT()(deep, windows[0])[0]
    assert TruncatedBPTT(0.0, rng=np.random.default_rng(1))(deep, windows[0])[0] == plain
    assert TruncatedBPTT(rng=np.random.default_rng(1))(model, windows[0])[0] == TruncatedBPTT()(model, windows[0])[0]


def test_dropout_without_a_generator_or_a_gap_is_refused(model, windows, rng):
    with pytest.raises(ValueError, match=r"TruncatedBPTT: wanted an rng to draw dropout of rate 0.2 from, got None"):
        TruncatedBPTT(0.2)
    with pytest.raises(ValueError, match=r"wanted a Stacked recurrent layer, got RNN; dropout acts between layers"):
        TruncatedBPTT(0.2, rng=rng)(model, windows[0])
    with pytest.raises(ValueError, match=r"RecurrentLanguageModel\.forward: wanted a Stacked recurrent layer, got RNN"):
        model.forward(windows[0][0], dropout=())
    for rate in (-0.1, 1.0):
        with pytest.raises(ValueError, match=rf"TruncatedBPTT: wanted 0 <= dropout_rate < 1, got {rate}"):
            TruncatedBPTT(rate, rng=rng)
