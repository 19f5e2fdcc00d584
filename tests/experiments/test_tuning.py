"""A search for a learning rate goes on until the best is inside."""

import numpy as np
import pytest

from course_utils.experiments.tuning import best, chosen, next_rates


def search(loss, slowest=1e-3, fewest=4):
    """All rates that are tried, in their order, and the one that is chosen."""
    tried, order = {}, []
    while rates := next_rates(tried, slowest, fewest):
        assert chosen(tried, fewest) is None, "what is not over has no winner"
        order += rates
        tried |= {rate: loss(rate) for rate in rates}
    return order, chosen(tried, fewest)


@pytest.mark.parametrize(
    ("lowest", "more"), [(2e-3, []), (1e-3, [5e-4]), (2.5e-4, [5e-4, 2.5e-4, 1.25e-4]), (1.6e-2, [1.6e-2, 3.2e-2])]
)
def test_it_goes_on_until_the_best_has_neighbours_on_both_sides(lowest, more):
    order, rate = search(lambda rate: abs(np.log(rate / lowest)))
    np.testing.assert_allclose(order, [1e-3, 2e-3, 4e-3, 8e-3, *more])
    assert rate == pytest.approx(lowest)


def test_a_training_that_diverged_is_never_the_best():
    assert search(lambda rate: np.inf if rate > 5e-3 else -rate)[1] == 4e-3


def test_what_was_interrupted_is_completed_first():
    assert next_rates({1e-3: 1.0, 4e-3: 2.0}, 1e-3, 4) == [2e-3, 8e-3]
    assert chosen({}, 4) is None


def test_of_rates_that_are_equally_good_the_middle_one_is_chosen():
    order, rate = search(lambda rate: max(0.7, abs(np.log(rate / 4e-3))))
    assert (len(order), rate) == (4, 4e-3)
    order, rate = search(lambda rate: float(rate < 7e-3 or rate > 1e-1))
    np.testing.assert_allclose(order, [1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2])
    assert rate == 8e-3


def test_of_nothing_nothing_is_best():
    with pytest.raises(ValueError, match="best: wanted at least one rate"):
        best({})
