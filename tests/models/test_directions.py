"""Models of equal size, and the features at the ends of both passes."""

import numpy as np
import pytest

from course_utils.gradcheck import gradcheck
from course_utils.layers.linear import Linear
from course_utils.layers.pooling import LastStates
from course_utils.models.equal_size import equal_width, lstm_reader
from course_utils.tree import count

MASK = np.array([[1, 0, 1], [1, 1, 0], [1, 1, 1], [0, 1, 1]], bool)


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


@pytest.mark.parametrize("both", [False, True])
def test_ends_are_the_last_real_steps_of_each_pass(both, rng):
    ends = LastStates(lstm_reader(3, 4, both=both, rng=rng))
    x = rng.normal(size=(4, 3, 3)).astype(np.float32)
    y, _ = ends.forward(x, MASK)
    for b in range(3):
        alone, _ = ends.recurrent.forward(x[MASK[:, b], b])
        np.testing.assert_allclose(y[b, :4], alone[-1, :4], atol=1e-6)
        if both:
            np.testing.assert_allclose(y[b, 4:], alone[0, 4:], atol=1e-6)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["full", "masked"])
def test_its_backward_equals_finite_differences(both, mask, rng):
    report = gradcheck(
        LastStates(lstm_reader(3, 2, both=both, rng=rng)), rng.normal(size=(4, 3, 3)), rng=rng, mask=mask
    )
    assert report.ok, f"\n{report}"


def test_a_wrong_dy_is_refused(without_type_checks, rng):
    ends = LastStates(lstm_reader(3, 2, both=True, rng=rng))
    _, trace = ends.forward(rng.normal(size=(4, 3, 3)))
    with pytest.raises(ValueError, match=r"Ends\.backward: wanted dy .*\(3, 4\), got float64 of shape \(3, 2\)"):
        ends.backward(np.zeros((3, 2)), trace)
