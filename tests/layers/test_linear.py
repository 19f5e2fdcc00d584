"""The affine map, and how it starts."""

import numpy as np
import pytest

from course_utils.layers.linear import Linear


def test_outputs_start_as_large_as_inputs(rng):
    linear = Linear.init(300, 200, rng=rng)
    y, _ = linear.forward(rng.normal(size=(500, 300)))
    assert y.std() == pytest.approx(1, rel=0.02)
    assert not linear.b.any()


def test_a_bare_vector_is_mapped(rng):
    linear = Linear.init(3, 2, rng=rng, dtype=np.float32)
    x = np.array([1, 2, 3], np.float32)
    np.testing.assert_allclose(linear.forward(x)[0], x @ linear.W, rtol=1e-6)
    assert linear.W.dtype == linear.b.dtype == np.float32
