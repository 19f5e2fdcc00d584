"""What every layer must obey, whatever it computes: for all of ``registry.LAYERS``, alone and in batches of any rank."""

import inspect

import autograd
import numpy as np
import pytest

from course_utils.gradcheck import gradcheck
from course_utils.saving import load, save
from course_utils.tree import astype, count, leaves, tree_map
from tests.layers import reference
from tests.layers.registry import LAYERS, D

T = 5
BATCHES = [(), (2,), (2, 3)]
MASK = np.array([[0, 1, 1], [0, 1, 1], [1, 1, 0], [1, 1, 0], [1, 1, 1], [1, 0, 0], [1, 0, 1]], bool)
"""Padding at the front, at the back and in the middle of three sequences of 7 steps."""

every_layer = pytest.mark.parametrize("name", LAYERS)
every_batch = pytest.mark.parametrize("batch", BATCHES, ids=str)


class Pass:
    """One pass forward and back through a layer, with a random dy unless it is given."""

    def __init__(self, layer, x, mask=None, *, rng=None, dy=None):
        self.layer, self.x, self.mask = layer, x, mask
        self.y, self.trace = layer.forward(x, mask)
        self.dy = rng.normal(size=self.y.shape).astype(self.y.dtype) if dy is None else dy
        self.dx, self.dlayer, self.dtrace = layer.backward(self.dy, self.trace)

    def arrays(self):
        """Everything that went in and came out, by name."""
        return {name: a for key, part in vars(self).items() for name, a in leaves(part, f"{key} ")}


def start(name, batch, rng):
    """A layer and its input, by name."""
    return LAYERS[name].make(rng), LAYERS[name].input(T, batch, rng=rng)


def some_padding(batch, rng):
    mask = rng.random((T, *batch)) < 0.7
    mask[1] = True
    return mask


def agree(got, want, what, rtol=1e-10):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol, err_msg=what)


@every_layer
@every_batch
@pytest.mark.parametrize("masked", [False, True], ids=["full", "masked"])
@pytest.mark.usefixtures("without_type_checks")  # thousands of passes: ten times as fast; other laws check the types
def test_backward_equals_finite_differences(name, batch, masked, rng):
    layer, x = start(name, batch, rng)
    report = gradcheck(layer, x, rng=rng, mask=some_padding(batch, rng) if masked else None)
    assert report.ok, f"\n{report}"
    names = [row.name for row in report.rows]
    assert names == ["x"] * (x.dtype == float) + [name for name, _ in leaves(layer)], "nothing was left out"


@every_layer
@every_batch
@pytest.mark.parametrize("masked", [False, True], ids=["full", "masked"])
def test_all_gradients_equal_those_of_autograd(name, batch, masked, rng):
    """By every parameter, and by a probe at every activation: the equations, differentiated by a machine."""
    layer, x = start(name, batch, rng)
    mask = some_padding(batch, rng) if masked else None
    run = Pass(layer, x, mask, rng=rng)
    parameters = dict(leaves(layer))
    activations = {key: a for key, a in leaves(run.trace) if a.dtype.kind == "f"}
    probes = zeros(activations)

    def projection(p, probe):
        return (reference.forward(layer, p, x, mask, probe) * run.dy).sum()

    agree(reference.forward(layer, parameters, x, mask, probes), run.y, "y")
    dparameters, dprobes = autograd.grad(projection, argnum=(0, 1))(parameters, probes)
    for key, gradient in leaves(run.dlayer):
        agree(gradient, dparameters[key], key)
    gradients = dict(leaves(run.dtrace))
    assert set(activations) == {key for key, a in gradients.items() if a.dtype.kind == "f"}
    for key in activations:
        agree(gradients[key], dprobes[key], f"trace.{key}")


def zeros(arrays):
    return {key: np.zeros_like(a) for key, a in arrays.items()}


@every_layer
@every_batch
def test_gradients_mirror_what_they_are_gradients_of(name, batch, rng):
    run = Pass(*start(name, batch, rng), rng=rng)
    for tree, gradient in ((run.layer, run.dlayer), (run.trace, run.dtrace)):
        assert type(gradient) is type(tree)
        assert [(key, a.shape, a.dtype) for key, a in leaves(gradient)] == [
            (key, a.shape, a.dtype) for key, a in leaves(tree)
        ]
        tree_map(lambda a, g: g, tree, gradient)  # the same build, settings and tuples included
    assert run.dx is None if LAYERS[name].tokens else run.dx.shape == run.x.shape
    wanted = batch if LAYERS[name].pools else (T, *batch)
    assert run.y.shape[:-1] == wanted


