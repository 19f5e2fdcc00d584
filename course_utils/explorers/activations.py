"""Why tanh? The size of the state over 200 steps, for three activation functions and any spectral radius."""

from functools import lru_cache
from typing import Any

import numpy as np
from ipywidgets import Checkbox, FloatSlider
from jaxtyping import Float
from matplotlib.figure import Figure

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import encoded_characters
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.layers.embedding import Embedding
from course_utils.layers.rnn import RNN, Activation
from course_utils.plots.palette import ACTIVATIONS, INK, MUTED
from course_utils.tree import Array

H, T, STOP, BINS = 64, 200, 50, 40
LOW, HIGH = 1e-8, 1e16


def activations_explorer(*, seed: int = 0) -> Explorer:
    """Controls: the spectral radius of W_hh, and whether the text (one of ours) falls silent after 50 steps.

    The three networks have the same weights, made with `seed`; only the activation differs.
    """
    rng = np.random.default_rng(seed)
    x = Embedding.init(50, 16, rng=rng).forward(encoded_characters(EXAMPLES, T))[0]
    silenced = np.where(np.arange(T)[:, None] < STOP, x, 0)
    unit = RNN.init(16, H, rng=rng, radius=1.0)
    names: tuple[Activation, ...] = ("identity", "relu", "tanh")

    @lru_cache(maxsize=64)
    def states(radius: float, stop: bool) -> dict[str, Float[Array, "T H"]]:
        layers = {name: RNN(unit.W_xh, radius * unit.W_hh, unit.b_h, name) for name in names}
        return {name: rnn.forward(silenced if stop else x)[0] for name, rnn in layers.items()}

    def setup(figure: Figure, **_: Any) -> Artists:
        left, right = figure.subplots(1, 2, width_ratios=(1.9, 1))
        left.set(xlabel="step t (characters read)", ylabel="largest $|h_t|$ of the 64 units", yscale="log")
        left.set(xlim=(0, T), ylim=(LOW, HIGH))
        left.axhline(1, color=MUTED, lw=0.8)
        lines = [left.plot([], [], color=ACTIVATIONS[name], label=name)[0] for name in names]
        left.legend(loc="lower left", ncols=3)
        silence = left.axvspan(STOP, T, color=INK, alpha=0.06, lw=0, visible=False)
        right.set(
            xlabel="value of a unit",
            ylabel="share of all units and steps",
            xlim=(-1, 1),
            ylim=(0, 0.5),
            xticks=(-1, -0.5, 0, 0.5, 1),
        )
        right.set_title("the states of tanh")
        edges = np.linspace(-1, 1, BINS + 1)
        histogram = right.stairs(np.zeros(BINS), edges, fill=True, color=ACTIVATIONS["tanh"])
        return {"lines": lines, "silence": silence, "histogram": histogram}

    def update(artists: Artists, radius: float, stop: bool) -> None:
        all_states = states(radius, stop)
        for line, h in zip(artists["lines"], all_states.values(), strict=True):
            line.set_data(np.arange(1, T + 1), np.maximum(np.abs(h).max(axis=1), LOW / 10))
        artists["silence"].set_visible(stop)
        share = np.histogram(all_states["tanh"], BINS, (-1, 1))[0] / (T * H)
        artists["histogram"].set_data(share)

    def describe(radius: float, stop: bool) -> str:
        last = {name: np.abs(h[-1]).max() for name, h in states(radius, stop).items()}
        sizes = ", ".join(f"{name} {_size(value)}" for name, value in last.items())
        stuck = np.mean(np.abs(states(radius, stop)["tanh"]) > 0.95)
        quiet = f", {T - STOP} of them without input," if stop else ""
        return (
            f"Spectral radius {radius:.2f}: the largest unit after {T} steps{quiet} is {sizes}. Of the states of tanh, "
            f"{stuck:.0%} are beyond ±0.95, where it is nearly flat."
        )

    controls = {
        "radius": FloatSlider(1.1, min=0.3, max=2.0, step=0.05, description="ρ spectral radius of W_hh"),
        "stop": Checkbox(False, description="no input after step 50", indent=False),
    }
    return Explorer("ActivationsExplorer", setup, update, controls, describe=describe, figsize=(11.0, 3.8))


def _size(value: float) -> str:
    """Plain where that is readable: 0.83, 12; powers of ten elsewhere."""
    return f"{value:.2g}" if 1e-3 <= value < 1e3 or value == 0 else f"10^{round(np.log10(value))}"
