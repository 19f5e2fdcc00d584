"""A chain is its layers, one after the other; a pipeline is a chain with names."""

import numpy as np
import pytest

from course_utils.layers.chain import Chain, Pipeline
from course_utils.layers.linear import Linear
from course_utils.layers.rnn import RNN
from course_utils.tree import Tree, leaves, tree
from tests.layers.registry import Named


def test_it_composes(rng):
    one, two = Linear.init(3, 4, rng=rng), Linear.init(4, 2, rng=rng)
    x = rng.normal(size=(5, 3))
    chain = Chain((one, two))
    y, trace = chain.forward(x)
    np.testing.assert_array_equal(y, two.forward(one.forward(x)[0])[0])
    np.testing.assert_array_equal(trace.layers[0].y, trace.layers[1].x)
    assert [name for name, _ in leaves(chain)] == [f"layers[{k}].{p}" for k in (0, 1) for p in "Wb"]


def test_an_empty_chain_changes_nothing():
    x = np.ones((2, 3))
    y, trace = Chain(()).forward(x)
    assert y is x
    assert Chain(()).backward(x, trace)[0] is x


def test_layers_that_do_not_fit_are_named(rng):
    with pytest.raises(ValueError, match=r"Linear\.forward: wanted x with axes \(\*B D=5\), got shape \(2, 4\)"):
        Chain((Linear.init(3, 4, rng=rng), Linear.init(5, 2, rng=rng))).forward(np.ones((2, 3)))


def test_a_trace_of_another_chain_is_refused(rng):
    layer = Linear.init(3, 3, rng=rng)
    y, trace = Chain((layer,)).forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"back_through: wanted one trace for each of 2 layers, got 1"):
        Chain((layer, layer)).backward(y, trace)


def named(rng):
    return Named(RNN.init(4, 3, rng=rng), Linear.init(3, 2, rng=rng))


def test_a_pipeline_computes_what_a_chain_does(rng):
    model, x, mask = named(rng), rng.normal(size=(5, 2, 4)), np.arange(5)[:, None] < [5, 3]
    chain = Chain(tuple(model))
    (y, trace), (chain_y, chain_trace) = model.forward(x, mask), chain.forward(x, mask)
    np.testing.assert_array_equal(y, chain_y)
    dy = rng.normal(size=y.shape)
    for got, wanted in zip(model.backward(dy, trace), chain.backward(dy, chain_trace), strict=True):
        for (_, one), (_, other) in zip(leaves(got), leaves(wanted), strict=True):
            np.testing.assert_array_equal(one, other)


def test_model_trace_and_gradients_have_the_same_names(rng):
    model = named(rng)
    y, trace = model.forward(rng.normal(size=(5, 4)))
    _, dmodel, dtrace = model.backward(y, trace)
    paths = [path for path, _ in leaves(model)]
    assert paths == ["recurrent.W_xh", "recurrent.W_hh", "recurrent.b_h", "readout.W", "readout.b"]
    np.testing.assert_array_equal(trace.recurrent.h[1:], trace.readout.x)
    np.testing.assert_array_equal(dtrace.readout.x, y @ model.readout.W.T)
    assert type(dmodel) is Named
    assert isinstance(trace, Tree)
    assert type(trace) is type(dtrace) is type(model.forward(np.ones((1, 4)))[1]), "one class for all its traces"
    assert repr(trace).startswith("NamedTrace(recurrent=RNNTrace(x=5×4, ")


def test_a_trace_of_another_pipeline_is_refused(rng):
    @tree
    class Short(Pipeline):
        readout: Linear

    y, trace = Short(Linear.init(3, 2, rng=rng)).forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"back_through: wanted one trace for each of 2 layers, got 1"):
        named(rng).backward(y, trace)