@every_layer
@every_batch
def test_a_batch_equals_its_sequences_one_by_one(name, batch, rng):
    layer, x = start(name, batch, rng)
    mask = some_padding(batch, rng)
    together = Pass(layer, x, mask, rng=rng)
    dparameters = dict.fromkeys(dict(leaves(layer)), 0)
    for b in np.ndindex(*batch):
        row = b if LAYERS[name].pools else (slice(None), *b)
        alone = Pass(layer, x[:, *b], mask[:, *b], dy=together.dy[row])
        agree(together.y[row], alone.y, f"y of {b}")
        if alone.dx is not None:
            agree(together.dx[:, *b], alone.dx, f"dx of {b}")
        dparameters = {key: dparameters[key] + g for key, g in leaves(alone.dlayer)}
    for key, gradient in leaves(together.dlayer):
        agree(gradient, dparameters[key], key)


WHATEVER = {
    "nan": np.nan,
    "infinity": np.inf,
    "minus infinity": -np.inf,
    "huge": 1e300,
    "largest": -np.finfo(float).max,
    "all of them": np.array([np.nan, -np.inf, 1e300, 0.0]),
}


@every_layer
@pytest.mark.parametrize("what", WHATEVER)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_padding_may_hold_anything(name, what, kind, rng):
    """In x and in dy: outputs and gradients of the real steps, to the last bit, are those with zeros there."""
    case = LAYERS[name]
    layer = astype(case.make(rng), kind)
    mask = MASK if case.pools else np.column_stack([MASK, np.zeros(len(MASK), bool)])  # and a sequence of padding alone
    with np.errstate(over="ignore"):
        anything = np.resize(WHATEVER[what], 7).astype(kind)
    x = case.input(len(mask), mask.shape[1:], rng=rng)
    x = x if case.tokens else x.astype(kind)
    width = layer.forward(x, mask)[0].shape[-1]
    dy = rng.normal(size=(mask.shape[1], width) if case.pools else (*mask.shape, width)).astype(kind)

    def run(at_padding):
        filled = x if case.tokens else np.where(mask[..., None], x, at_padding[: x.shape[-1]])
        return Pass(layer, filled, mask, dy=dy if case.pools else np.where(mask[..., None], dy, at_padding[:width]))

    got, want = run(anything), run(np.zeros(7, kind))
    real = ... if case.pools else mask
    np.testing.assert_array_equal(got.y[real], want.y[real])
    for (key, gradient), (_, wanted) in zip(leaves(got.dlayer), leaves(want.dlayer), strict=True):
        np.testing.assert_array_equal(gradient, wanted, err_msg=key)
        assert np.isfinite(gradient).all(), key
    if got.dx is not None:
        np.testing.assert_array_equal(got.dx, want.dx)
        assert not got.dx[~mask].any(), "padding has no gradient"


@every_layer
@every_batch
@pytest.mark.parametrize("masked", [False, True], ids=["full", "masked"])
def test_passes_are_pure(name, batch, masked, rng):
    """No pass writes into anything it was given, and the same pass gives the same numbers again."""
    layer, x = start(name, batch, rng)
    mask = some_padding(batch, rng) if masked else None
    run = Pass(layer, x, mask, rng=rng)
    before = {key: a.copy() for key, a in run.arrays().items()}
    for a in run.arrays().values():
        a.flags.writeable = False
    again = Pass(layer, x, mask, dy=run.dy)
    layer.backward(run.dy, run.trace)
    for (key, kept), now, second in zip(before.items(), run.arrays().values(), again.arrays().values(), strict=True):
        np.testing.assert_array_equal(now, kept, err_msg=f"{key} was written into")
        np.testing.assert_array_equal(second, kept, err_msg=f"{key} differs the second time")


@every_layer
@every_batch
def test_a_small_step_downhill_lowers_the_loss(name, batch, rng):
    layer, x = start(name, batch, rng)
    target = layer.forward(x)[0] + rng.normal(size=layer.forward(x)[0].shape)

    def loss(layer, x):
        return ((layer.forward(x)[0] - target) ** 2).sum() / 2

    y, trace = layer.forward(x)
    dx, dlayer, _ = layer.backward(y - target, trace)
    if count(layer):
        assert loss(tree_map(lambda p, g: p - 1e-5 * g, layer, dlayer), x) < loss(layer, x)
    if dx is not None:
        assert loss(layer, x - 1e-5 * dx) < loss(layer, x)


