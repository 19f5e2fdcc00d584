"""Walk down the loss of a two-weight recurrent network, with the gradient clipped and without."""

from functools import partial

import numpy as np
from ipywidgets import FloatLogSlider, FloatSlider
from matplotlib.figure import Figure

from course_utils.experiments.cliff import Cliff, Descent
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.clipping import CLIPPING, FLOOR, landscape
from course_utils.plots.glyphs import Letters
from course_utils.plots.palette import BLUE, INK, MUTED, PAPER

STEPS = 60
NAMES = {"no clipping": "no clipping", "by norm": "clipped to norm c"}
W, B = (0.5, 3.0), (-1.4, 0.7)
"""What the map shows of the two weights; a start lies inside."""
NORMS = (1e-6, 1e5)


def clipping_explorer(cliff: Cliff | None = None) -> Explorer:
    """Controls: the threshold c, the learning rate, and the start (w, b). Both ways have the same rate and start."""
    cliff = Cliff() if cliff is None else cliff
    controls = {
        "c": FloatLogSlider(1.0, base=10, min=-2, max=2, step=0.1, readout_format=".2g", description="c threshold"),
        "lr": FloatLogSlider(
            0.1, base=10, min=-2, max=0, step=0.05, readout_format=".2g", description="lr learning rate"
        ),
        "w": FloatSlider(2.3, min=0.6, max=2.9, step=0.05, description="w start"),
        "b": FloatSlider(-0.2, min=-1.3, max=0.6, step=0.05, description="b start"),
    }
    return Explorer(
        "ClippingExplorer",
        controls,
        compute=partial(descend, cliff),
        setup=partial(_setup, cliff),
        update=_update,
        describe=_describe,
        figsize=(10.5, 4.6),
    )


def descend(cliff: Cliff, c: float, lr: float, w: float, b: float) -> Descent:
    """Both ways down from (w, b), the first without clipping."""
    return cliff.descend((w, b), lr, STEPS, np.array([np.inf, c]))


def _setup(cliff: Cliff, figure: Figure) -> Artists:
    w_axis, b_axis = np.linspace(*W, 241), np.linspace(*B, 241)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.25, 1))
    surface = cliff.surface(w_axis, b_axis)
    ground = landscape(surface, w_axis, b_axis, ax=figure.add_subplot(grid[:, 0]))
    losses, norms = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
    losses.set(yscale="log", ylim=(FLOOR / 2, 6), xlim=(0, STEPS), ylabel="loss L")
    norms.set(yscale="log", ylim=NORMS, xlim=(0, STEPS), ylabel="gradient norm", xlabel="step")
    losses.tick_params(labelbottom=False)
    parts: Artists = {"paths": [], "losses": [], "norms": []}
    for name, label in NAMES.items():
        color = CLIPPING[name]
        parts["paths"] += ground.plot([], [], "o-", color=color, ms=3, lw=1.2, label=label)
        parts["losses"] += losses.plot([], [], color=color, lw=1.6)
        parts["norms"] += norms.plot([], [], color=color, lw=1.6)
    ground.legend(loc="lower left", frameon=True, framealpha=0.9, edgecolor="none")
    (parts["start"],) = ground.plot([], [], "o", color=INK, ms=8, mfc="white", mew=1.6, zorder=4)
    parts["away"] = Letters(ground, size=9.0, family="sans-serif", align=1.0, transform=ground.transAxes)
    parts["threshold"] = norms.axhline(1, color=BLUE, lw=1, ls="--")
    norms.text(0.015, 0.9, "dashed: threshold c", transform=norms.transAxes, color=MUTED, size=8.5)
    return parts


def _update(artists: Artists, now: Descent, c: float, w: float, b: float) -> None:
    steps = np.arange(STEPS + 1)
    artists["start"].set_data([w], [b])
    artists["threshold"].set_ydata([c, c])
    gone = np.flatnonzero((np.abs(now.w[:, 0]) > 10) | (np.abs(now.b[:, 0]) > 10))
    said = [
        line
        for n in gone[:1]
        for line in (f"no clipping: step {n} lands at", f"w = {now.w[n, 0]:,.0f}, b = {now.b[n, 0]:,.0f}")
    ]
    artists["away"].put(said, np.array([[0.98, 0.085], [0.98, 0.04]]), colors=PAPER)
    for k in range(len(NAMES)):
        artists["paths"][k].set_data(now.w[:, k], now.b[:, k])
        artists["losses"][k].set_data(steps, np.clip(now.loss[:, k], FLOOR, None))
        artists["norms"][k].set_data(steps, np.clip(now.norm[:, k], *NORMS))


def _describe(now: Descent, c: float, lr: float, w: float, b: float) -> str:
    moved = np.hypot(now.w - w, now.b - b).max()
    if moved < 0.1 and now.loss.min() > 1:
        return (
            f"On the plateau: in {STEPS} steps neither way gets further than {moved:.1g} from its start. The gradient "
            f"is at most {now.norm.max():.1g}, and clipping never lengthens one."
        )
    jump = lr * now.norm[:-1, 0]
    at = int(jump.argmax())
    ends = now.loss[-1]
    clipped = int((now.norm[:-1, 1] > c).sum())
    return (
        f"Without clipping the longest step is step {at + 1}, {_length(jump[at])} long, from ({now.w[at, 0]:.1f}, "
        f"{now.b[at, 0]:.1f}) to ({now.w[at + 1, 0]:.1f}, {now.b[at + 1, 0]:.1f}). With clipping no step is longer "
        f"than lr · c = {_length(lr * c)}; {clipped} of {STEPS} were shortened. The last loss is {ends[0]:.2g} "
        f"without and {ends[1]:.2g} with clipping."
    )


def _length(step: float) -> str:
    """Two digits, but no power of ten for what is large: 0.034, 796."""
    return f"{step:.2g}" if step < 100 else f"{step:,.0f}"
