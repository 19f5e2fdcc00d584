"""How alike the vectors of different steps are: the mean cosine between them."""

import numpy as np
import pytest

from course_utils.analysis.depth import mean_cosine


def test_it_is_1_for_one_direction_and_0_for_orthogonal_ones():
    assert mean_cosine(np.array([[1.0, 0], [2, 0], [3, 0]])) == pytest.approx(1)
    assert mean_cosine(np.eye(3)) == pytest.approx(0)
    assert mean_cosine(np.array([[1.0, 0], [-1, 0]])) == pytest.approx(-1)
    with pytest.raises(ValueError, match="mean_cosine: wanted at least 2 steps to compare, got 1"):
        mean_cosine(np.ones((1, 2)))


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e170, 1e300])
def test_it_does_not_depend_on_the_sizes(size, rng):
    x = rng.normal(size=(4, 3))
    assert mean_cosine(x * size) == pytest.approx(mean_cosine(x))
    assert mean_cosine(x * np.array([[size], [1], [1 / size], [2]])) == pytest.approx(mean_cosine(x))
    with pytest.raises(ValueError, match="mean_cosine: wanted vectors with a direction, got one of zeros"):
        mean_cosine(np.array([[1.0, 0], [0, 0]]))