@every_layer
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "batched"])
def test_padding_changes_nothing(name, batched, rng):
    """Wherever it stands and whatever it holds: outputs and gradients are those of the sequences without padding."""
    case = LAYERS[name]
    layer, x = case.make(rng), case.input(len(MASK), MASK.shape[1:], rng=rng)
    if not case.tokens:
        x = np.where(MASK[..., None], x, 1e6 * (1 + x))
    columns = [slice(None)] if batched else range(MASK.shape[1])
    for column in columns:
        mask = MASK[:, column]
        padded_y = layer.forward(x[:, column], mask)[0]
        dy = rng.normal(size=padded_y.shape)
        if not case.pools:
            dy[~mask] = 0
        padded = Pass(layer, x[:, column], mask, dy=dy)
        sequences = [(b,) for b in range(mask.shape[1])] if batched else [()]
        dparameters = dict.fromkeys(dict(leaves(layer)), 0)
        for b in sequences:
            real = np.flatnonzero(mask[:, *b])
            row = b if case.pools else (real, *b)
            alone = Pass(layer, padded.x[real, *b], dy=dy[row])
            agree(padded.y[row], alone.y, f"y of {b}")
            if alone.dx is not None:
                agree(padded.dx[real, *b], alone.dx, f"dx of {b}")
                assert not padded.dx[~mask[:, *b], *b].any(), "padding has no gradient"
            dparameters = {key: dparameters[key] + g for key, g in leaves(alone.dlayer)}
        for key, gradient in leaves(padded.dlayer):
            agree(gradient, dparameters[key], key)


@every_layer
@pytest.mark.parametrize("masked", [False, True], ids=["full", "masked"])
def test_float32_stays_float32(name, masked, rng):
    layer, x = start(name, (2,), rng)
    small = astype(layer, np.float32), x if LAYERS[name].tokens else x.astype(np.float32)
    run = Pass(*small, some_padding((2,), rng) if masked else None, rng=rng)
    kinds = {key: a.dtype for key, a in run.arrays().items() if a.dtype.kind == "f"}
    assert set(kinds.values()) == {np.dtype(np.float32)}, kinds
    agree(run.y, Pass(layer, x, run.mask, rng=rng).y, "y", rtol=1e-4)


@every_layer
def test_a_layer_is_saved_and_loaded(name, tmp_path, rng):
    layer, x = start(name, (2,), rng)
    if count(layer):
        save(layer, tmp_path / "layer.npz")
        again = load(tmp_path / "layer.npz", like=tree_map(np.zeros_like, layer))
        np.testing.assert_array_equal(again.forward(x)[0], layer.forward(x)[0])


@every_layer
def test_wrong_inputs_are_refused_by_name(name, without_type_checks, rng):
    case, batch = LAYERS[name], (2,)
    layer, x = start(name, batch, rng)
    y, trace = layer.forward(x)
    wrong = x.astype(float) if case.tokens else x.astype(int)
    with pytest.raises(ValueError, match=r"\w+\.forward: wanted (x|tokens) of (float|int) numbers"):
        layer.forward(wrong)
    if case.tokens:
        with pytest.raises(ValueError, match=r"Embedding\.forward: wanted tokens from 0 to 6, got 0 to 99"):
            layer.forward(np.array([0, 99]))
    elif count(layer):
        with pytest.raises(
            ValueError, match=rf"\w+\.forward: wanted x with axes \(.*D={D}\), got shape \(5, 2, {D - 1}\)"
        ):
            layer.forward(x[..., :-1])
    for dy in (y[:-1], y[..., :-1], y[None], y.astype(int)):
        with pytest.raises(ValueError, match=r"\w+\.backward: wanted dy of float numbers of shape"):
            layer.backward(dy, trace)


ALONE = ("Linear", "Embedding", "LayerNorm", "FeedForward")  # these look at every step on its own
MASKED = [name for name in LAYERS if name not in ALONE]


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.parametrize(
    "wrong", [np.ones((T, 3), bool), np.ones(T, bool), np.ones((2, T), bool), np.ones((T, 2), int)]
)
def test_wrong_masks_are_refused_by_name(name, wrong, without_type_checks, rng):
    layer, x = start(name, (2,), rng)
    with pytest.raises(ValueError, match=r"\w+\.forward: wanted mask of bool numbers of shape \(5, 2\)"):
        layer.forward(x, wrong)


def test_every_layer_of_the_package_is_registered(rng):
    """A new layer gets one line in the registry. The others are tested in test_branches, test_pooling and test_chain."""
    elsewhere = {"Branch", "Branches", "LastStates", "Pipeline"}
    from course_utils import layers

    found = set()
    for path in layers.__path__:
        found |= set(classes_with_a_backward(path))
    registered = {type(part).__name__ for case in LAYERS.values() for part in parts(case.make(rng))}
    assert found - registered == elsewhere


def parts(layer):
    yield layer
    for child in layer:
        for part in child if isinstance(child, tuple) else (child,):
            if hasattr(part, "backward"):
                yield from parts(part)


def classes_with_a_backward(path):
    from importlib import import_module
    from pkgutil import iter_modules

    for info in iter_modules([path]):
        module = import_module(f"course_utils.layers.{info.name}")
        for name, thing in inspect.getmembers(module, inspect.isclass):
            if thing.__module__ == module.__name__ and hasattr(thing, "backward") and info.name != "base":
                yield name
