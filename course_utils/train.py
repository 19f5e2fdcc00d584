"""Training as a generator of steps, and `fit`, which runs it, shows progress and can be interrupted.

``train_steps`` yields after every update; whoever iterates over it decides when to stop, what to look at and what to
keep. ``fit`` is the usual way to use it.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np
from tqdm.auto import tqdm

from course_utils.optim import Optimizer, clip_norm, scaled
from course_utils.tree import norm, tree_map

M = TypeVar("M")
Progress = Callable[..., Iterable[Any]]
"""Wraps an iterable and shows how far it is, as ``tqdm(steps, total=300)`` does."""


class _Bar(tqdm):
    """Without the thread that watches over stalled bars: a browser's Python has none, and tqdm would warn of that."""

    monitor_interval = 0


bar: Progress = partial(_Bar, unit="step", leave=False)


@dataclass(frozen=True)
class Step(Generic[M]):
    """One update: its number from 1 on, the loss (nats) and gradient norm before it, the model after it."""

    number: int
    loss: float
    norm: float
    model: M


@dataclass
class Run(Generic[M]):
    """What a training run has reached so far: the model, and the history of losses and gradient norms."""

    model: M
    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    interrupted: bool = False

    def __repr__(self) -> str:
        return f"Run({len(self.losses)} steps{', interrupted' if self.interrupted else ''}, {self.model!r})"


def train_steps(
    model: M,
    loss_and_gradient: Callable[[M, Any], tuple[float, M]],
    batches: Iterable[Any],
    optimizer: Optimizer,
    *,
    clip: float | None = None,
    trainable: Any = None,
    schedule: Callable[[int], float] | None = None,
) -> Iterator[Step[M]]:
    """Yield a `Step` for every batch. `loss_and_gradient(model, batch)` gives ``(loss, dmodel)``.

    `clip` bounds the norm of the gradient (`optim.clip_norm`). `trainable` is a mask over the model (`tree.select`):
    where it is 0 the gradient is 0 from the start, for the norm, for clipping and for the optimiser's memory, so
    that these parameters stay frozen to the last bit. `schedule(number)` is a factor of the learning rate of step
    `number`, counted from 1 (`course_utils.schedules`). Raises ValueError at the first loss or gradient that is not
    finite, since every later number would be as meaningless; the last good model is the one yielded before.
    """
    state, done = optimizer.init(model), 0
    try:
        for number, batch in enumerate(batches, start=1):
            loss, dmodel = loss_and_gradient(model, batch)
            if trainable is not None:
                dmodel = tree_map(lambda g, free: np.where(free, g, 0), dmodel, trainable)
            length = norm(dmodel)
            if not (np.isfinite(loss) and np.isfinite(length)):
                raise ValueError(
                    f"train_steps: wanted finite numbers, got loss {loss} and gradient norm {length} at step {number}; "
                    "try a smaller learning rate or clip the gradient"
                )
            if clip is not None:
                dmodel = clip_norm(dmodel, clip)
            now = optimizer if schedule is None else scaled(optimizer, schedule(number))
            model, state = now.update(model, dmodel, state)
            yield Step(number, float(loss), length, model)
            done = number
    except KeyboardInterrupt as interruption:
        total = f" of {len(batches)}" if isinstance(batches, Sized) else ""
        interruption.add_note(
            f"Interrupted after {done}{total} steps of one training; variables set before it are kept."
        )
        raise


def fit(
    model: M,
    loss_and_gradient: Callable[[M, Any], tuple[float, M]],
    batches: Iterable[Any],
    optimizer: Optimizer,
    *,
    clip: float | None = None,
    trainable: Any = None,
    schedule: Callable[[int], float] | None = None,
    progress: Progress | None = bar,
) -> Run[M]:
    """Train on every batch once and return the `Run`.

    Interrupting (the stop button, Ctrl-C) ends it early, keeps all that was reached and says so: ``run.interrupted``
    is True then. `progress` shows how far it is; ``LiveCurve`` of ``explorers.live_curve`` draws the loss as well. None shows
    nothing, for one of several trainings: an interruption then is passed on, lest half-trained models be compared.
    `clip`, `trainable`, `schedule` and the ValueErrors are those of `train_steps`; iterate over that yourself to keep
    the steps before it.
    """
    run, reached = Run(model), 0
    steps = train_steps(model, loss_and_gradient, batches, optimizer, clip=clip, trainable=trainable, schedule=schedule)
    total = len(batches) if isinstance(batches, Sized) else None
    try:
        for step in steps if progress is None else progress(steps, total=total):
            run.losses.append(step.loss)
            run.norms.append(step.norm)
            run.model, reached = step.model, step.number
    except KeyboardInterrupt:
        if progress is None:
            raise
        run.interrupted = True
        del run.losses[reached:], run.norms[reached:]  # it may have come between the lines of the loop
        print(
            f"Interrupted after {reached}{f' of {total}' if total else ''} steps; the model they have reached is kept."
        )
    return run


if sys.platform == "emscripten":  # in a browser, where training takes twelve times as long
    from course_utils.recordings import replaying

    fit = replaying(fit)
