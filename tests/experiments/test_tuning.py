"""A search for a learning rate goes on until the best is inside."""

import numpy as np
import pytest

from course_utils.experiments.tuning import chosen, next_rates


def search(loss, slowest=1e-3, fewest=4):
    """All rates that are tried, in their order, and the one that is chosen."""
    tried, order = {}, []
    while rates := next_rates(tried, slowest, fewest):
        assert chosen(tried, fewest) is None, "what is not over has no winner"
        order += rates
        tried |= {rate: loss(rate) for rate in rates}
    return order, chosen(tried, fewest)


@pytest.mark.parametrize(
    ("best", "more"), [(2e-3, []), (1e-3, [5e-4]), (2.5e-4, [5e-4, 2.5e-4, 1.25e-4]), (1.6e-2, [1.6e-2, 3.2e-2])]
)
def test_it_goes_on_until_the_best_has_neighbours_on_both_sides(best, more):
    order, rate = search(lambda rate: abs(np.log(rate / best)))
    np.testing.assert_allclose(order, [1e-3, 2e-3, 4e-3, 8e-3, *more])
    assert rate == pytest.approx(best)


def test_a_training_that_diverged_is_never_the_best():
    assert search(lambda rate: np.inf if rate > 5e-3 else -rate)[1] == 4e-3


def test_what_was_interrupted_is_completed_first():
    assert next_rates({1e-3: 1.0, 4e-3: 2.0}, 1e-3, 4) == [2e-3, 8e-3]
    assert chosen({}, 4) is None
