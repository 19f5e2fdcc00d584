"""What is special about two directions: real steps only, which half is whose, two ways back, and no language model."""

import numpy as np
import pytest

from course_utils.gradcheck import gradcheck, numerical_gradient
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.gru import GRU
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.tree import count, leaves, tree_map

T, B, D = 6, 3, 4
LEFT, RIGHT = slice(0, 3), slice(3, 5)
"""Which features are whose: 3 units read from the left, 2 from the right."""
PADDING = {
    "back": np.array([[1, 1, 1], [1, 1, 1], [1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]], bool),
    "front": np.array([[0, 0, 1], [0, 0, 1], [0, 1, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1]], bool),
    "anywhere": np.array([[0, 1, 1], [1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0], [1, 0, 1]], bool),
}
everywhere = pytest.mark.parametrize("mask", PADDING.values(), ids=PADDING)


@pytest.fixture(params=["LSTM and GRU", "RNN and LSTM"])
def both(request, rng):
    left, right = {"LSTM and GRU": (LSTM, GRU), "RNN and LSTM": (RNN, LSTM)}[request.param]
    return Bidirectional(left.init(D, 3, rng=rng), right.init(D, 2, rng=rng))


@pytest.fixture
def x(rng):
    return rng.normal(size=(T, B, D))


def test_the_halves_are_the_two_passes_in_this_order(both, x):
    y, trace = both.forward(x)
    np.testing.assert_array_equal(y[..., LEFT], both.from_left.forward(x)[0])
    np.testing.assert_array_equal(y[..., RIGHT], both.from_right.forward(x[::-1])[0][::-1])
    np.testing.assert_array_equal(y[..., RIGHT], trace.from_right.h[1:][::-1])
    assert count(both) == count(both.from_left) + count(both.from_right)


def test_every_step_meets_the_words_on_its_own_side_only(both, x):
    """Change step 2: from the left steps 2 ... T-1 notice, from the right steps 0 ... 2."""
    other = x.copy()
    other[2] += 1
    moved = (both.forward(other)[0] != both.forward(x)[0]).any(axis=1)
    np.testing.assert_array_equal(moved[:, LEFT].any(1), [0, 0, 1, 1, 1, 1])
    np.testing.assert_array_equal(moved[:, RIGHT].any(1), [1, 1, 1, 0, 0, 0])


@everywhere
def test_a_padded_sequence_equals_itself_alone(both, x, mask, rng):
    """As packed sequences do in PyTorch: outputs, gradients and final states are those of each sequence without padding."""
    x = np.where(mask[..., None], x, 1e3)
    dy = rng.normal(size=(T, B, 5))
    y, trace = both.forward(x, mask)
    dx, dboth, _ = both.backward(dy, trace)
    assert not y[~mask].any()
    assert not dx[~mask].any()
    sums = tree_map(np.zeros_like, both)
    for b in range(B):
        real = mask[:, b]
        alone, its_trace = both.forward(x[real, b])
        np.testing.assert_allclose(y[real, b], alone, atol=1e-12)
        for states, its_states in zip(trace.state, its_trace.state, strict=True):
            for state, its in zip(as_tuple(states), as_tuple(its_states), strict=True):
                np.testing.assert_allclose(state[b], its, atol=1e-12)
        its_dx, its_dboth, _ = both.backward(dy[real, b], its_trace)
        np.testing.assert_allclose(dx[real, b], its_dx, atol=1e-12)
        sums = tree_map(np.add, sums, its_dboth)
    for (name, got), (_, want) in zip(leaves(dboth), leaves(sums), strict=True):
        np.testing.assert_allclose(got, want, atol=1e-10, err_msg=name)


def as_tuple(state):
    return state if isinstance(state, tuple) else (state,)


@everywhere
def test_padding_does_not_matter_wherever_it_stands(both, x, mask):
    """The real steps of one mask, moved to where another has room for them, give the same outputs."""
    moved = PADDING["back"] if mask is not PADDING["back"] else PADDING["front"]
    short = np.minimum(mask.sum(0), moved.sum(0))
    one, other = (np.cumsum(m, 0) * m for m in (mask, moved))
    one_x, other_x = np.zeros_like(x), np.zeros_like(x)
    for b in range(B):
        for k in range(1, short[b] + 1):
            one_x[one[:, b] == k, b] = other_x[other[:, b] == k, b] = x[k, b]
    one_mask, other_mask = (one > 0) & (one <= short), (other > 0) & (other <= short)
    one_y, other_y = both.forward(one_x, one_mask)[0], both.forward(other_x, other_mask)[0]
    for b in range(B):
        np.testing.assert_allclose(one_y[one_mask[:, b], b], other_y[other_mask[:, b], b], atol=1e-12)


