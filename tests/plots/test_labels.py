"""Labels: none lies on another, none on a point, none leaves the frame."""

from itertools import combinations

import numpy as np
import pytest

from course_utils.plots.labels import SIDES, apart, place_labels

GAP = np.array([0.01, 0.01])
FRAME = (-1.0, 1.0, -1.0, 1.0)


@pytest.mark.parametrize("P", [5, 40, 200])
def test_labels_keep_clear_of_each_other_of_points_and_of_the_frame(P, rng):
    points = rng.uniform(-1, 1, size=(P, 2))
    sizes = np.stack([rng.uniform(0.05, 0.4, size=P), np.full(P, 0.06)], axis=1)
    middles, there = place_labels(points, sizes, gap=GAP, frame=FRAME)
    low, high = middles - sizes / 2, middles + sizes / 2
    for i, j in combinations(np.flatnonzero(there), 2):
        apart = GAP * (1, 0) - 1e-12
        assert (low[i] >= high[j] + apart).any() or (low[j] >= high[i] + apart).any(), "two labels overlap, or touch"
    for k in np.flatnonzero(there):
        assert not ((low[k] < points) & (points < high[k])).all(1).any(), "a label covers a point"
        assert (low[k] >= -1).all()
        assert (high[k] <= 1).all()
    assert there.sum() > (4 if P == 5 else 10)
    if P == 200:
        assert not there.all(), "there is no room for all"


def test_a_label_stands_right_of_its_point_if_it_can():
    size, point = np.array([[0.2, 0.1]]), np.zeros((1, 2))
    middles, there = place_labels(point, size, gap=GAP, frame=FRAME)
    np.testing.assert_allclose(middles, [[0.11, 0]])
    assert there.all()
    at_the_edge, _ = place_labels(np.array([[0.9, 0.0]]), size, gap=GAP, frame=FRAME)
    np.testing.assert_allclose(at_the_edge, [[0.79, 0]])
    crowded, _ = place_labels(point, size, gap=GAP, frame=FRAME, dots=np.array([[0.1, 0.0], [-0.1, 0.0]]))
    np.testing.assert_allclose(crowded, [[0, 0.06]])


def test_the_first_points_choose_first():
    """Points on one spot: each of the first ones gets another side, the rest none."""
    points, sizes = np.zeros((12, 2)), np.tile([0.2, 0.01], (12, 1))
    middles, there = place_labels(points, sizes, gap=GAP, frame=FRAME)
    np.testing.assert_allclose(middles[:4], SIDES[:4] * (0.11, 0.015))
    assert list(np.flatnonzero(there)) == [0, 1, 2, 3]


def test_nothing_to_label():
    middles, there = place_labels(np.empty((0, 2)), np.empty((0, 2)), gap=GAP, frame=FRAME)
    assert middles.shape == (0, 2)
    assert there.shape == (0,)


def test_apart_moves_no_more_than_needed():
    np.testing.assert_allclose(apart(np.array([1.0, 5.0, 3.0]), 0.5), [1, 5, 3])
    np.testing.assert_allclose(apart(np.array([1.0, 1.0]), 0.5), [0.75, 1.25])
    placed = apart(np.array([0.0, 0.1, 0.2, 9.0]), 1.0)
    np.testing.assert_allclose(placed, [-0.9, 0.1, 1.1, 9])
    assert len(apart(np.array([]), 1.0)) == 0
