"""How deep can it be? Sizes and gradients in an untrained transformer, with and without residual paths and norms."""

from typing import NamedTuple

import numpy as np
from ipywidgets import Checkbox, Dropdown, FloatSlider, IntSlider
from jaxtyping import Float
from matplotlib.figure import Figure

from course_utils.analysis.depth import gradient_by_depth, mean_cosine
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.layers.branches import Branches
from course_utils.plots.palette import BLUE, MUTED, RED
from course_utils.tree import Array

D, N, H, T, DEEPEST = 32, 2, 64, 24, 16
LOW, HIGH = -9, 9
"""Powers of ten that are drawn."""
X: Array = np.random.default_rng(0).normal(size=(T, D))
DY: Array = np.random.default_rng(1).normal(size=(T, D)) / T


class Depth(NamedTuple):
    """Size, gradient and likeness at each of the 2 · blocks branches; likeness of what comes out."""

    curves: Float[Array, "3 L"]
    last: float


def passage(top: float, bottom: float) -> str:
    """What became of a gradient of length `top` by the time it reached the bottom, in words."""
    if top == 0 or bottom < 1e-12 * top:
        return "nothing of the gradient arrives at the bottom"
    ratio = bottom / top
    if not ratio < 1e12:
        return "the gradient grows beyond all bounds on its way down"
    if ratio < 0.1:
        return f"the gradient is {1 / ratio:,.0f} times shorter at the bottom than at the top"
    return f"the gradient is {ratio:,.{0 if ratio > 10 else 1}f} times as long at the bottom as at the top"


def residual_explorer() -> Explorer:
    """Controls: number of blocks, residual path, where the norm stands, and by what all weights are multiplied.

    Shown are the size of what enters each branch (attention and feed-forward in turn), the length of the gradient there of a
    loss at the top, and how much the steps point in one direction. The input is random, 24 steps of 32 features.
    """
    controls = {
        "blocks": IntSlider(8, 1, DEEPEST, description="number of blocks"),
        "residual": Checkbox(False, description="residual path  x +", indent=False),
        "place": Dropdown(
            options=[("none", "none"), ("before the branch", "before"), ("after the sum", "after")],
            value="none",
            description="norm",
        ),
        "weights": FloatSlider(0.5, min=0.1, max=3.0, step=0.1, description="size of the output"),
    }
    return Explorer(
        "ResidualExplorer", controls, compute=run, setup=_setup, update=_update, describe=_describe, figsize=(11.5, 3.4)
    )


def run(blocks: int, residual: bool, place: str, weights: float) -> Depth:
    """Forward and backward through all branches, at the same input and the same gradient at the top."""
    layer = Branches.init(D, blocks, N, H, rng=np.random.default_rng(2), place=place, residual=residual, scale=weights)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        _, trace = layer.forward(X)
        gradients = gradient_by_depth(layer.backward(DY, trace)[2])
        entered = [one.x for one in trace.branches]
        sizes = [np.sqrt(np.mean(one**2)) for one in entered]
        curves = np.array([sizes, gradients, [mean_cosine(one) for one in entered]])
        return Depth(curves, mean_cosine(trace.norm.x))


def _setup(figure: Figure) -> Artists:
    panels = figure.subplots(1, 3)
    titles = "size of what enters a branch", "gradient of the loss there", "how alike the steps are"
    colors, artists = (BLUE, RED, MUTED), []
    for ax, title, color in zip(panels, titles, colors, strict=True):
        ax.set_title(title, loc="left", size=11)
        ax.set(xlim=(0, 2 * DEEPEST + 1), xlabel="branch, counted from below")
        artists.append(ax.plot([], [], "o-", ms=4, color=color)[0])
    for ax in panels[:2]:
        ax.set(yscale="log", ylim=(10.0 ** (LOW - 0.5), 10.0 ** (HIGH + 0.5)))
        ax.set_yticks([10.0**k for k in range(LOW, HIGH + 1, 3)])
        ax.minorticks_off()
        ax.axhline(1, color=MUTED, lw=0.8)
    panels[2].set(ylim=(-0.1, 1.1), ylabel="mean cosine")
    return {"lines": artists}


def _update(artists: Artists, now: Depth) -> None:
    for line, values, log in zip(artists["lines"], now.curves, (True, True, False), strict=True):
        line.set_data(np.arange(1, len(values) + 1), np.clip(values, 10.0**LOW, 10.0**HIGH) if log else values)


def _describe(now: Depth, blocks: int, residual: bool, place: str) -> str:
    path = "With" if residual else "Without"
    norm = {"before": "norm before each branch", "after": "norm after each sum", "none": "no norms"}[place]
    return (
        f"{path} residual paths, {norm}, {blocks} blocks: {passage(now.curves[1, -1], now.curves[1, 0])}, "
        f"and the steps that come out have a mean cosine of {now.last:.2f}. "
        "(1: they all point the same way, and nobody can tell them apart.)"
    )
