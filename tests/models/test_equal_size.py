"""Comparisons are fair: equal parameters."""

import numpy as np
import pytest

from course_utils.models.equal_size import IDENTITY, KINDS, OPEN, recurrent_layer, width
from course_utils.tree import count


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("parameters", [100, 416, 5_248])
def test_width_is_the_largest_that_fits(kind, parameters, rng):
    H = width(kind, 4, parameters)
    assert count(recurrent_layer(kind, 4, H, rng=rng)) <= parameters < count(recurrent_layer(kind, 4, H + 1, rng=rng))


def test_too_few_parameters_and_unknown_kinds_are_refused(rng):
    with pytest.raises(ValueError, match=r"wanted at least 24 parameters for one unit of LSTM, got 10"):
        width("LSTM", 4, 10)
    with pytest.raises(ValueError, match=r"wanted one of RNN, GRU, LSTM.*got 'ESN'"):
        recurrent_layer("ESN", 4, 4, rng=rng)
    with pytest.raises(ValueError, match=r"width: wanted one of RNN, GRU, LSTM.*got 'GRU, reset after'"):
        width("GRU, reset after", 4, 1_000)


def test_the_other_starts_differ_only_in_the_start():
    def at(kind):
        return recurrent_layer(kind, 3, 5, rng=np.random.default_rng(0))

    np.testing.assert_array_equal(at(IDENTITY).W_hh, np.eye(5))
    np.testing.assert_array_equal(at(IDENTITY).W_xh, at("RNN").W_xh)
    assert (at(OPEN).b[1] == 4).all()
    np.testing.assert_array_equal(at(OPEN).W_x, at("LSTM").W_x)
    assert all(array.dtype == np.float32 for kind in (*KINDS, IDENTITY, OPEN) for array in list(at(kind))[:3])
