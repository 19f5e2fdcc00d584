"""Factors of the learning rate, step by step."""

import math

import numpy as np
import pytest

from course_utils.optim import SGD, Adam
from course_utils.schedules import drop, rising, warmup_cosine
from course_utils.train import fit


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


@pytest.mark.parametrize(
    "factor",
    [warmup_cosine(10, 50), warmup_cosine(0, 5), drop({9: 0.25}), drop({4: 0.5}, warmup=3)],
)
def test_every_factor_is_one_that_an_optimiser_takes(factor):
    assert all(0 < factor(step) <= 1 for step in range(1, 200))


@pytest.mark.parametrize(("warmup", "steps", "floor"), [(-1, 5, 0.1), (5, 5, 0.1), (1, 5, 0.0), (1, 5, 1.5)])
def test_impossible_schedules_are_refused(warmup, steps, floor):
    with pytest.raises(
        ValueError,
        match=rf"warmup_cosine: wanted (0 <= warmup < steps .*got {warmup}, {steps} and {floor}|warmup >= 0)",
    ):
        warmup_cosine(warmup, steps, floor=floor)


def test_the_rate_drops_after_its_last_full_step():
    factor = drop({3: 0.25})
    assert [factor(step) for step in (1, 3, 4, 5, 100)] == [1, 1, 0.25, 0.25, 0.25]
    assert drop({0: 0.5})(1) == 0.5
    assert [drop({})(1), drop({}, warmup=4)(1)] == [1, 0.25]


def test_it_may_drop_more_than_once_in_whatever_order_it_is_told():
    for factor in (drop({3: 0.5, 5: 0.1}, warmup=2), drop({5: 0.1, 3: 0.5}, warmup=2)):
        assert [factor(step) for step in (1, 2, 3, 4, 5, 6, 100)] == [0.5, 1, 1, 0.5, 0.5, 0.1, 0.1]


@pytest.mark.parametrize(
    ("at", "to", "wanted"),
    [
        (-1, 0.5, "at >= 0, got -1"),
        (3, 0.0, "0 < factor <= 1, got 0.0 after step 3"),
        (3, 4.0, "0 < factor <= 1, got 4.0 after step 3"),
        (3, "half", "0 < factor <= 1, got 'half' after step 3"),
    ],
)
@pytest.mark.usefixtures("without_type_checks")
def test_an_impossible_drop_is_refused(at, to, wanted):
    with pytest.raises(ValueError, match=f"drop: wanted .*{wanted}"):
        drop({at: to})
    with pytest.raises(ValueError, match="drop: wanted warmup >= 0, got -1"):
        drop({3: 0.5}, warmup=-1)


@pytest.mark.usefixtures("without_type_checks")
def test_a_drop_is_two_trainings_in_one():
    """The same for SGD, which remembers nothing; Adam goes on from what it knows, where a second training would not."""

    def moved(optimizer, batches, start, **schedule):
        def loss_and_gradient(w, batch):
            return float((w - batch) ** 2) / 2, w - batch

        return fit(start, loss_and_gradient, batches, optimizer, progress=None, **schedule).model

    batches, start = [np.array(b) for b in (3.0, -1.0, 2.0, 0.5, 4.0, -2.0)], np.array(1.0)
    for kind, same in ((SGD, True), (Adam, False)):
        once = moved(kind(0.1), batches, start, schedule=drop({4: 0.25}))
        twice = moved(kind(0.025), batches[4:], moved(kind(0.1), batches[:4], start))
        assert np.allclose(once, twice, rtol=0, atol=1e-12) == same


def test_a_rate_that_rises_stays_at_1():
    assert rising(0) is None
    schedule = rising(4)
    assert [schedule(step) for step in (1, 2, 4, 5, 100)] == [0.25, 0.5, 1, 1, 1]
