"""A progress bar with a loss curve that grows while a model trains."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display
from ipywidgets import VBox
from tqdm.notebook import tqdm

from course_utils.analysis.summaries import smooth
from course_utils.explorers.explorer import Artists, Explorer, live_view
from course_utils.plots.palette import BLUE, MUTED
from course_utils.train import Step


class _Bar(tqdm):
    """Without a thread, as that of `train.bar`."""

    monitor_interval = 0


class LiveCurve(VBox):
    """Wraps the steps of a training run as tqdm does: ``fit(..., progress=LiveCurve)``.

    The curve is redrawn a few times a second, so it costs the training next to nothing, and the widget leaves when the
    run ends: what stays in the notebook is the figure that the cell draws of the finished run.
    """

    def __init__(self, steps: Iterable[Step[Any]], *, total: int | None = None, seconds_between: float = 0.3) -> None:
        self._losses: list[float] = []
        self._seconds_between = seconds_between
        self._bar = _Bar(steps, total=total, unit="step", display=False)
        self._curve = Explorer(
            "LiveCurve",
            {},
            setup=self._setup,
            update=self._move,
            describe=lambda: "The loss so far.",
            figsize=(8.0, 2.6),
        )
        self._total = total
        super().__init__([self._bar.container, self._curve.picture])

    def __iter__(self) -> Iterator[Step[Any]]:
        if hasattr(get_ipython(), "kernel"):
            display(live_view(self), raw=True)  # no more: a bar with seconds in it must not be stored in a notebook
        next_time = 0.0
        try:
            for step in self._bar:
                self._losses.append(step.loss)
                if time.monotonic() > next_time:
                    began = time.monotonic()
                    self._curve.redraw()
                    # Drawing gets at most a twentieth of the time, on a slow machine too.
                    next_time = time.monotonic() + max(self._seconds_between, 20 * (time.monotonic() - began))
                yield step
        finally:
            self._bar.close()
            self.close()

    def _setup(self, figure: Any) -> Artists:
        ax = figure.subplots()
        ax.set(xlabel="step", ylabel="loss (nats)", xlim=(0, 1), ylim=(0, 1))
        (each,) = ax.plot([], [], color=MUTED, alpha=0.35, lw=1)
        (mean,) = ax.plot([], [], color=BLUE)
        return {"each": each, "mean": mean}

    def _move(self, artists: Artists) -> None:
        if not self._losses:
            return
        steps = range(1, len(self._losses) + 1)
        artists["each"].set_data(steps, self._losses)
        artists["mean"].set_data(steps, smooth(self._losses, max(1, len(self._losses) // 20)))
        ax = artists["mean"].axes
        ax.set_xlim(0, self._total or len(self._losses))
        ax.set_ylim(0, 1.05 * max(self._losses) or 1)

    _ipython_display_ = None

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return live_view(self)
