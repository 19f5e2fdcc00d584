"""Gradients by rows, and the optimiser that writes only there."""

import numpy as np
import pytest

from course_utils.sparse import RowAdagrad, Rows
from course_utils.tree import Array, Tree, norm, tree


@tree
class Tables(Tree):
    A: Array
    B: Array


def test_rows_used_twice_add_up(rng):
    numbers, d = rng.integers(0, 5, size=40), rng.normal(size=(40, 3))
    rows = Rows(numbers, d).summed()
    wanted = np.zeros((5, 3))
    np.add.at(wanted, numbers, d)
    assert list(rows.numbers) == sorted(set(numbers.tolist()))
    np.testing.assert_allclose(rows.d, wanted[rows.numbers], atol=1e-12)
    assert norm(Rows(numbers, d)) == pytest.approx(np.linalg.norm(d)), "row numbers are not part of a gradient's length"


def test_no_rows(rng):
    empty = Rows(np.zeros(0, int), np.zeros((0, 3)))
    assert empty.summed().d.shape == (0, 3)


def test_only_the_named_rows_move(rng):
    start = Tables(rng.normal(size=(6, 2)), rng.normal(size=(4, 2)))
    before = [table.copy() for table in start]
    optimizer = RowAdagrad(0.1)
    state = optimizer.init(start)
    gradient = Tables(Rows(np.array([4, 1, 4]), np.ones((3, 2))), Rows(np.zeros(0, int), np.zeros((0, 2))))
    first, state = optimizer.update(start, gradient, state)
    moved = [sorted(set(np.nonzero(a != b)[0].tolist())) for a, b in zip(first, before, strict=True)]
    assert moved == [[1, 4], []]
    # The first step of each row is lr in every direction that all entries share, whatever the gradient's size.
    np.testing.assert_allclose(before[0][[1, 4]] - first.A[[1, 4]], 0.1, rtol=1e-6)
    for table, kept in zip(start, before, strict=True):
        np.testing.assert_array_equal(table, kept, err_msg="the model that was given is not written into")
    once = first.A[1].copy()
    second, _ = optimizer.update(first, gradient, state)
    np.testing.assert_allclose(once - second.A[1], 0.1 / np.sqrt(2), rtol=1e-6)


@pytest.mark.parametrize("lr", [0.0, -1.0, np.nan, np.inf])
def test_wrong_rates_are_refused(lr):
    with pytest.raises(ValueError, match="RowAdagrad: wanted lr > 0, got"):
        RowAdagrad(lr)
