"""Drive one memory cell: set the gates at one step, and the forget bias at all others, and watch c and h."""

import numpy as np
from ipywidgets import FloatSlider, IntSlider
from matplotlib.figure import Figure

from course_utils.explorers.explorer import Artists, Explorer
from course_utils.layers.lstm import LSTM, LSTMTrace
from course_utils.plots.bands import column
from course_utils.plots.glyphs import Letters
from course_utils.plots.palette import GATES, INK, MUTED, YELLOW
from course_utils.tree import Array

STEPS = 20
NEWS: Array = np.zeros(STEPS)
NEWS[[1, 2, 5, 9, 12, 13, 17]] = 0.9, 0.5, -0.4, 0.8, -0.9, -0.3, 0.6
"""The candidate at every step: what there is to add, if the input gate lets it in."""
RESTING = {"i": 0.9, "o": 0.9}
"""Gates at the steps that are not driven by hand; the forget gate follows its bias."""
SHUT, WIDE = 1e-9, 1 - 1e-9


def drive(t: int, f: float, i: float, o: float, b_f: float) -> LSTMTrace:
    """A real LSTM of one unit that reads its gates from the input: step t (from 1 on) as given, the others at rest.

    t = 0 drives no step.
    """
    gates = np.stack([np.full(STEPS, RESTING["i"]), np.full(STEPS, 0.5), np.full(STEPS, RESTING["o"])], axis=1)
    bias = np.full(STEPS, b_f)
    if t:
        gates[t - 1], bias[t - 1] = (i, f, o), 0
    gates = np.clip(gates, SHUT, WIDE)
    x = np.concatenate([np.log(gates / (1 - gates)), np.arctanh(NEWS)[:, None]], axis=1)
    x[:, 1] += bias
    return LSTM(np.eye(4)[:, :, None], np.zeros((4, 1, 1)), np.zeros((4, 1))).forward(x)[1]


def left_alone(b_f: float) -> LSTMTrace:
    """The same with no step driven."""
    return drive(0, 0.0, 0.0, 0.0, b_f)


def lstm_cell_explorer() -> Explorer:
    """Controls: which step is driven, its forget, input and output gate, and the forget bias of all other steps."""

    def look(symbol: str, words: str, value: float) -> FloatSlider:
        return FloatSlider(value, min=0, max=1, step=0.05, description=f"{symbol}  {words}")

    controls = {
        "t": IntSlider(10, 1, STEPS, description="t  step driven by hand"),
        "f": look("f", "forget gate at t", 0.0),
        "i": look("i", "input gate at t", 1.0),
        "o": look("o", "output gate at t", 0.9),
        "b_f": FloatSlider(3.0, min=-2, max=6, step=0.25, description="b_f  forget bias elsewhere"),
    }
    return Explorer(
        "LSTMCellExplorer",
        controls,
        compute={"trace": drive, "untouched": left_alone},
        setup=_setup,
        update=_update,
        describe=_describe,
        figsize=(10.5, 5.4),
    )


def _setup(figure: Figure) -> Artists:
    gates, news, cell, state = figure.subplots(4, sharex=True, height_ratios=(1.1, 0.8, 1.6, 1))
    steps = np.arange(1, STEPS + 1)
    parts: Artists = {"gates": [], "here": []}
    colors = {"i": GATES["i"], "f": GATES["f"], "o": GATES["o"]}
    for k, (name, color) in enumerate(colors.items()):
        x = steps + 0.24 * (k - 1)
        gates.plot([], [], "s", color=color, label={"i": "input i", "f": "forget f", "o": "output o"}[name])
        parts["gates"].append(gates.vlines(x, 0, np.zeros(STEPS), color=color, lw=5))
    gates.set(ylim=(0, 1.05), yticks=(0, 1), yticklabels=("shut", "open"), xlim=(0.3, STEPS + 0.7))
    news.vlines(steps, 0, NEWS, color=GATES["c_tilde"], lw=5)
    news.axhline(0, color=MUTED, lw=0.8)
    news.set(ylim=(-1, 1), yticks=(-1, 0, 1), ylabel="news $\\tilde c_t$")
    cell.axhline(0, color=MUTED, lw=0.8)
    (parts["untouched"],) = cell.plot([], [], color=MUTED, lw=1.2, ls="--", label="the same, step t left alone")
    (parts["c"],) = cell.plot([], [], "o-", color=GATES["c"], lw=2.4, label="cell $c_t$")
    cell.set(ylim=(-1.6, 2.5), ylabel="cell $c_t$")
    state.axhline(0, color=MUTED, lw=0.8)
    (parts["told"],) = state.plot([], [], color=MUTED, lw=1.2, ls="--", label="tanh of the cell")
    (parts["h"],) = state.plot([], [], "o-", color=GATES["h"], label="state $h_t$")
    state.set(ylim=(-1.05, 1.05), yticks=(-1, 0, 1), ylabel="state $h_t$", xlabel="step t", xticks=steps)
    for ax, columns in ((gates, 1), (cell, 1), (state, 1)):
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), ncols=columns)
    for ax in (gates, news, cell, state):
        ax.grid(axis="x", visible=False)
        parts["here"].append(column(ax, 0.5, 1.5, color=YELLOW, alpha=0.3, lw=0, zorder=0))
    parts["value"] = Letters(cell, size=9.5, family="sans-serif", align=0.5)
    gates.set_title("The gates (top) act on the cell; the news is what there is to add")
    return parts


def _update(artists: Artists, trace: LSTMTrace, untouched: LSTMTrace, t: int, f: float, i: float) -> None:
    steps = np.arange(1, STEPS + 1)
    for k, (bars, gate) in enumerate(zip(artists["gates"], (trace.i, trace.f, trace.o), strict=True)):
        x = steps + 0.24 * (k - 1)
        bars.set_segments(np.stack([np.stack([x, np.zeros(STEPS)], 1), np.stack([x, gate[:, 0]], 1)], axis=1))
    artists["untouched"].set_data(range(STEPS + 1), untouched.c[:, 0])
    artists["c"].set_data(range(STEPS + 1), trace.c[:, 0])
    artists["told"].set_data(range(STEPS + 1), np.tanh(trace.c[:, 0]))
    artists["h"].set_data(steps, trace.h[1:, 0])
    for band in artists["here"]:
        band.set_x(t - 0.5)
    before, after = trace.c[t - 1 : t + 1, 0]
    artists["value"].put(
        [f"{f:.2f} · {_factor(before)} + {i:.2f} · {_factor(NEWS[t - 1])} = {after:.2f}".replace("-", "−")],
        np.array([[np.clip(t, 4, STEPS - 3), 2.12]]),
        colors=INK,
    )


def _factor(x: float) -> str:
    """As it stands in a product: a negative number in brackets."""
    return f"({x:.2f})" if x < 0 else f"{x:.2f}"


def _describe(trace: LSTMTrace, t: int, b_f: float) -> str:
    before, after = trace.c[t - 1 : t + 1, 0]
    gate = 1 / (1 + np.exp(-b_f))
    left = gate ** (STEPS - t)
    return (
        f"At step {t} the cell goes from {before:.2f} to f · {_factor(before)} + i · {_factor(NEWS[t - 1])} = {after:.2f}, and "
        f"tells o · tanh({after:.2f}) = {trace.h[t, 0]:.2f}. Elsewhere f = {gate:.2f}, which halves the cell every "
        f"{np.log(0.5) / np.log(gate):.1f} steps: of what it held after step {t}, {left:.0%} is left at the end."
    )
