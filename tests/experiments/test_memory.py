"""Memory is learned where it can be, and the scores mean what they say."""

import numpy as np
import pytest

from course_utils.experiments.memory import addition, closings_until_closed, is_open, recall


@pytest.mark.usefixtures("without_type_checks")
def test_memory_is_learned_where_it_can_be():
    assert recall("LSTM", 2, 0, steps=200) > 0.9
    assert recall("LSTM", 40, 0, steps=5) < 0.5
    assert addition("GRU", 6, 0, steps=300) < 0.03 < addition("GRU", 6, 0, steps=2)


class Fixed:
    """A language model of two symbols that says "closed" at one step only."""

    def __init__(self, at):
        self.at = at

    def forward(self, x):
        closed = np.arange(len(x)) == self.at
        return np.stack([closed, ~closed], axis=-1).astype(float), None


@pytest.mark.parametrize(("at", "waits"), [(19, 10), (12, 3), (10, 1), (4, 11)])
def test_closing_brackets_are_counted(at, waits):
    assert closings_until_closed(Fixed(at), n=10) == waits


def test_brackets_are_open_or_not(rng):
    x, y, mask = is_open(12, 5, rng=rng)
    np.testing.assert_array_equal(y, np.cumsum(1 - 2 * x, axis=0) > 0)
    assert mask.all()
