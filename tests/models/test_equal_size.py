"""Comparisons are fair: equal parameters."""

import numpy as np
import pytest

from course_utils.layers.linear import Linear
from course_utils.models.equal_size import IDENTITY, KINDS, OPEN, equal_width, lstm_reader, recurrent_layer, width
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


@pytest.mark.parametrize(("D", "H", "outputs"), [(16, 64, 50), (16, 24, 2), (8, 16, 10)])
def test_two_of_equal_width_have_about_the_parameters_of_one(D, H, outputs, rng):

    def size(width, both):
        return count(lstm_reader(D, width, both=both, rng=rng)) + count(
            Linear.init((1 + both) * width, outputs, rng=rng)
        )

    width = equal_width(D, H, outputs)
    assert size(width, True) <= size(H, False) + outputs < size(width + 1, True) + outputs
    assert H / 2 < width < H


def test_too_few_units_are_refused():
    with pytest.raises(ValueError, match="wanted H large enough for two directions of equal size, got 1"):
        equal_width(50, 1, 2)
