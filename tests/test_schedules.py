"""Factors of the learning rate, step by step."""

import math

import pytest

from course_utils.schedules import rising, warmup_cosine, warmup_inverse_root


def test_cosine_by_hand():
    factor = warmup_cosine(4, 12, floor=0.2)
    assert [factor(step) for step in (1, 2, 3, 4)] == [0.25, 0.5, 0.75, 1]
    assert factor(6) == pytest.approx(0.2 + 0.8 * (1 + math.cos(math.pi / 4)) / 2)
    assert factor(8) == pytest.approx(0.6)
    assert factor(12) == pytest.approx(0.2)
    assert factor(1000) == pytest.approx(0.2), "and stays there"


def test_without_warm_up_it_starts_almost_at_1():
    factor = warmup_cosine(0, 100)
    assert 0.99 < factor(1) <= 1
    assert all(factor(step) > factor(step + 1) for step in range(1, 100))


def test_inverse_root_by_hand():
    factor = warmup_inverse_root(4)
    assert [factor(step) for step in (1, 2, 4, 16, 64)] == [0.25, 0.5, 1, 0.5, 0.25]


@pytest.mark.parametrize("factor", [warmup_cosine(10, 50), warmup_cosine(0, 5), warmup_inverse_root(1)])
def test_every_factor_is_one_that_an_optimiser_takes(factor):
    assert all(0 < factor(step) <= 1 for step in range(1, 200))


@pytest.mark.parametrize(("warmup", "steps", "floor"), [(-1, 5, 0.1), (5, 5, 0.1), (1, 5, 0.0), (1, 5, 1.5)])
def test_impossible_schedules_are_refused(warmup, steps, floor):
    with pytest.raises(
        ValueError,
        match=rf"warmup_cosine: wanted (0 <= warmup < steps .*got {warmup}, {steps} and {floor}|warmup >= 0)",
    ):
        warmup_cosine(warmup, steps, floor=floor)


def test_an_impossible_warm_up_is_refused():
    with pytest.raises(ValueError, match="warmup_inverse_root: wanted warmup >= 1, got 0"):
        warmup_inverse_root(0)


def test_a_rate_that_rises_stays_at_1():
    assert rising(0) is None
    schedule = rising(4)
    assert [schedule(step) for step in (1, 2, 4, 5, 100)] == [0.25, 0.5, 1, 1, 1]
