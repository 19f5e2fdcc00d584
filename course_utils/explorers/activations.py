"""Why tanh? The size of the state over 200 steps, for three activation functions and any spectral radius."""

from functools import partial

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
NAMES: tuple[Activation, ...] = ("identity", "relu", "tanh")
States = dict[str, Float[Array, "T H"]]


def activations_explorer(*, seed: int = 0) -> Explorer:
    """Controls: the spectral radius of W_hh, and whether the text (one of ours) falls silent after 50 steps.

    The three networks have the same weights, made with `seed`; only the activation differs.
    """
    rng = np.random.default_rng(seed)
    x = Embedding.init(50, 16, rng=rng).forward(encoded_characters(EXAMPLES, T))[0]
    unit = RNN.init(16, H, rng=rng, radius=1.0)
    controls = {
        "radius": FloatSlider(1.1, min=0.3, max=2.0, step=0.05, description="ρ spectral radius of W_hh"),
        "stop": Checkbox(False, description="no input after step 50", indent=False),
    }
    return Explorer(
        "ActivationsExplorer",
        controls,
        compute=partial(states, unit, x),
        setup=_setup,
        update=_update,
        describe=_describe,
        figsize=(11.0, 3.8),
    )


def states(unit: RNN, x: Float[Array, "T D"], radius: float, stop: bool) -> States:
    """What the three networks make of x; `unit` holds their weights, for a spectral radius of 1."""
    layers = {name: RNN(unit.W_xh, radius * unit.W_hh, unit.b_h, name) for name in NAMES}
    read = np.where(np.arange(T)[:, None] < STOP, x, 0) if stop else x
    return {name: rnn.forward(read)[0] for name, rnn in layers.items()}


def _setup(figure: Figure) -> Artists:
    left, right = figure.subplots(1, 2, width_ratios=(1.9, 1))
    left.set(xlabel="step t (characters read)", ylabel="largest $|h_t|$ of the 64 units", yscale="log")
    left.set(xlim=(0, T), ylim=(LOW, HIGH))
    left.axhline(1, color=MUTED, lw=0.8)
    lines = [left.plot([], [], color=ACTIVATIONS[name], label=name)[0] for name in NAMES]
    left.legend(loc="lower left", ncols=3)
    silence = left.axvspan(STOP, T, color=INK, alpha=0.06, lw=0, visible=False)
    right.set(xlabel="value of a unit", ylabel="share of all units and steps")
    right.set(xlim=(-1, 1), ylim=(0, 0.5), xticks=(-1, -0.5, 0, 0.5, 1))
    right.set_title("the states of tanh")
    edges = np.linspace(-1, 1, BINS + 1)
    histogram = right.stairs(np.zeros(BINS), edges, fill=True, color=ACTIVATIONS["tanh"])
    return {"lines": lines, "silence": silence, "histogram": histogram}


def _update(artists: Artists, now: States, stop: bool) -> None:
    for line, h in zip(artists["lines"], now.values(), strict=True):
        line.set_data(np.arange(1, T + 1), np.maximum(np.abs(h).max(axis=1), LOW / 10))
    artists["silence"].set_visible(stop)
    artists["histogram"].set_data(np.histogram(now["tanh"], BINS, (-1, 1))[0] / (T * H))


def _describe(now: States, radius: float, stop: bool) -> str:
    sizes = ", ".join(f"{name} {_size(np.abs(h[-1]).max())}" for name, h in now.items())
    stuck = np.mean(np.abs(now["tanh"]) > 0.95)
    quiet = f", {T - STOP} of them without input," if stop else ""
    return (
        f"Spectral radius {radius:.2f}: the largest unit after {T} steps{quiet} is {sizes}. Of the states of tanh, "
        f"{stuck:.0%} are beyond ±0.95, where it is nearly flat."
    )


def _size(value: float) -> str:
    """Plain where that is readable: 0.83, 12; powers of ten elsewhere."""
    return f"{value:.2g}" if 1e-3 <= value < 1e3 or value == 0 else f"10^{round(np.log10(value))}"
