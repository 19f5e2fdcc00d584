"""Mistakes in a loop back over the steps of a text: in one of its lines, or in how far it goes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.exercise import NotYet, call, close, edge, several
from course_utils.tree import Array

MISTAKES = {
    "forward": ("the loop runs from the first step to the last; a gradient comes from the end.", "reversed(range(T))"),
    "overwrite": ("only one step is left: each step overwrote the sums.", "dW_hh += ..., not dW_hh = ..."),
    "alone": ("each step stands alone: nothing comes back from the steps after it.", "dh = dy[t] + dh_future"),
    "before": ("the slope is taken at the state before the step; tanh made the one after it.", "1 - h[t + 1] ** 2"),
    "linear": ("the slope of tanh is missing: dz is dh itself.", "dz = dh * (1 - h[t + 1] ** 2)"),
    "again": ("h is tanh(z) already: you applied tanh a second time in the slope.", "1 - h[t + 1] ** 2"),
    "divided": ("you divided by the slope of tanh; going back multiplies by it.", "dz = dh * (1 - h[t + 1] ** 2)"),
    "slope": ("dz is the slope of tanh alone: what comes back, dh, plays no part.", "dz = dh * (1 - h[t + 1] ** 2)"),
    "around": ("what goes on to the step before goes around the tanh.", "dz @ W_hh.T, not dh @ W_hh.T"),
    "beside": (
        "the gradient of h[t + 1] is also handed on as it is; the old state has one path, through W_hh.",
        "dh_future = dz @ W_hh.T, not +=",
    ),
}


def mistaken(dy: Array, x: Array, h: Array, W_hh: Array, *, kinds: tuple[str, ...]) -> tuple[Array, ...]:
    """06.3 with some of the `MISTAKES`."""
    T, dh_future, sums = len(x), np.zeros_like(h[0]), [np.zeros((x.shape[2], h.shape[2])), 0 * W_hh, 0 * h[0, 0]]
    for t in range(T) if "forward" in kinds else reversed(range(T)):
        dh = dy[t] + dh_future
        made = h[t if "before" in kinds else t + 1]
        slope = 1 - (np.tanh(made) if "again" in kinds else made) ** 2
        dz = slope if "slope" in kinds else dh / slope if "divided" in kinds else dh * slope
        dz = dh if "linear" in kinds else dz
        own = [x[t].T @ dz, h[t].T @ dz, dz.sum(axis=0)]
        sums = own if "overwrite" in kinds else [total + part for total, part in zip(sums, own, strict=True)]
        beside = dh_future if "beside" in kinds else 0
        dh_future = (dh if "around" in kinds else dz) @ W_hh.T + beside
        dh_future = 0 * dh_future if "alone" in kinds else dh_future
    return (*sums, dh_future)


def diagnose_reach(answer: Callable[..., Any], bptt: Callable[..., Any], given: tuple[Array, ...]) -> None:
    """In a longer text: is the gradient followed to its beginning? Truncated BPTT is right for short ones."""
    T = len(given[0])
    got = several(call(answer, *given), "dW_xh, dW_hh, db_h, dh_0", 4)
    right = all(map(close, got, bptt(*given)))

    def through(windows: list[tuple[int, int]], last_only: bool = False) -> list[Array]:
        """The sums over windows that know nothing of each other; `last_only`: of their last step's output alone."""
        sums = []
        for first, end in windows:
            dy, x, h, W_hh = given[0][first:end].copy(), given[1][first:end], given[2][first : end + 1], given[3]
            dy[: -1 if last_only else 0] = 0
            sums.append(bptt(dy, x, h, W_hh)[:3])
        return [np.sum(parts, axis=0) for parts in zip(*sums, strict=True)]

    for k in range(1, 0 if right else T):
        for wrong, what in (
            (through([(max(0, t - k), t + 1) for t in range(T)], last_only=True),
             f"the gradient stops after {k} steps: what a loss says about earlier ones is lost."),
            (through([(max(0, end - k), end) for end in range(T, 0, -k)]),
             f"the gradient stops after {k} steps: the carried dh_future starts anew, counted from the end."),
            (through([(first, min(T, first + k)) for first in range(0, T, k)]),
             f"the gradient stops after {k} steps: the carried dh_future starts anew, counted from the beginning."),
            (through([(T - k, T)]), f"the loop stops after {k} steps: the earlier ones are not counted at all."),
            (through([(0, k)]), f"only the first {k} are counted."),
        ):  # fmt: skip
            if all(map(close, got, wrong)):
                raise NotYet(
                    f"right for the first example, of 4 steps; of {T}, {what}",
                    "go on to step 0: for t in reversed(range(len(x)))",
                )
    edge(f"a text of {T} steps", answer, bptt, *given)
