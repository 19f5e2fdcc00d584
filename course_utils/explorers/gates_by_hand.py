"""Drive the two gates of a GRU by hand: one unit, a short series, and one step at which the gates do something else."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
from ipywidgets import FloatSlider, IntSlider, ToggleButtons
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.data.series import stock
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.bands import column
from course_utils.plots.gates import COLORS
from course_utils.plots.palette import INK, MUTED, YELLOW
from course_utils.tree import Array

T, W = 30, 0.9
"""Steps, and the one weight: the candidate is tanh(x_t + W r_t h_{t-1})."""
STEPS: Array = np.arange(1, T + 1)
FLOOR = 1e-6


class Drive(NamedTuple):
    """What one unit did under these gates. The state has T+1 entries; slope[t] is |dh_T / dh_t|."""

    x: Float[Array, "T"]
    r: Float[Array, "T"]
    z: Float[Array, "T"]
    h: Float[Array, "T+1"]
    h_tilde: Float[Array, "T"]
    slope: Float[Array, "T+1"]


def drive(x: Float[Array, "T"], r: Float[Array, "T"], z: Float[Array, "T"]) -> Drive:
    """One unit with W_xh = 1, W_hh = 0.9 and no bias, whose gates are given instead of computed."""
    h, h_tilde, slope = np.zeros(len(x) + 1), np.zeros(len(x)), np.ones(len(x) + 1)
    for t in range(len(x)):
        h_tilde[t] = np.tanh(x[t] + W * r[t] * h[t])
        h[t + 1] = z[t] * h[t] + (1 - z[t]) * h_tilde[t]
    slope[:-1] = np.cumprod((z + (1 - z) * (1 - h_tilde**2) * W * r)[::-1])[::-1]
    return Drive(x, r, z, h, h_tilde, slope)


def small_series() -> dict[str, Float[Array, "T"]]:
    """Three inputs: pulses in silence, a wave in noise, and a real index, month by month."""
    pulses = np.zeros(T)
    pulses[[4, 13, 22]] = 1.4, -0.8, 0.6
    wave = np.sin(2 * np.pi * np.arange(T) / T) + 0.6 * np.random.default_rng(0).normal(size=T)
    index = np.diff(np.log(stock("^GSPC").values[-T - 1 :]))
    return {"three pulses": pulses, "noisy wave": wave, "S&P 500": index / index.std()}


def gates_by_hand_explorer() -> Explorer:
    """Controls: the series, both gates at every step, a step s, and both gates there.

    Everything is compared with the simple RNN of the same weights, which is r = 1, z = 0.
    """
    all_series = small_series()

    def gate(value: float, label: str) -> FloatSlider:
        return FloatSlider(value, min=0.0, max=1.0, step=0.05, description=label)

    controls = {
        "series": ToggleButtons(options=list(all_series), description="x series"),
        "r": gate(1.0, "r reset gate"),
        "z": gate(1.0, "z update gate"),
        "s": IntSlider(5, 1, T, description="s this step differs"),
        "r_s": gate(1.0, "r there"),
        "z_s": gate(0.0, "z there"),
    }
    return Explorer(
        "GatesByHandExplorer",
        controls,
        compute={"plain": partial(plain, all_series), "now": partial(driven, all_series)},
        setup=_setup,
        update=_update,
        describe=_describe,
        figsize=(10.0, 6.6),
    )


def plain(all_series: Mapping[str, Float[Array, "T"]], series: str) -> Drive:
    """The simple RNN of the same weights."""
    return drive(all_series[series], np.ones(T), np.zeros(T))


def driven(
    all_series: Mapping[str, Float[Array, "T"]], series: str, r: float, z: float, s: int, r_s: float, z_s: float
) -> Drive:
    """The unit with these gates at every step but s, and the others there."""
    return drive(all_series[series], *np.where(STEPS == s, [[r_s], [z_s]], [[r], [z]]))


def _update(artists: Artists, now: Drive, plain: Drive, s: int) -> None:
    r, z, ends = now.r, now.z, np.arange(T + 1)
    artists["x"].set_data(STEPS, now.x)
    artists["r"].set_data(np.stack([r, 0 * r, 0 * r], axis=1).ravel()[:-1])
    artists["z"].set_data(np.stack([0 * z, z, 0 * z], axis=1).ravel()[:-1])
    artists["candidate"].set_data(STEPS, now.h_tilde)
    artists["state"].set_data(ends, now.h)
    artists["plain state"].set_data(ends, plain.h)
    artists["slope"].set_data(ends, np.maximum(now.slope, FLOOR / 10))
    artists["plain slope"].set_data(ends, np.maximum(plain.slope, FLOOR / 10))
    for band in artists["here"]:
        band.set_x(s - 0.5)


def _describe(now: Drive, plain: Drive, r: float, z: float, s: int, r_s: float, z_s: float) -> str:
    mixes = {1.0: "copies the old state", 0.0: "drops the old state"}.get(z_s, "mixes old state and candidate")
    kept = "keeps" if z == 1 else f"keeps {z:.0%} of" if z else "rewrites"
    return (
        f"Step {s} {mixes} (z = {z_s:g}), and its candidate sees {r_s:.0%} of that; every other step {kept} the "
        f"state, and its candidate sees {r:.0%} of it. The end is {now.h[-1]:.2f}, in the simple RNN "
        f"{plain.h[-1]:.2f}. Of a change of the state after step {s}, {_share(now.slope[s])} is left at the end; "
        f"in the simple RNN {_share(plain.slope[s])}."
    )


def _share(slope: float) -> str:
    return f"{slope:.0%}" if slope >= 0.01 else "less than 1%"


def _setup(figure: Figure) -> Artists:
    rows: list[Axes] = list(figure.subplots(4, sharex=True, height_ratios=(0.8, 0.8, 1.3, 1.1)))
    series, gates, state, slope = rows
    series.set(ylabel="input $x_t$", ylim=(-3.3, 3.3), xlim=(-0.7, T + 0.7))
    series.axhline(0, color=MUTED, lw=0.8)
    (x,) = series.plot([], [], "o-", color=INK, ms=4, lw=1)
    edges = (np.arange(1, T + 1)[:, None] + np.array([-0.4, 0.0, 0.4])).ravel()
    gates.set(ylabel="gates", ylim=(0, 1.15), yticks=(0, 0.5, 1), yticklabels=("0 shut", "0.5", "1 open"))
    bars = {
        name: gates.stairs(np.zeros(len(edges) - 1), edges, fill=True, color=COLORS[name], label=label)
        for name, label in (("r", "reset gate $r_t$"), ("z", "update gate $z_t$"))
    }
    state.set(ylabel="state", ylim=(-1.1, 1.1))
    state.axhline(0, color=MUTED, lw=0.8)
    (plain,) = state.plot([], [], color=MUTED, lw=1.4, label="state of the simple RNN")
    (candidate,) = state.plot([], [], "o", color=COLORS["h_tilde"], ms=4.5, label=r"candidate $\tilde h_t$")
    (h,) = state.plot([], [], "o-", color=COLORS["h"], ms=3, lw=2, label="state $h_t$")
    slope.set(yscale="log", ylim=(FLOOR, 3), xlabel="step t")
    slope.set_ylabel(r"$|\partial h_T / \partial h_t|$")
    (plain_slope,) = slope.plot([], [], color=MUTED, lw=1.4, label="simple RNN")
    (own_slope,) = slope.plot([], [], color=COLORS["h"], lw=2, label="with these gates")
    for ax in (gates, state, slope):
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    here = [column(ax, 0.0, 1.0, color=YELLOW, alpha=0.35, lw=0, zorder=0.5) for ax in rows]
    return {
        "here": here,
        "x": x,
        **bars,
        "plain state": plain,
        "candidate": candidate,
        "state": h,
        "plain slope": plain_slope,
        "slope": own_slope,
    }
