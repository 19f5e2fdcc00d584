"""Trainings that take minutes in a browser's Python: what they led to was recorded, and is shown there instead.

A training is known by its settings (sizes of the model, optimiser, clipping, schedule, number of batches) and by the loss
and the gradient norm of its first step. Whoever changes any of that trains live, as everybody does outside a browser.
``python -m tools.record`` makes the recordings anew, and `live` turns them off.
"""

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sized
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.saving import read_arrays, write_arrays
from course_utils.tree import Array, leaves, tree_map

FOLDER = Path(__file__).parent / "recorded"
"""Where the recordings that come with the course lie, a file each in a folder for each chapter."""
SLOWER = 12
"""A training in a browser takes about so many times as long as outside, where NumPy has a BLAS."""
LARGE = 200_000
"""Models with more numbers are recorded as float16, all others as they are."""
_shown = [True]


def live(on: bool = True) -> None:
    """From now on, train here what has a recording, too; ``live(False)`` shows recordings again."""
    _shown[0] = not on


def key(
    model: Any, optimizer: Any, batches: Iterable[Any], *, clip: Any = None, trainable: Any = None, schedule: Any = None
) -> str:
    """What names a training with these settings. Of model and batches the sizes count, not the numbers."""
    total = len(batches) if isinstance(batches, Sized) else 0
    factors = [] if schedule is None else [round(schedule(step), 9) for step in (1, 1 + total // 2, max(1, total))]
    free = [] if trainable is None else [(path, float(np.sum(mask))) for path, mask in leaves(trainable)]
    parts = [(path, array.shape, str(array.dtype)) for path, array in leaves(model)]
    settings = (type(model).__name__, parts, repr(optimizer), clip, free, factors, total)
    return hashlib.sha256(repr(settings).encode()).hexdigest()[:16]


def as_arrays(run: Any, seconds: float) -> dict[str, Array]:
    """A `train.Run` as the arrays of a file: the model, all losses and gradient norms, and its seconds."""
    model = dict(leaves(run.model))
    large = sum(array.size for array in model.values()) > LARGE
    arrays = {
        f"model/{path}": array.astype(np.float16) if large and array.dtype.kind == "f" else array
        for path, array in model.items()
    }
    history = {"losses": np.array(run.losses, np.float32), "norms": np.array(run.norms, np.float32)}
    return arrays | history | {"seconds": np.array(seconds)}


def as_model(arrays: Mapping[str, Array], like: Any) -> Any:
    """The recorded model, built like `like` and with its kinds of number."""
    recorded = iter([arrays[f"model/{path}"] for path, _ in leaves(like)])
    return tree_map(lambda array: next(recorded).astype(array.dtype), like)


def replaying(fit: Callable[..., Any], folder: Path = FOLDER) -> Callable[..., Any]:
    """`train.fit` as a browser has it: a training that was recorded is not repeated.

    Batches that are made on the way are still made, so that random numbers go on where they would. If the training would
    have shown its progress, a line says that this is a recording, and how to train.
    """

    @functools.wraps(fit)
    def replayed(
        model: Any,
        loss_and_gradient: Any,
        batches: Iterable[Any],
        optimizer: Any,
        *,
        progress: Any = True,
        **settings: Any,
    ) -> Any:
        shown = {} if progress is True else {"progress": progress}
        found = sorted(folder.glob(f"*/{key(model, optimizer, batches, **settings)}-*.npz")) if _shown[0] else []
        if not found:
            return fit(model, loss_and_gradient, batches, optimizer, **settings, **shown)
        rest = iter(batches)
        begin = list(islice(rest, 1))
        run = fit(model, loss_and_gradient, begin, optimizer, **settings, progress=None)
        for arrays in map(read_arrays, found):
            first = [arrays[name][:1] for name in ("losses", "norms")]
            if not np.allclose(first, [run.losses, run.norms], rtol=1e-3):
                continue
            if not isinstance(batches, Sized):
                for _ in rest:
                    pass
            if progress is not None:
                minutes = float(arrays["seconds"]) * SLOWER / 60
                print(
                    f"Recorded: here it would train for {minutes:.1f} minutes. To do so, call course_utils.recordings.live()."
                )
            run.model = as_model(arrays, model)
            run.losses, run.norms = arrays["losses"].tolist(), arrays["norms"].tolist()
            return run
        again = batches if isinstance(batches, Sized) else chain(begin, rest)
        return fit(model, loss_and_gradient, again, optimizer, **settings, **shown)

    return replayed


def recording(
    fit: Callable[..., Any], clock: Callable[[], float], keep: Callable[[str, dict[str, Array]], None]
) -> Any:
    """`train.fit` that also hands the name and the arrays of every training that was not interrupted to `keep`."""

    @functools.wraps(fit)
    def recorded(model: Any, loss_and_gradient: Any, batches: Any, optimizer: Any, **settings: Any) -> Any:
        began = clock()
        name = key(model, optimizer, batches, **{k: v for k, v in settings.items() if k != "progress"})
        run = fit(model, loss_and_gradient, batches, optimizer, **settings)
        if run.losses and not run.interrupted:
            keep(name, as_arrays(run, clock() - began))
        return run

    return recorded


def write(folder: Path, name: str, arrays: dict[str, Array]) -> None:
    """Write a recording beside others of the same name, which began elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    write_arrays(arrays, folder / f"{name}-{len([*folder.glob(f'{name}-*.npz')])}.npz")
