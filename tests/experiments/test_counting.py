"""Counting: what is asked, and that it can be done exactly."""

import numpy as np
import pytest

from course_utils.data.tasks import brackets
from course_utils.experiments import counting
from course_utils.models.equal_size import IDENTITY


class Fixed:
    """A language model of two symbols that says "closed" at one step only."""

    def __init__(self, at):
        self.at = at

    def forward(self, x):
        closed = np.arange(len(x)) == self.at
        return np.stack([closed, ~closed], axis=-1).astype(float), None


@pytest.mark.parametrize(("at", "waits"), [(19, 10), (12, 3), (10, 1), (4, 11)])
def test_it_counts_closing_brackets(at, waits):
    assert counting.closings_until_closed(Fixed(at), n=10) == waits


def test_brackets_are_open_or_not(rng):
    x, y, mask = counting.is_open(12, 5, rng=rng)
    np.testing.assert_array_equal(y, np.cumsum(1 - 2 * x, axis=0) > 0)
    assert mask.all()


def memory(model, x, **kept):
    """What a model set by hand has counted after each bracket."""
    trace = model.forward(x, **kept)[1].recurrent
    return getattr(trace, "c", trace.h)[1:, ..., 0]


@pytest.mark.parametrize("kind", ["LSTM", IDENTITY])
@pytest.mark.parametrize("p_open", [0.5, 0.9])
def test_weights_set_by_hand_count_exactly(kind, p_open, rng):
    """Not nearly: every number is the depth to the last bit, far beyond any length a network was trained on."""
    model = counting.set_by_hand(kind)
    x = brackets(3_000, 4, rng=rng, p_open=p_open).x
    depth = np.cumsum(1 - 2 * x, axis=0)
    assert depth.max() > 60
    np.testing.assert_array_equal(memory(model, x), depth)
    np.testing.assert_array_equal(model.forward(x)[0].argmax(-1), depth > 0)
    assert counting.closings_until_closed(model, n=20_000) == 20_000


@pytest.mark.parametrize("kind", ["LSTM", IDENTITY])
def test_they_are_exact_up_to_the_bound_of_their_numbers_and_not_beyond(kind):
    model = counting.set_by_hand(kind)

    def open_one_more(depth):
        h, c = np.array([np.tanh(depth)]), np.array([depth])
        return memory(model, np.array([0, 1]), state=(h, c) if kind == "LSTM" else c) - depth

    np.testing.assert_array_equal(open_one_more(2.0**53 - 1), [1, 0])
    assert (open_one_more(2.0**53) != [1, 0]).any()


def test_other_kinds_have_no_such_weights():
    with pytest.raises(ValueError, match="set_by_hand: wanted LSTM or RNN, identity start, got 'GRU'"):
        counting.set_by_hand("GRU")


def test_a_trained_network_says_closed_where_it_was_trained(without_type_checks, rng):
    model = counting.bracket_counter("LSTM", 0, steps=150, T=10)
    x, y, _ = counting.is_open(10, 200, rng=rng)
    assert np.mean(model.forward(x)[0].argmax(-1) == y) > 0.9
