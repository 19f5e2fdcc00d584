"""One pass over a text: a model reads every window once."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from course_utils.optim import Adam
from course_utils.schedules import drop
from course_utils.train import fit

M = TypeVar("M")


def read_once(
    model: M,
    loss_and_gradient: Callable[[M, Any], tuple[float, M]],
    windows: Sequence[Any],
    *,
    lr: float,
    warmup: int = 0,
) -> M:
    """Chapter 05's training: every window once, 11 of 15 with Adam at `lr`, the rest at lr / 4; norms clipped at 1.

    The learning rate rises from 0 during the first `warmup` updates.
    """
    schedule = drop({len(windows) * 11 // 15: 1 / 4}, warmup=warmup)
    return fit(model, loss_and_gradient, windows, Adam(lr), clip=1.0, schedule=schedule, progress=None).model
