"""Lay a series over itself, k steps later, and see how well the two agree; then shuffle it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from ipywidgets import Checkbox, Dropdown, IntSlider
from jaxtyping import Float
from matplotlib.figure import Figure

from course_utils.data.series import Series, gallery
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.bands import row
from course_utils.plots.glyphs import Letters
from course_utils.plots.palette import BLUE, GRID, INK, MUTED, ORANGE, RED
from course_utils.series.autocorrelation import autocorrelation, standardised, white_noise_band
from course_utils.tree import Array

LAGS, WINDOW = 40, 120
"""Largest lag, and how many steps of the series the left picture shows."""


class Prepared(NamedTuple):
    """A standardised series, its autocorrelations at the lags from 0 on, and by how much its dots are moved, x and y."""

    x: Float[Array, "T"]
    r: Float[Array, "K"]
    jitter: Float[Array, "2 T"]


def autocorrelation_explorer(series: Sequence[Series] | None = None, *, seed: int = 0) -> Explorer:
    """Controls: the series, the lag k, and whether its values are shuffled (with `seed`).

    Series are standardised, so that one pair of axes fits them all. Raises ValueError for one of fewer than 160 values.
    """
    chosen = {one.name: one for one in (gallery() if series is None else series)}
    if short := [one for one in chosen.values() if len(one) < WINDOW + LAGS]:
        raise ValueError(f"autocorrelation_explorer: wanted at least {WINDOW + LAGS} values, got {short}")

    controls = {
        "series": Dropdown(options=list(chosen), description="series"),
        "k": IntSlider(1, 1, LAGS, description="k lag (steps)"),
        "shuffled": Checkbox(False, description="shuffle the values", indent=False),
    }
    return Explorer(
        "AutocorrelationExplorer",
        controls,
        compute=partial(prepare, chosen, seed),
        setup=_setup,
        update=_update,
        describe=partial(_describe, chosen),
        figsize=(11.0, 3.5),
    )


def prepare(chosen: Mapping[str, Series], seed: int, series: str, shuffled: bool) -> Prepared:
    """The series of that name, in its order or shuffled."""
    rng, x = np.random.default_rng(seed), standardised(chosen[series].values, "autocorrelation")
    # A series of two values would hide hundreds of pairs behind four dots: spread its dots a little.
    jitter = (len(np.unique(x)) <= 10) * rng.uniform(-0.4, 0.4, (2, len(x)))
    x = rng.permutation(x) if shuffled else x
    return Prepared(x, autocorrelation(x, LAGS), jitter)


def _setup(figure: Figure) -> Artists:
    over, scatter, memory = figure.subplots(1, 3, width_ratios=(1.7, 1, 1.5))
    over.set(xlabel="time step t", ylabel="standard deviations", xlim=(0, WINDOW), ylim=(-4.2, 5.2))
    (later,) = over.plot([], [], color=ORANGE, lw=1.3)
    (now,) = over.plot([], [], color=INK, lw=1.3)
    heading = Letters(over, size=9.5, family="sans-serif", align=0.0, transform=over.transAxes)
    scatter.set(xlim=(-4.2, 4.2), ylim=(-4.2, 4.2), xlabel="value k steps before", ylabel="value now")
    (pairs,) = scatter.plot([], [], "o", ms=3, color=BLUE, alpha=0.25, mec="none")
    (slope,) = scatter.plot([], [], color=RED)
    memory.set(xlim=(0, LAGS + 1), ylim=(-1.05, 1.05), xlabel="lag k (steps)", ylabel="autocorrelation $r_k$")
    memory.axhline(0, color=MUTED, lw=0.8)
    band = row(memory, -1.0, 1.0, color=GRID, lw=0, zorder=0.5)
    stems = memory.vlines(np.arange(1, LAGS + 1), 0, 1, color=BLUE, lw=2)
    (here,) = memory.plot([], [], "o", color=RED, ms=8)
    return {
        "later": later,
        "now": now,
        "heading": heading,
        "pairs": pairs,
        "slope": slope,
        "band": band,
        "stems": stems,
        "here": here,
    }


def _update(artists: Artists, now: Prepared, k: int) -> None:
    (x, r, jitter), t = now, np.arange(WINDOW)
    artists["now"].set_data(t, x[LAGS : LAGS + WINDOW])
    artists["later"].set_data(t, x[LAGS - k : LAGS - k + WINDOW])
    said = f"orange: what it was {steps_of(k)} before"
    artists["heading"].put([said], np.array([[0.01, 0.96]]), colors=ORANGE, bold=[True])
    artists["pairs"].set_data(x[:-k] + jitter[0, k:], x[k:] + jitter[1, k:])
    artists["slope"].set_data([-4, 4], [-4 * r[k], 4 * r[k]])
    band = white_noise_band(len(x))
    artists["band"].set(y=-band, height=2 * band)
    artists["stems"].set_segments([[(lag, 0), (lag, r[lag])] for lag in range(1, LAGS + 1)])
    artists["here"].set_data([k], [r[k]])


def _describe(chosen: Mapping[str, Series], now: Prepared, series: str, k: int, shuffled: bool) -> str:
    r, band = now.r[k], white_noise_band(len(now.x))
    outside = "outside" if abs(r) > band else "inside"
    order = "shuffled" if shuffled else "in its order"
    return (
        f"{series}, {order}: values {steps_of(k)} apart have the autocorrelation {r:+.2f}, {outside} the "
        f"grey band ±{band:.2f} that holds 95 % of independent values. A step is {chosen[series].one_step}."
    )


def steps_of(k: int) -> str:
    """Number and noun: 1 step, 2 steps."""
    return f"{k} step{'s' * (k != 1)}"
