"""Fit an autoregression, choose where its forecast starts, and compare it with doing almost nothing."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import Dropdown, IntSlider
from jaxtyping import Float
from matplotlib.figure import Figure

from course_utils.data.series import Series, gallery
from course_utils.explorers.autocorrelation import steps_of
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.palette import BLUE, INK, MUTED, SKY
from course_utils.plots.series import FORECASTS
from course_utils.series.autocorrelation import standardised
from course_utils.series.autoregression import (
    Autoregression,
    Forecast,
    backtest,
    constant,
    persistence,
    rmse,
    time_split,
)
from course_utils.tree import Array

PAST, AHEAD, ORDER = 50, 30, 20
"""Steps shown before the forecast, longest forecast, largest order."""


class Fitted(NamedTuple):
    """A standardised series, how it forecasts by name, and the RMSE of each of these by the horizon."""

    x: Float[Array, "T"]
    forecasts: dict[str, Forecast]
    curves: dict[str, Float[Array, "H"]]


def autoregression_explorer(series: Sequence[Series] | None = None) -> Explorer:
    """Controls: the series, the order k, the horizon h, and t_0, where in the last 30 % the forecast starts.

    Models are fitted to the first 70 %. Series are standardised, so that one pair of axes fits them all. Raises
    ValueError for one that is too short (fewer than 110 values), or constant.
    """
    chosen = {
        one.name: standardised(one.values, f"autoregression_explorer, {one.name}")
        for one in (gallery() if series is None else series)
    }
    steps = {one.name: one.one_step for one in (gallery() if series is None else series)}
    tests = [len(x) - int(0.7 * len(x)) - AHEAD for x in chosen.values()]
    if min(tests) < 3:
        raise ValueError(
            f"autoregression_explorer: wanted at least 110 values, got {[len(x) for x in chosen.values()]}"
        )

    controls = {
        "series": Dropdown(options=list(chosen), description="series"),
        "k": IntSlider(2, 1, ORDER, description="k order"),
        "h": IntSlider(20, 1, AHEAD, description="H horizon (steps)"),
        "t_0": IntSlider(min(32, *tests), 0, min(100, *tests), description="t_0 start of the forecast"),
    }
    return Explorer(
        "AutoregressionExplorer",
        controls,
        compute=partial(fit_to, chosen),
        setup=_setup,
        update=_update,
        describe=partial(_describe, steps),
        figsize=(11.0, 3.7),
    )


def fit_to(chosen: Mapping[str, Float[Array, "..."]], series: str, k: int) -> Fitted:
    """Fit an AR(k) to the first 70 % and try it, and what it is compared with, at every start in the rest."""
    x = chosen[series]
    train, _ = time_split(x, 0.7)
    forecasts: dict[str, Forecast] = {
        "AR": Autoregression.fit(train, k).forecast,
        "persistence": persistence,
        "mean": constant(float(train.mean())),
    }
    return Fitted(x, forecasts, {name: rmse(backtest(f, x, len(train), AHEAD, k)) for name, f in forecasts.items()})


def _setup(figure: Figure) -> Artists:
    left, right = figure.subplots(1, 2, width_ratios=(1.8, 1))
    left.set(xlabel="steps from the start of the forecast", ylabel="standard deviations")
    left.set(xlim=(-PAST, AHEAD), ylim=(-5.4, 7.2))
    left.axvline(-0.5, ymax=0.83, color=MUTED, lw=0.8)  # up to the legend
    style: dict[str, Any] = {"AR": {"color": BLUE, "marker": "o", "ms": 3.5}}
    style |= {name: {"color": color, "ls": "--"} for name, color in FORECASTS.items()}
    (past,) = left.plot([], [], color=INK, lw=1.3, label="known")
    (future,) = left.plot([], [], color=INK, lw=1.3, alpha=0.35, label="what came")
    (seen,) = left.plot([], [], "o", color=SKY, ms=6, label="the k values it sees")
    lines = [left.plot([], [], label=name, **style[name])[0] for name in style]
    left.legend(loc="upper left", ncols=3, handlelength=1.6)
    right.set(xlabel="horizon (steps ahead)", ylabel="RMSE on the last 30 % (s.d.)")
    right.set(xlim=(0, AHEAD + 0.5), ylim=(0, 2.3))
    curves = [right.plot([], [], **style[name])[0] for name in style]
    at = right.axvline(1, color=MUTED, lw=0.8)
    (dots,) = right.plot([], [], "o", color=INK, ms=5, mfc="none")
    return {"past": past, "future": future, "seen": seen, "lines": lines, "curves": curves, "at": at, "dots": dots}


def _update(artists: Artists, now: Fitted, k: int, h: int, t_0: int) -> None:
    x, curves = now.x, now.curves.values()
    origin = int(0.7 * len(x)) + t_0
    past, ahead = np.arange(-PAST, 0), np.arange(AHEAD)
    artists["past"].set_data(past, x[origin + past])
    artists["future"].set_data(ahead, x[origin + ahead])
    artists["seen"].set_data(np.arange(-k, 0), x[origin - k : origin])
    for artist, forecast in zip(artists["lines"], now.forecasts.values(), strict=True):
        artist.set_data(ahead[:h], forecast(x[:origin], h))
    for artist, curve in zip(artists["curves"], curves, strict=True):
        artist.set_data(1 + ahead, curve)
    artists["at"].set_xdata([h, h])
    artists["dots"].set_data([h] * len(curves), [curve[h - 1] for curve in curves])


def _describe(steps: Mapping[str, str], now: Fitted, series: str, k: int, h: int, t_0: int) -> str:
    named = {name if name != "AR" else f"AR({k})": curve for name, curve in now.curves.items()}
    scores = ", ".join(f"{name} {curve[h - 1]:.2f}" for name, curve in named.items())
    return (
        f"{series}, {steps_of(h)} ahead (a step is {steps[series]}): the RMSE over all starts in the last 30 % is "
        f"{scores} standard deviations. This forecast starts {steps_of(t_0)} into that part."
    )
