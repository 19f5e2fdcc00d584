"""A chain is its layers, one after the other."""

import numpy as np
import pytest

from course_utils.layers.chain import Chain
from course_utils.layers.linear import Linear
from course_utils.tree import leaves


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
