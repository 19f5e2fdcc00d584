"""Send one gradient back through a recurrent network and watch it shrink or grow, next to what W_hh alone promises."""

from typing import NamedTuple

import numpy as np
from ipywidgets import Dropdown, FloatSlider, IntSlider, ToggleButtons
from jaxtyping import Float
from matplotlib.figure import Figure

from course_utils.analysis.gradients import factor_per_step, norms
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.layers.rnn import RNN, Activation, slope
from course_utils.plots.glyphs import Letters
from course_utils.plots.palette import BLUE, GREEN, INK, MUTED, RED
from course_utils.tree import Array

H, STEPS = 64, 100
LOW, HIGH = 1e-14, 1e8
BLOCK = 4
"""Length of the chains: units that each pass on to the next."""


class Matrix(NamedTuple):
    """A recurrent matrix of spectral radius 1, its eigenvalues and its largest singular value."""

    W: Float[Array, "H H"]
    eigenvalues: Array
    sigma_max: float


class Flow(NamedTuple):
    """One backward pass: the gradient's norm by distance, and the slopes it met."""

    norm: Float[Array, "S"]
    slopes: Float[Array, "T H"]


def matrix(kind: str, seed: int) -> Matrix:
    """A `random`, `orthogonal` or `chains` matrix of spectral radius 1."""
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(H, H)))[0]
    if kind == "random":
        W = rng.normal(size=(H, H))
        W /= np.abs(np.linalg.eigvals(W)).max()
        values = np.linalg.eigvals(W)
    elif kind == "orthogonal":
        W, values = Q, np.linalg.eigvals(Q)
    else:  # all eigenvalues are 1, yet it is far from an identity: each unit also feeds its neighbour
        chain = np.eye(H) + np.diag((np.arange(1, H) % BLOCK != 0).astype(float), 1)
        W, values = Q.T @ chain @ Q, np.ones(H, complex)
    return Matrix(W, values, float(np.linalg.svd(W, compute_uv=False)[0]))


def flow(W_hh: Matrix, activation: Activation, radius: float, scale: float, T: int, seed: int) -> Flow:
    """Read T random inputs and send a random gradient of length 1 back from the last state."""
    rng = np.random.default_rng([seed, 1])
    v, x = rng.normal(size=H), scale * rng.normal(size=(STEPS, H))[-T:]
    rnn = RNN(np.eye(H), radius * W_hh.W, np.zeros(H), activation)
    _, trace = rnn.forward(x)
    dtrace = rnn.backward(np.zeros_like(x), trace, v / np.linalg.norm(v))[2]
    return Flow(norms(dtrace.h), slope(activation, trace.z, trace.h[1:]))


def bptt_explorer() -> Explorer:
    """Controls: activation, kind of W_hh, its spectral radius, size of the inputs, length of the sequence, seed."""
    controls = {
        "activation": ToggleButtons(options=["tanh", "relu", "identity"], description="φ activation"),
        "kind": Dropdown(options=["random", "orthogonal", "chains"], description="W_hh kind of matrix"),
        "radius": FloatSlider(1.0, min=0.5, max=1.5, step=0.05, description="ρ spectral radius"),
        "scale": FloatSlider(0.5, min=0.1, max=2.0, step=0.1, description="x size of the inputs"),
        "T": IntSlider(60, 10, STEPS, description="T length (steps)"),
        "seed": IntSlider(0, 0, 19, description="seed"),
    }
    return Explorer(
        "BPTTExplorer",
        controls,
        compute={"W_hh": matrix, "flow": flow},
        setup=_setup,
        update=_update,
        describe=_describe,
        figsize=(11.0, 4.3),
    )


def _setup(figure: Figure) -> Artists:
    grid = figure.add_gridspec(2, 2, width_ratios=(2.3, 1), height_ratios=(1.5, 1))
    curve, plane, bars = figure.add_subplot(grid[:, 0]), figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
    curve.set(yscale="log", xlim=(0, STEPS), ylim=(LOW, HIGH), xlabel="distance from the loss (steps back)")
    curve.set(ylabel=r"norm of the gradient, $\|dh\|$", title="One gradient, sent back through time")
    k = np.arange(STEPS + 1)
    (bound,) = curve.plot(k, np.ones(STEPS + 1), ls="--", color=RED, lw=1.3, label=r"bound $\sigma_{\max}^k$")
    (power,) = curve.plot(k, np.ones(STEPS + 1), ls=":", color=INK, lw=1.6, label=r"$\rho^k$")
    (norm,) = curve.plot([], [], color=BLUE, lw=2.4, label=r"$\|dh\|$, k steps back")
    curve.legend(loc="lower left")
    first = curve.axvline(1, color=MUTED, lw=1)
    note = Letters(curve, size=9.0, family="sans-serif", align=1.0)
    angle = np.linspace(0, 2 * np.pi, 100)
    plane.plot(np.cos(angle), np.sin(angle), color=INK, lw=1, ls=":")
    plane.set(xlim=(-1.7, 1.7), ylim=(-1.7, 1.7), aspect="equal", xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    plane.set_title("Eigenvalues of $W_{hh}$", size=10.5)
    (dots,) = plane.plot([], [], "o", ms=3.5, color=GREEN, mec="none", alpha=0.8)
    edges = np.linspace(0, 1, 21)
    slopes = bars.stairs(np.zeros(20), edges, fill=True, color=BLUE, alpha=0.8)
    bars.set(xlim=(0, 1), ylim=(0, 1), xlabel="slope φ′(z)", ylabel="share", yticks=(0, 0.5, 1))
    bars.set_title("Slopes it met", size=10.5)
    return {"norm": norm, "bound": bound, "power": power, "first": first, "note": note, "dots": dots, "slopes": slopes}


def _update(artists: Artists, W_hh: Matrix, flow: Flow, radius: float, T: int) -> None:
    k = np.arange(STEPS + 1)
    artists["norm"].set_data(k[: T + 1], np.where(flow.norm > 0, flow.norm, np.nan))
    artists["bound"].set_ydata((radius * W_hh.sigma_max) ** k)
    artists["power"].set_ydata(radius**k)
    artists["first"].set_xdata([T, T])
    artists["note"].put(["first step "], np.array([[T, HIGH / 20]]), colors=MUTED)
    artists["dots"].set_data(radius * W_hh.eigenvalues.real, radius * W_hh.eigenvalues.imag)
    share = np.histogram(flow.slopes, bins=20, range=(0, 1))[0] / flow.slopes.size
    artists["slopes"].set_data(share)


def _describe(W_hh: Matrix, flow: Flow, radius: float, T: int) -> str:
    if not flow.norm[-1]:
        return f"Nothing arrives {T} steps back: every path leads through a slope of 0."
    return (
        f"{T} steps back the gradient has {flow.norm[-1]:.1e} of its length, a factor of "
        f"{factor_per_step(flow.norm):.2f} per step. ρ alone would make it {radius:.2f}, and no step can do more than "
        f"σ_max = {radius * W_hh.sigma_max:.2f}. The mean slope is {flow.slopes.mean():.2f}."
    )
