"""Training on a fixed budget: every window once."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from course_utils.optim import Adam
from course_utils.schedules import rising
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
    large = len(windows) * 11 // 15
    for rate, some, rise in ((lr, windows[:large], warmup), (lr / 4, windows[large:], 0)):
        run = fit(model, loss_and_gradient, some, Adam(rate), clip=1.0, schedule=rising(rise), progress=None)
        model = run.model
    return model
