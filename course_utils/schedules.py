"""Learning rates that change: functions from the number of a step, 1 for the first, to a factor of the optimiser's lr.

To be given to `train.fit` as its ``schedule``.
"""

import math
from collections.abc import Callable

from course_utils.shapes import expect_whole

Schedule = Callable[[int], float]


def warmup_cosine(warmup: int, steps: int, *, floor: float = 0.1) -> Schedule:
    """In `warmup` steps straight up to 1, then half a cosine down to `floor`, reached at the last of all `steps`.

    Adam's first steps are as long as its later ones though it knows little yet: short ones do no harm (Loshchilov &
    Hutter 2017, equation 5, without restarts). Raises ValueError unless 0 <= warmup < steps and 0 < floor <= 1.
    """
    expect_whole("warmup_cosine", low=0, warmup=warmup, steps=steps)
    if not warmup < steps or not 0 < floor <= 1:
        raise ValueError(
            f"warmup_cosine: wanted 0 <= warmup < steps and 0 < floor <= 1, got {warmup}, {steps} and {floor}"
        )

    def factor(step: int) -> float:
        expect_whole("warmup_cosine", step=step)
        if step < warmup:
            return step / warmup
        done = min(1.0, (step - warmup) / (steps - warmup))
        return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2

    return factor


def warmup_inverse_root(warmup: int) -> Schedule:
    """In `warmup` steps straight up to 1, then down with 1 / sqrt(step): needs no end.

    Vaswani et al. (2017, equation 3), scaled to a peak of 1. Raises ValueError unless warmup >= 1.
    """
    expect_whole("warmup_inverse_root", warmup=warmup)

    def factor(step: int) -> float:
        expect_whole("warmup_inverse_root", step=step)
        return min(step / warmup, math.sqrt(warmup / step))

    return factor


def drop(at: int, to: float) -> Schedule:
    """Up to step `at` the full learning rate, from the next one on `to` times it: boldly first, then carefully.

    One training, in which Adam's moments live on; two trainings one after the other begin them anew. Raises ValueError
    unless at >= 0 and 0 < to <= 1.
    """
    expect_whole("drop", low=0, at=at)
    if not 0 < to <= 1:
        raise ValueError(f"drop: wanted 0 < to <= 1, got {to}")

    def factor(step: int) -> float:
        expect_whole("drop", step=step)
        return 1.0 if step <= at else to

    return factor


def rising(warmup: int) -> Schedule | None:
    """A schedule for `fit` that goes straight up to 1 in so many steps and stays there; None for none."""
    return (lambda step: min(1.0, step / warmup)) if warmup else None
