"""What holds for every layer with a state: it can be carried on, padding keeps it, and a wrong one is refused."""

from inspect import signature

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.layers.base import Recurrent
from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.tree import leaves, tree_map

T, B, D, H = 6, 2, 3, 4
LAYERS = {
    "RNN": lambda rng: RNN.init(D, H, rng=rng),
    "RNN relu": lambda rng: RNN.init(D, H, rng=rng, activation="relu"),
    "RNN identity": lambda rng: RNN.init(D, H, rng=rng, activation="identity", radius=0.9),
    "GRU": lambda rng: GRU.init(D, H, rng=rng),
    "ResetAfterGRU": lambda rng: ResetAfterGRU.init(D, H, rng=rng),
    "LSTM": lambda rng: LSTM.init(D, H, rng=rng),
    "Stacked": lambda rng: Stacked((GRU.init(D, H, rng=rng), LSTM.init(H, H, rng=rng))),
}
SINGLE = [name for name in LAYERS if name != "Stacked"]


@pytest.fixture(params=LAYERS)
def layer(request, rng):
    return LAYERS[request.param](rng)


def test_they_keep_the_contract_by_name(layer):
    assert isinstance(layer, Recurrent)
    for name in ("forward", "backward"):
        wanted = signature(getattr(Recurrent, name)).parameters
        assert list(wanted)[1:] == [p for p in signature(getattr(layer, name)).parameters if p in wanted]


def arrays(state):
    """The arrays of a state: one h, a pair h and c, or a tuple of those."""
    return [a for _, a in leaves(state)]


def random_state(layer, batch, rng):
    """A state with the build of the layer's own."""
    _, trace = layer.forward(np.zeros((1, *batch, D)))
    return tree_map(lambda a: rng.normal(size=a.shape), trace.state)


def first_rows(trace):
    """The gradient of the initial state, in the order of `arrays`."""
    traces = trace.layers if hasattr(trace, "layers") else (trace,)
    return [rows[0] for one in traces for rows in ((one.h, one.c) if hasattr(one, "c") else (one.h,))]


def rebuilt(state, values):
    """A state of the same build from a list of arrays."""
    remaining = iter(values)
    return tree_map(lambda _: next(remaining), state)


def test_two_halves_with_the_state_carried_over_equal_the_whole(layer, rng):
    x, dy = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, H))
    y, whole = layer.forward(x)
    first_y, first = layer.forward(x[:2])
    second_y, second = layer.forward(x[2:], state=first.state)
    np.testing.assert_allclose(np.concatenate([first_y, second_y]), y, rtol=1e-12, atol=1e-12)
    dx, dlayer, _ = layer.backward(dy, whole)
    dx_2, dlayer_2, dsecond = layer.backward(dy[2:], second)
    dx_1, dlayer_1, _ = layer.backward(dy[:2], first, rebuilt(first.state, first_rows(dsecond)))
    np.testing.assert_allclose(np.concatenate([dx_1, dx_2]), dx, atol=1e-12)
    for (name, part_1), (_, part_2), (_, total) in zip(leaves(dlayer_1), leaves(dlayer_2), leaves(dlayer), strict=True):
        np.testing.assert_allclose(part_1 + part_2, total, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
@pytest.mark.parametrize("masked", [False, True])
def test_gradient_of_the_initial_state(layer, batch, masked, rng):
    state, dstate = random_state(layer, batch, rng), random_state(layer, batch, rng)
    x, dy = rng.normal(size=(T, *batch, D)), rng.normal(size=(T, *batch, H))
    mask = rng.random((T, *batch)) < 0.6 if masked else None

    def fake_loss():
        y, trace = layer.forward(x, mask, state=state)
        ends = sum((a * d).sum() for a, d in zip(arrays(trace.state), arrays(dstate), strict=True))
        return float((y * dy).sum() + ends)

    dtrace = layer.backward(dy, layer.forward(x, mask, state=state)[1], dstate)[2]
    for start, gradient in zip(arrays(state), first_rows(dtrace), strict=True):
        np.testing.assert_allclose(gradient, numerical_gradient(fake_loss, start), atol=1e-7)


def test_padding_carries_the_state_is_silent_and_deaf(layer, rng):
    mask = np.array([[1, 1], [1, 0], [0, 0], [1, 0], [1, 0], [0, 0]], bool)
    x = np.where(mask[..., None], rng.normal(size=(T, B, D)), -1e6)
    y, trace = layer.forward(x, mask)
    assert not y[~mask].any()
    for one in trace.layers if hasattr(trace, "layers") else (trace,):
        for rows in (one.h, one.c) if hasattr(one, "c") else (one.h,):
            np.testing.assert_array_equal(rows[1:][~mask], rows[:-1][~mask])
    dy = np.where(mask[..., None], rng.normal(size=y.shape), 1e6)
    loud, quiet = layer.backward(dy, trace), layer.backward(np.where(mask[..., None], dy, 0), trace)
    for (name, got), (_, want) in zip(leaves(loud[1]), leaves(quiet[1]), strict=True):
        np.testing.assert_array_equal(got, want, err_msg=f"{name}: y is 0 at padding, whatever dy says there")
    for name, gradient in leaves(loud[2]):
        if gradient.shape[0] == T and gradient.dtype == float:
            assert not gradient[~mask].any(), f"{name} at padding moves nothing"


@pytest.mark.parametrize("name", SINGLE)
def test_states_of_another_batch_are_refused(name, without_type_checks, rng):
    layer, x = LAYERS[name](rng), rng.normal(size=(T, B, D))
    y, trace = layer.forward(x)
    bad = tree_map(lambda a: np.zeros(H), trace.state)
    said = r"got float64 of shape \(4,\)"
    with pytest.raises(ValueError, match=rf"{type(layer).__name__}\.forward: wanted state .*\(2, 4\), {said}"):
        layer.forward(x, state=bad)
    with pytest.raises(ValueError, match=rf"{type(layer).__name__}\.backward: wanted dstate .*\(2, 4\), {said}"):
        layer.backward(y, trace, bad)


def test_no_steps_leave_the_state_as_it_was(layer, rng):
    state = random_state(layer, (B,), rng)
    y, trace = layer.forward(np.zeros((0, B, D)), state=state)
    assert y.shape == (0, B, H)
    for got, want in zip(arrays(trace.state), arrays(state), strict=True):
        np.testing.assert_array_equal(got, want)