def test_without_the_mask_the_pass_from_the_right_reads_the_padding_first(both, x):
    mask = PADDING["back"]
    x = np.where(mask[..., None], x, 1)
    right, wrong = both.forward(x, mask)[0], both.forward(x)[0]
    np.testing.assert_allclose(
        wrong[mask][:, LEFT], right[mask][:, LEFT]
    )  # from the left padding comes too late to harm
    padded = mask & ~mask.all(0)
    assert (np.abs(wrong - right)[padded][:, RIGHT].max(-1) > 1e-6).all()


def test_the_gradient_of_x_adds_up_from_both_passes(both, x, rng):
    dy = rng.normal(size=(T, B, 5))
    _, trace = both.forward(x)
    only_left, only_right = dy.copy(), dy.copy()
    only_left[..., RIGHT] = only_right[..., LEFT] = 0
    dx_left, dx_right = (both.backward(part, trace)[0] for part in (only_left, only_right))
    assert np.abs(dx_left).max() > 1e-3
    assert np.abs(dx_right).max() > 1e-3
    np.testing.assert_allclose(both.backward(dy, trace)[0], dx_left + dx_right, atol=1e-12)
    at_two = np.zeros_like(dy)
    at_two[2] = 1
    dx = both.backward(at_two, trace)[0]
    assert np.abs(dx).max(axis=(1, 2)).min() > 0, "an output in the middle sends gradient to every step"


@pytest.mark.parametrize("masked", [False, True])
def test_initial_states_and_their_gradients(x, masked, rng):
    both = Bidirectional(GRU.init(D, 3, rng=rng), RNN.init(D, 2, rng=rng))
    mask = PADDING["anywhere"] if masked else None
    first = rng.normal(size=(B, 3)), rng.normal(size=(B, 2))
    dy, dlast = rng.normal(size=(T, B, 5)), (rng.normal(size=(B, 3)), rng.normal(size=(B, 2)))

    def fake_loss():
        y, trace = both.forward(x, mask, state=first)
        return float((y * dy).sum() + sum((s * d).sum() for s, d in zip(trace.state, dlast, strict=True)))

    _, trace = both.forward(x, mask, state=first)
    dx, _, dtrace = both.backward(dy, trace, dlast)
    np.testing.assert_allclose(dtrace.from_left.h[0], numerical_gradient(fake_loss, first[0]), atol=1e-7)
    np.testing.assert_allclose(dtrace.from_right.h[0], numerical_gradient(fake_loss, first[1]), atol=1e-7)
    np.testing.assert_allclose(dx, numerical_gradient(fake_loss, x), atol=1e-7)


def test_states_end_at_opposite_ends(x, rng):
    both = Bidirectional(RNN.init(D, 3, rng=rng), RNN.init(D, 2, rng=rng))
    y, trace = both.forward(x)
    left, right = trace.state
    np.testing.assert_array_equal(left, y[-1][:, LEFT])
    np.testing.assert_array_equal(right, y[0][:, RIGHT])


def test_a_wrong_dy_is_refused(without_type_checks, both, x):
    _, trace = both.forward(x)
    with pytest.raises(
        ValueError, match=r"Bidirectional\.backward: wanted dy .*\(6, 3, 5\), got float64 of shape \(6, 3, 6\)"
    ):
        both.backward(np.zeros((T, B, 6)), trace)
    with pytest.raises(ValueError, match=r"wanted dy .*\(6, 3, 5\)"):
        both.backward(np.zeros((T - 1, B, 5)), trace)


def future_matters(recurrent, K, rng):
    """Which of 8 outputs move when the token at step 5 changes."""
    model = RecurrentLanguageModel.init(7, D, recurrent, K, rng=rng, dtype=np.float64)
    tokens = rng.integers(0, 7, 8)
    changed = tokens.copy()
    changed[5] = (tokens[5] + 1) % 7
    return (model.forward(tokens)[0] != model.forward(changed)[0]).any(axis=-1)


def test_a_bidirectional_language_model_sees_the_future(rng):
    one = LSTM.init(D, 5, rng=rng)
    np.testing.assert_array_equal(future_matters(one, 5, rng), [0, 0, 0, 0, 0, 1, 1, 1])
    assert future_matters(Bidirectional(one, one), 10, rng).all(), "every earlier prediction has seen the later token"


def test_passes_may_be_stacks(x, rng):
    stack = Stacked((GRU.init(D, 3, rng=rng), GRU.init(3, 3, rng=rng)))
    assert gradcheck(Bidirectional(stack, RNN.init(D, 2, rng=rng)), x, rng=rng).ok
