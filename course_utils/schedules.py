"""Learning rates that change: functions from the number of a step, 1 for the first, to a factor of the optimiser's lr.

To be given to `train.fit` as its ``schedule``.
"""

import math
from collections.abc import Callable, Mapping

from course_utils.shapes import expect_whole, is_real

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


def drop(factors: Mapping[int, float], *, warmup: int = 0) -> Schedule:
    """Boldly first, then carefully: ``drop({700: 1/3, 900: 1/10})`` is 1 up to step 700, then 1/3, after step 900 1/10.

    During the first `warmup` steps it also goes straight up from 0. One training, in which Adam's moments live on; two
    trainings one after the other begin them anew. Raises ValueError unless all steps are >= 0 and all factors in (0, 1].
    """
    expect_whole("drop", low=0, warmup=warmup)
    for at, to in factors.items():
        expect_whole("drop", low=0, at=at)
        if not (is_real(to) and 0 < to <= 1):
            raise ValueError(f"drop: wanted factors 0 < factor <= 1, got {to!r:.60} after step {at}")
    passed = sorted(factors.items())

    def factor(step: int) -> float:
        expect_whole("drop", step=step)
        now = [1.0, *(to for at, to in passed if step > at)][-1]
        return now * min(1.0, step / warmup) if warmup else now

    return factor


def rising(warmup: int) -> Schedule | None:
    """A schedule for `fit` that goes straight up to 1 in so many steps and stays there; None for none."""
    return (lambda step: min(1.0, step / warmup)) if warmup else None
