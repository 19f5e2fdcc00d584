"""Rotary positions: what depends on the distance alone, and what a turn leaves as it is."""

import numpy as np
import pytest

from course_utils.layers.attention import DotProductAttention
from course_utils.layers.positions import sinusoids
from course_utils.layers.rotary import RotaryAttention, turn

STEPS = np.arange(20)


def test_a_turn_by_hand():
    """At step 1 the first pair turns by 1 radian, the second by 1/100."""
    x = np.array([[9.0, 9, 9, 9], [1, 0, 1, 0]])
    np.testing.assert_allclose(turn(x, STEPS[:2])[0], x[0])
    np.testing.assert_allclose(turn(x, STEPS[:2])[1], [np.cos(1), np.sin(1), np.cos(0.01), np.sin(0.01)])


def test_turning_leaves_lengths_and_can_be_undone(rng):
    x = rng.normal(size=(5, 3, 2, 6))
    y = turn(x, STEPS[7:12])
    np.testing.assert_allclose(np.linalg.norm(y, axis=-1), np.linalg.norm(x, axis=-1))
    np.testing.assert_allclose(turn(y, STEPS[7:12], back=True), x)
    assert not np.allclose(turn(y, STEPS[6:11], back=True), x)


def test_the_clocks_are_those_of_the_sinusoids():
    """A vector (1, 0, 1, 0, ...) turned to step t is the cosines and sines of the position vector of t."""
    ones = np.tile([1.0, 0], (9, 4))
    np.testing.assert_allclose(turn(ones, STEPS[:9])[:, 0::2], sinusoids(9, 8)[:, 1::2], atol=1e-12)
    np.testing.assert_allclose(turn(ones, STEPS[:9])[:, 1::2], sinusoids(9, 8)[:, 0::2], atol=1e-12)


def test_scores_depend_on_the_distance_alone(rng):
    q, k = rng.normal(size=(2, 4))
    scores = RotaryAttention().forward(np.tile(q, (6, 1)), np.tile(k, (6, 1)), np.zeros((6, 1)))[1].scores
    for distance in range(-5, 6):
        np.testing.assert_allclose(np.ptp(np.diagonal(scores, distance)), 0, atol=1e-12)
    assert np.ptp(scores) > 0.1


def test_the_last_query_stands_at_the_last_key(rng):
    """So steps that come after a state are asked as if all had come at once."""
    q, k, v = rng.normal(size=(3, 6, 4))
    whole = RotaryAttention().forward(q, k, v, causal=True)[0]
    np.testing.assert_allclose(RotaryAttention().forward(q[4:], k, v, causal=True)[0], whole[4:])
    assert not np.allclose(whole, DotProductAttention().forward(q, k, v, causal=True)[0])


def test_an_odd_width_cannot_be_turned_in_pairs():
    with pytest.raises(ValueError, match="RotaryAttention.forward: wanted an even number of features a head, got 3"):
        RotaryAttention().forward(*np.zeros((3, 2, 3)))
