"""A mean over time leaves padding out and needs at least one real step; last states are those after the last real step."""

import numpy as np
import pytest

from course_utils.gradcheck import gradcheck
from course_utils.layers.pooling import LastStates, MeanOverTime
from course_utils.models.equal_size import lstm_reader

MASK = np.array([[1, 0, 1], [1, 1, 0], [1, 1, 1], [0, 1, 1]], bool)


def test_the_mean_counts_real_steps_only():
    x = np.array([[[2.0], [1.0]], [[4.0], [1e6]]])
    y, _ = MeanOverTime().forward(x, np.array([[True, True], [True, False]]))
    np.testing.assert_array_equal(y, [[3], [1]])


def test_a_sequence_without_a_real_step_is_refused():
    with pytest.raises(ValueError, match=r"MeanOverTime\.forward: wanted at least one real step in every sequence"):
        MeanOverTime().forward(np.ones((2, 2, 1)), np.array([[True, False], [True, False]]))
    with pytest.raises(ValueError, match="at least one real step"):
        MeanOverTime().forward(np.ones((0, 2, 1)))


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
    with pytest.raises(ValueError, match=r"LastStates\.backward: wanted dy .*\(3, 4\), got float64 of shape \(3, 2\)"):
        ends.backward(np.zeros((3, 2)), trace)
