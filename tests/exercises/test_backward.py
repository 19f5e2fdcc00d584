"""A backward pass is linear in what comes back, and an answer that is not is told so."""

import numpy as np
import pytest

from course_utils.exercises.backward import proportional
from course_utils.exercises.exercise import NotYet


def double(dy, x):
    return 2 * dy, dy * x


GIVEN = np.array([1.0, -3.0, 0.0]), np.array([0.5, 2.0, 0.1])


def test_what_is_linear_passes_in_any_precision_and_as_a_list():
    proportional(double, double, 1, *GIVEN)
    proportional(lambda dy, x: [part.astype(np.float32) for part in double(dy, x)], double, 1, *GIVEN)
    proportional(lambda dy, x: (list(2 * dy), list(dy * x)), double, 1, *GIVEN)


@pytest.mark.parametrize("most", [5, 1000])
def test_clipping_is_named_with_its_threshold(most):
    with pytest.raises(NotYet, match=f"cut off at ±{most}. That is clipping by value"):
        proportional(lambda dy, x: [np.clip(part, -most, most) for part in double(dy, x)], double, 1, *GIVEN)


def roots(dy, x):
    return np.sign(dy) * np.sqrt(np.abs(dy)), dy * x


@pytest.mark.parametrize("spoilt", [roots, lambda dy, x: (2 * dy + 1, dy * x)])
def test_anything_else_that_is_not_linear_is_told_so(spoilt):
    with pytest.raises(NotYet, match="a million times as much"):
        proportional(spoilt, spoilt, 1, *GIVEN)
